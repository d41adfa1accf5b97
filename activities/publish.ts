import type { LoadReceipt, PublishInput } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';
import { readManifest } from './sources';

/** See `LoadActivities['loadline.publish']`. */
export function publish(deps: ActivityDeps, { open, stages, verdict }: PublishInput): Promise<LoadReceipt> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, { warehouse, open }, async (context) => {
    const publishing = await Promise.all(
      stages.map(async (audited) => ({
        audited,
        manifest: await readManifest(deps.stateDir, audited.batch, deps.batchStore),
      })),
    );
    return warehouse.publish(open, publishing, context, verdict);
  });
}
