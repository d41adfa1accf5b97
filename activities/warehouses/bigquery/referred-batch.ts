import { loadFailure } from '../../../workflows/load-error';
import type { ManifestFile } from '../../sources/manifest';
import type { BulkLoad } from '../sql/port';
import type { LoadConfiguration } from './api';
import type { ResolvedBigQueryConfig } from './config';
import { loadField } from './types';

/** A load of files where they are, in Cloud Storage. */
export interface ReferredLoad {
  readonly load: Pick<LoadConfiguration, 'sourceFormat' | 'sourceUris'>;
  /** @throws `SourceChanged` when a file is no longer the one of the batch */
  verify(): Promise<void>;
}

/** The most files of one load job. */
const maxUris = 10_000;

/**
 * How BigQuery can load the batch by itself; `null`: it has to be read by the worker, because the files are elsewhere, or BigQuery
 * would read them otherwise than other warehouses do.
 */
export async function referredLoad(config: ResolvedBigQueryConfig, input: BulkLoad): Promise<ReferredLoad | null> {
  const { store, manifest } = input.batch;
  const { files, format } = manifest;
  if (!store.root.startsWith('gs://') || files.length === 0 || files.length > maxUris) return null;
  // In an address an asterisk is any text.
  if (files.some(({ path }) => /[*\n\r]/.test(path))) return null;
  const options = format === 'parquet' ? parquet(input) : config.referCsv && format === 'csv' ? csv(input) : null;
  if (options === null) return null;
  const root = store.root.replace(/\/+$/, '');
  const verify = async (): Promise<void> => {
    for (const file of files) await refuseChanged(input, file);
  };
  // What is no longer there as it was listed, the worker may still have, or says what has become of it.
  if ((await verify().catch((error: unknown) => error)) !== undefined) return null;
  return { load: { sourceUris: files.map(({ path }) => `${root}/${path}`), ...options }, verify };
}

type Options = Pick<LoadConfiguration, 'sourceFormat'>;

/** Types that BigQuery reads from Parquet as other warehouses do. Of others it takes values that they refuse, or rounds them. */
const alike = /^(text|bigint|double|boolean|date|timestamptz|bytes)$/;

function parquet({ batch, columns, target }: BulkLoad): Options | null {
  const { files } = batch.manifest;
  if (!columns.every(({ name }) => alike.test(target.contract.columns[name]?.type ?? ''))) return null;
  const same = files.every((file) => holdsExactly(file, columns, target.contract.extraColumns));
  return same ? { sourceFormat: 'PARQUET', ...{ parquetOptions: { enableListInference: true } } } : null;
}

/** CSV is read by position, so that all files must have the same columns in the same order. */
function csv({ batch, columns }: BulkLoad): Options | null {
  const { files, csv: text } = batch.manifest;
  const [first] = files;
  const order = first?.columns ?? null;
  const plain = text.quote === '"' && text.escape === '"' && text.header && text.nullText === '';
  if (!plain || order === null || !columns.every(({ type }) => type === 'STRING')) return null;
  if (files.some((file) => file.columns?.join('\n') !== order.join('\n') || !/\.(csv|tsv)(\.gz)?$/i.test(file.path)))
    return null;
  const named = order.map((from) => columns.find((column) => column.from === from));
  if (named.length !== columns.length || named.includes(undefined)) return null;
  const options = {
    schema: { fields: named.map((column) => loadField(column!.name, column!.type)) },
    fieldDelimiter: text.delimiter,
    quote: '"',
    nullMarker: '',
    skipLeadingRows: 1,
    allowQuotedNewlines: true,
    allowJaggedRows: false,
    encoding: 'UTF-8',
  };
  return { sourceFormat: 'CSV', ...options };
}

function holdsExactly(
  file: ManifestFile,
  columns: BulkLoad['columns'],
  extraColumns: 'refuse' | 'ignore' = 'refuse',
): boolean {
  // BigQuery matches by name, and knows no other name of a column than the table's.
  const named = columns.every(({ name, from }) => name === from && (file.columns ?? []).includes(name));
  return named && (file.columns?.length === columns.length || extraColumns === 'refuse');
}

/** BigQuery reads an object as it is at the time, and not a generation of it. */
async function refuseChanged({ batch: { store } }: BulkLoad, file: ManifestFile): Promise<void> {
  const { identity, bytes } = await store.stat(file.path);
  if (bytes === file.bytes && file.identity !== null && identity === file.identity) return;
  throw loadFailure('SourceChanged', { object: `${store.name}/${file.path}` });
}
