import { readFileSync } from 'node:fs';
import { openSnowflake } from '../../../activities/warehouses/snowflake';
import type { PublishStage } from '../../../activities/warehouses/warehouse';
import type { OpenLoad } from '../../../workflows/contract';
import { snowflakeAt } from './snowflake-place';

/** A process that publishes one load and says so, for tests that kill it. */
async function main(file: string): Promise<void> {
  const { open, stages } = JSON.parse(readFileSync(file, 'utf8')) as { open: OpenLoad; stages: PublishStage[] };
  const warehouse = openSnowflake('main', snowflakeAt(process.env['PLACE_URL']!, process.env['PLACE_DATABASE']!));
  const actor = { workflowId: 'w1', runId: 'r1', activityId: '1', scheduledAtMs: 1, attempt: 1, buildId: 'test' };
  const { signal } = new AbortController();
  const receipt = await warehouse.publish(open, stages, { actor, signal, progress: () => undefined });
  process.stdout.write(`${receipt.outcome}\n`);
  await warehouse.close();
}

void main(process.argv[2]!).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
