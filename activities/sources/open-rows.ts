import { loadFailure } from '../../workflows/load-error';
import { batchStoreName, stateStoreName } from '../stores/state-store';
import type { ListedFile, Store } from '../stores/store';
import { plainCsv } from './csv-options';
import type { Duck } from './duck';
import { hashFile, sourceChanged } from './hash-file';
import type { Manifest, ManifestFile } from './manifest';
import { type ParquetColumn, readParquetFacts } from './parquet-facts';
import { openParquetText } from './parquet-rows';
import { openNdjsonText } from './ndjson-rows';
import type { RowStream, WantedColumn } from './row-stream';
import { openText } from './stored-text';

/** What {@link openRows} is told. */
export interface OpenRowsInput {
  readonly store: Store;
  readonly manifest: Manifest;
  readonly file: ManifestFile;
  /** Columns to read. CSV is passed on whole. */
  readonly wanted: readonly WantedColumn[];
  /** What to do with fields of NDJSON that are not wanted. @default 'refuse' */
  readonly extraColumns?: 'refuse' | 'ignore';
  readonly signal: AbortSignal;
}

/**
 * Opens the rows of one file of a batch. Destroy the stream, or read it to its end; then everything is cleaned up.
 *
 * @throws `SourceChanged`, `CorruptFile`, `MissingColumn`, and what the store throws; the stream fails likewise
 */
export async function openRows(input: OpenRowsInput): Promise<RowStream> {
  const { store, file, manifest } = input;
  const opened = await store.stat(file.path, file).catch((error: unknown) => {
    if (
      ![stateStoreName, batchStoreName].includes(store.name) ||
      (error as { type?: string }).type !== 'SourceNotFound'
    )
      throw error;
    throw loadFailure('BatchMissing', { object: `${store.name}/${file.path}`, cause: error });
  });
  if (opened.bytes !== file.bytes) throw sourceChanged(store, file.path);
  return manifest.format === 'parquet' ? openParquet(input, opened) : openTextRows(input);
}

async function openTextRows(input: OpenRowsInput): Promise<RowStream> {
  const { store, manifest, file, signal, wanted, extraColumns = 'refuse' } = input;
  const text = await openText(store, file.path, signal, file);
  const verify = async (): Promise<void> => {
    const unpacked = text.consumed();
    const padded = unpacked !== null && unpacked < file.bytes;
    // Unpacking stops at padding, so the rest of the file has not been hashed.
    const sha256 = padded ? await hashPadded(store, file, unpacked, signal) : text.sha256();
    if (sha256 !== file.sha256) throw sourceChanged(store, file.path);
  };
  const { bytesRead } = text;
  if (manifest.format === 'csv') {
    return { stream: text.stream, columns: file.columns, csv: manifest.csv, bytesRead, verify };
  }
  const rows = openNdjsonText(text.stream, { columns: wanted, extraColumns, object: `${store.name}/${file.path}` });
  return { ...rows, columns: wanted.map(({ from }) => from), csv: null, bytesRead, verify };
}

/** Tape-like tools pad gzip with zeros. Anything else there would be data that unpacking has not seen. */
async function hashPadded(store: Store, file: ManifestFile, from: number, signal: AbortSignal): Promise<string> {
  let at = 0;
  for await (const chunk of store.read(file.path, file) as AsyncIterable<Buffer>) {
    const rest = chunk.subarray(Math.max(0, from - at));
    if (rest.some((byte) => byte !== 0)) {
      throw loadFailure('CorruptFile', {
        object: `${store.name}/${file.path}`,
        expected: 'the end of the file after its gzip data',
        got: 'more data',
      });
    }
    at += chunk.length;
  }
  return hashFile(store, file.path, { signal, pin: file });
}

async function openParquet({ store, file, wanted, signal }: OpenRowsInput, opened: ListedFile): Promise<RowStream> {
  const object = `${store.name}/${file.path}`;
  const local = await store.local(file.path, file, signal);
  const columns = async (duck: Duck): Promise<ParquetColumn[]> => {
    if (local.sha256 !== null && local.sha256 !== file.sha256) throw sourceChanged(store, file.path);
    const facts = await readParquetFacts(duck.connection, local.path, object);
    return pick(facts.columns, wanted, object);
  };
  const text = await openParquetText({ local: local.path, object, signal, columns }).catch(async (error: unknown) => {
    await local.release();
    throw error;
  });
  text.stream.once('close', () => void local.release());
  const verify = async (): Promise<void> => {
    // Nobody else can have touched a copy.
    if (local.sha256 !== null) return;
    // A file that was swapped for another and back has its hash again, but not its stamp.
    const { stamp } = await store.stat(file.path);
    if (stamp !== opened.stamp || (await hashFile(store, file.path, { signal })) !== file.sha256) {
      throw sourceChanged(store, file.path);
    }
  };
  const csv = { ...plainCsv, header: false };
  const bytesRead = (): number => Math.round(text.fraction() * file.bytes);
  return { stream: text.stream, columns: wanted.map(({ from }) => from), csv, bytesRead, verify };
}

function pick(columns: readonly ParquetColumn[], wanted: readonly WantedColumn[], object: string): ParquetColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  if (wanted.length === 0) throw loadFailure('InvalidRequest', { object, expected: 'at least one column to read' });
  return wanted.map(({ from: name }) => {
    const column = byName.get(name);
    if (column) return column;
    throw loadFailure('MissingColumn', { object, expected: `column ${JSON.stringify(name)}` });
  });
}
