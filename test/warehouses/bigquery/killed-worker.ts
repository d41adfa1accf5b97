import { bigQueryBackend } from '../../../activities/warehouses/bigquery';
import type { ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { BulkLoad, Unit } from '../../../activities/warehouses/sql/port';

/** What the program does, as data. */
export interface WorkerTask {
  readonly config: ResolvedBigQueryConfig;
  readonly unit?: Unit;
  readonly bulk?: Omit<BulkLoad, 'batch' | 'context'> & { readonly root: string; readonly manifest: unknown };
}

/** Does one thing with a backend, to be killed in the middle of it, and prints what came of it. */
async function main({ config, unit, bulk }: WorkerTask): Promise<void> {
  const backend = bigQueryBackend(config);
  if (unit) process.stdout.write(`${JSON.stringify(await backend.unit(unit))}\n`);
  if (!bulk) return;
  const { root, manifest, ...input } = bulk;
  const { signal } = new AbortController();
  const context = { actor: {}, signal, progress: () => undefined };
  const batch = { store: openLocalFiles('raw', root), manifest };
  process.stdout.write(`${await backend.bulkLoad({ ...input, batch, context } as unknown as BulkLoad)}\n`);
}

void main(JSON.parse(process.argv[2]!) as WorkerTask).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
