import { basename, dirname, resolve } from 'node:path';
import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import type { CsvOptions, FilesSource } from '../../workflows/contract';
import { duckName, openDuck, parquetFailure, parquetRelation, type Duck } from '../sources/duck';
import { formatOf } from '../sources/file-format';
import { readParquetFacts } from '../sources/parquet-facts';
import { openLocalFiles } from '../stores/local-files';
import type { Store } from '../stores/store';
import { openCsv } from './csv-sample';
import { openNdjson } from './ndjson-sample';

/** What a file says of how it is to be read. All optional: what is absent is found out. */
export interface SampleOptions {
  readonly format?: 'csv' | 'ndjson' | 'parquet';
  readonly csv?: CsvOptions;
}

/** A column of a sample: of the file, and of the table `sample`. */
export interface SampleColumn {
  /** The name in the source; without a header made up. */
  readonly source: string;
  /** The name in the table `sample`. */
  readonly name: string;
  /** DuckDB's type; `VARCHAR` for all text. */
  readonly type: string;
}

/** A file as the table `sample` of a DuckDB of its own. */
export interface Sample {
  readonly duck: Duck;
  readonly object: string;
  readonly rows: number;
  readonly columns: readonly SampleColumn[];
  /** How loads must read the file, where it differs from how they read one with this ending. */
  readonly source: Pick<FilesSource, 'format' | 'csv'>;
}

/**
 * Reads a file as a whole. Close the DuckDB afterwards.
 *
 * @throws `SourceNotFound`, `UnsupportedFormat`, `CorruptFile`, `InvalidEncoding`, `RaggedRow`, `InvalidValue`, `MalformedJson`
 */
export async function openSample(file: string, given: SampleOptions): Promise<Sample> {
  const path = basename(file);
  const plain = /\.(txt|text|dat|asc|psv|tab)$/i.test(path);
  const options: SampleOptions = plain ? { format: 'csv', ...given } : given;
  const store = openLocalFiles(dirname(file) || '.', dirname(resolve(file)));
  await store.stat(path).catch((error: unknown) => {
    throw noSample(error, file);
  });
  const duck = await openDuck();
  try {
    const reading: Reading = { duck, store, path, object: file };
    const source: FilesSource = { kind: 'files', store: store.name, glob: path, ...options };
    const { format } = formatOf([path], source, file);
    const open = { csv: openCsv, ndjson: openNdjson, parquet: openParquet }[format];
    return await open(reading, options);
  } catch (error) {
    await duck.close();
    throw error;
  }
}

/** In the words of somebody who has named a file, rather than of a load. */
function noSample(error: unknown, object: string): unknown {
  const code = loadErrorOf(error)?.type;
  if (code === 'SourceNotFound')
    return loadFailure(code, { what: 'There is no such file.', object, remedy: 'Correct the path.', cause: error });
  if (code !== 'InvalidRequest') return error;
  return loadFailure(code, {
    what: 'The sample is no file.',
    object,
    expected: 'a file',
    got: 'a folder or a special file',
    remedy: 'Name one of the files in it.',
    cause: error,
  });
}

/** A file that is about to be read. */
export interface Reading {
  readonly duck: Duck;
  readonly store: Store;
  readonly path: string;
  /** For failures. */
  readonly object: string;
}

async function openParquet(reading: Reading, { format }: SampleOptions): Promise<Sample> {
  const { duck, store, path, object } = reading;
  const { path: local } = await store.local(path);
  const facts = await readParquetFacts(duck.connection, local, `${store.name}/${path}`);
  const columns = facts.columns.map(({ name, duckType }, index) => ({
    source: name,
    name: `c${index}`,
    type: duckType,
  }));
  const list = facts.columns.map(({ duckName: name }, index) => `${duckName(name)} AS c${index}`);
  try {
    await duck.connection.run(`CREATE TABLE sample AS SELECT ${list.join(', ')} FROM ${parquetRelation(local)}`);
  } catch (error) {
    throw parquetFailure(error, object);
  }
  return { duck, object, rows: facts.rows, columns, source: format ? { format } : {} };
}

/** How many rows the table `sample` has. */
export async function countRows(duck: Duck): Promise<number> {
  const counted = await duck.connection.runAndReadAll('SELECT count(*)::DOUBLE FROM sample');
  return Number(counted.getRows()[0]?.[0]);
}

/** The failure of a file with nothing in it. */
export const emptyFile = (object: string): Error =>
  loadFailure('UnsupportedFormat', {
    what: 'The sample is empty.',
    object,
    expected: 'a header and some rows',
    got: 'a file without text',
    remedy: 'Name a file that holds rows.',
  });
