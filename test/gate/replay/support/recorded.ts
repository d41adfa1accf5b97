import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import {
  readHistory,
  replayHistories,
  type Divergence,
  type NamedHistory,
  type ReplayBundle,
  type ReplayOptions,
} from '../../../../workers/replay';

const folder = join(__dirname, '..', '..', '..', 'histories');

/** The recorded histories, by the name of their path. */
export const recorded: ReadonlyMap<string, NamedHistory> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => file.replace(/\.json$/, ''))
    .map((name) => [
      name.replace('protocol-1.', ''),
      readHistory(readFileSync(join(folder, `${name}.json`), 'utf8'), name),
    ]),
);

/** Core warns of each history that does not replay. */
export function installQuietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'off', forward: {} } },
  });
}

/** What was found, by the name of the history; those without divergence are left out. */
export async function divergencesOf(
  bundle: ReplayBundle,
  histories: Iterable<NamedHistory> = recorded.values(),
  options?: ReplayOptions,
): Promise<Map<string, readonly Divergence[]>> {
  const found = new Map<string, readonly Divergence[]>();
  for await (const { name, divergences } of replayHistories(bundle, histories, options))
    if (divergences.length > 0) found.set(name.replace('protocol-1.', ''), divergences);
  return found;
}
