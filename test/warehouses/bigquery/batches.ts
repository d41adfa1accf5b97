import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeManifest } from '../../../activities/sources/batch';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { ListedFile, Store } from '../../../activities/stores/store';
import { raw, sql, type BulkLoad } from '../../../activities/warehouses/sql/port';
import type { StepContext } from '../../../activities/warehouses/warehouse';
import type { FilesSource, OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { bigQueryGcsRoot } from '../../services/bigquery/standin-client';
import type { TestBackend } from './support';

/** What a batch of a test is made of. */
export interface TestBatch {
  readonly files: Readonly<Record<string, string | Buffer>>;
  /** Types of the contract by column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly contract?: Partial<TableContract>;
  readonly source?: Partial<FilesSource>;
  /** Types of the stage. @default all text */
  readonly stage?: Readonly<Record<string, string>>;
  /** Whether the files lie in the stand-in's Cloud Storage. @default false */
  readonly inGcs?: boolean;
  /** The stage's name. @default one of its own */
  readonly name?: string;
}

let stages = 0;
const folders: string[] = [];

/** Removes what {@link bulk} has written. */
export async function removeBatches(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Writes files, makes their manifest and a stage for them: what `bulkLoad` is asked with. */
export async function bulk(backend: TestBackend, batch: TestBatch): Promise<BulkLoad> {
  const input = await bulkInput(backend.stageSchema, batch);
  const columns = input.columns.map(({ name, type }) => `${backend.dialect.ident(name)} ${type}`);
  await backend.run('stage', sql`CREATE TABLE IF NOT EXISTS ${raw(input.stage)} (${raw(columns.join(', '))})`);
  return input;
}

/** The same without a warehouse. */
export async function bulkInput(stageSchema: string, given: TestBatch): Promise<BulkLoad> {
  const name = given.name ?? `s_${process.pid}_${++stages}`;
  const store = await storeOf(given, name);
  const source = { kind: 'files', store: 'raw', glob: '**', ...given.source } as FilesSource;
  const stateDir = await folder('state');
  const { signal } = new AbortController();
  const { manifest } = await writeManifest({
    store,
    source,
    files: await store.list('**/*'),
    identity: 'path',
    stateDir,
    signal,
  });
  const contract: TableContract = {
    name: 'orders',
    table: 'analytics/d.orders',
    columns: Object.fromEntries(Object.entries(given.columns).map(([column, type]) => [column, { type }])),
    ...given.contract,
  };
  return {
    open: { loadId: 'L-1', loadKey: 'v1/p/t/files', pipeline: 'Orders daily!' } as OpenLoad,
    target: { contract, mode: 'append', source, target: 'p.d.orders', columns: null } as unknown as OpenTarget,
    stage: `${stageSchema}.\`${name}\``,
    columns: Object.keys(contract.columns).map((column) => ({
      name: column,
      from: contract.columns[column]!.from ?? column,
      type: given.stage?.[column] ?? 'STRING',
    })),
    batch: { store, manifest },
    context: { actor: {}, signal, progress: () => undefined } as unknown as StepContext,
  };
}

async function storeOf({ files, inGcs }: TestBatch, name: string): Promise<Store> {
  const root = inGcs ? join(bigQueryGcsRoot(), 'bucket', name) : await folder('files');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const store = openLocalFiles('raw', root);
  if (!inGcs) return store;
  // An object of Cloud Storage has a generation from the beginning.
  const generation = (file: ListedFile): ListedFile => ({ ...file, identity: file.stamp });
  return {
    ...store,
    root: `gs://bucket/${name}`,
    list: async (glob) => (await store.list(glob)).map(generation),
    stat: async (path) => generation(await store.stat(path)),
  };
}

async function folder(kind: string): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), `loadline-bigquery-${kind}-`));
  folders.push(made);
  return made;
}
