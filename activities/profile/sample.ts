import { basename, dirname, resolve } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';
import type { CsvOptions, FilesSource } from '../../workflows/contract';
import { readCsvFacts, type TextFacts } from '../sources/csv-header';
import { duckName, duckText, openDuck, parquetFailure, parquetRelation, type Duck } from '../sources/duck';
import { formatOf } from '../sources/file-format';
import { readParquetFacts } from '../sources/parquet-facts';
import { openText } from '../sources/stored-text';
import { openLocalFiles } from '../stores/local-files';
import type { Store } from '../stores/store';
import { findDialect } from './dialect';

/** What a file says of how it is to be read. All optional: what is absent is found out. */
export interface SampleOptions {
  readonly format?: 'csv' | 'parquet';
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
 * @throws `SourceNotFound`, `UnsupportedFormat`, `CorruptFile`, `InvalidEncoding`, `RaggedRow`, `InvalidValue`
 */
export async function openSample(file: string, given: SampleOptions): Promise<Sample> {
  const path = basename(file);
  const plain = /\.(txt|text|dat|asc|psv|tab)$/i.test(path);
  const options: SampleOptions = plain ? { format: 'csv', ...given } : given;
  const store = openLocalFiles(dirname(file) || '.', dirname(resolve(file)));
  await store.stat(path);
  const duck = await openDuck();
  try {
    const reading: Reading = { duck, store, path, object: file };
    const source: FilesSource = { kind: 'files', store: store.name, glob: path, ...options };
    const { format } = formatOf([path], source, file);
    if (format === 'ndjson') throw sampleOfJson(file);
    return format === 'parquet' ? await openParquet(reading, options) : await openCsv(reading, options);
  } catch (error) {
    await duck.close();
    throw error;
  }
}

interface Reading {
  readonly duck: Duck;
  readonly store: Store;
  readonly path: string;
  readonly object: string;
}

async function openParquet(reading: Reading, { format }: SampleOptions): Promise<Sample> {
  const { duck, store, path, object } = reading;
  const facts = await readParquetFacts(duck.connection, store, path);
  const columns = facts.columns.map(({ name, duckType }, index) => ({
    source: name,
    name: `c${index}`,
    type: duckType,
  }));
  const list = facts.columns.map(({ duckName: name }, index) => `${duckName(name)} AS c${index}`);
  try {
    await duck.connection.run(
      `CREATE TABLE sample AS SELECT ${list.join(', ')} FROM ${parquetRelation(store.localPath(path))}`,
    );
  } catch (error) {
    throw parquetFailure(error, object);
  }
  return { duck, object, rows: facts.rows, columns, source: format ? { format } : {} };
}

async function openCsv(reading: Reading, options: SampleOptions): Promise<Sample> {
  const { duck, store, path, object } = reading;
  const local = store.localPath(path);
  // Encoding and packing are refused in the words of a load.
  const first = await headOf(store, path, {
    delimiter: ',',
    quote: '"',
    escape: '"',
    nullText: '',
    header: false,
  });
  if (first.rows === 0) throw emptyFile(object);
  const csv = await findDialect(duck, local, options.csv ?? {}).catch((error: unknown) => {
    throw csvFailure(error, object);
  });
  const { columns: header } = await headOf(store, path, csv);
  const width = header?.length ?? (await countFields(duck, local, csv, object));
  const columns = Array.from({ length: width }, (_, index) => ({
    source: header?.[index] ?? `column_${index + 1}`,
    name: `c${index}`,
    type: 'VARCHAR',
  }));
  await createFromCsv(duck, local, csv, columns, object);
  const counted = await duck.connection.runAndReadAll('SELECT count(*)::DOUBLE FROM sample');
  return { duck, object, rows: Number(counted.getRows()[0]?.[0]), columns, source: differing(path, csv, options) };
}

async function headOf(store: Store, path: string, csv: Required<CsvOptions>): Promise<TextFacts> {
  const { stream } = await openText(store, path);
  try {
    return await readCsvFacts(stream, csv, `${store.name}/${path}`);
  } finally {
    stream.destroy();
  }
}

async function countFields(duck: Duck, local: string, csv: Required<CsvOptions>, object: string): Promise<number> {
  const { delimiter, quote, escape } = csv;
  const sniffed = await duck.connection
    .runAndReadAll(
      `SELECT len(Columns) FROM sniff_csv(${duckText(local)}, header = false, skip = 0, all_varchar = true,
       delim = ${duckText(delimiter)}, quote = ${duckText(quote)}, escape = ${duckText(escape)})`,
    )
    .catch((error: unknown) => {
      throw csvFailure(error, object);
    });
  return Number(sniffed.getRows()[0]?.[0]);
}

async function createFromCsv(
  duck: Duck,
  local: string,
  { delimiter, quote, escape, nullText, header }: Required<CsvOptions>,
  columns: readonly SampleColumn[],
  object: string,
): Promise<void> {
  const struct = columns.map(({ name }) => `${name}: 'VARCHAR'`).join(', ');
  const relation = `read_csv(${duckText(local)}, auto_detect = false, columns = {${struct}}, header = ${header},
    delim = ${duckText(delimiter)}, quote = ${duckText(quote)}, escape = ${duckText(escape)}, nullstr = ${duckText(nullText)},
    allow_quoted_nulls = false, strict_mode = true, null_padding = false, skip = 0, comment = '', max_line_size = 33554432,
    buffer_size = 67108864)`;
  try {
    await duck.connection.run(`CREATE TABLE sample AS SELECT * FROM ${relation}`);
  } catch (error) {
    throw csvFailure(error, object);
  }
}

/** The options that a load of this file must be given. */
function differing(path: string, csv: Required<CsvOptions>, options: SampleOptions): Sample['source'] {
  const byEnding = /\.tsv(\.\w+)?$/i.test(path) ? '\t' : ',';
  const { delimiter, quote, escape, nullText, header } = csv;
  const needed: CsvOptions = {
    ...(delimiter === byEnding ? {} : { delimiter }),
    ...(quote === '"' ? {} : { quote }),
    ...(escape === quote ? {} : { escape }),
    ...(nullText === '' ? {} : { nullText }),
    ...(header ? {} : { header }),
  };
  return {
    ...(options.format ? { format: options.format } : {}),
    ...(Object.keys(needed).length > 0 ? { csv: needed } : {}),
  };
}

const sampleOfJson = (object: string): ApplicationFailure =>
  loadFailure('UnsupportedFormat', {
    what: 'A contract is proposed from CSV or Parquet; NDJSON can be loaded, but not yet be a sample.',
    object,
    remedy: `Make a sample of it: duckdb -c "COPY (FROM read_json('sample.ndjson')) TO 'sample.parquet'".`,
  });

const emptyFile = (object: string): ApplicationFailure =>
  loadFailure('UnsupportedFormat', {
    what: 'The sample is empty.',
    object,
    expected: 'a header and some rows',
    got: 'a file without text',
    remedy: 'Name a file that holds rows.',
  });

/** DuckDB quotes the line that it could not read; of its message only the line's number is told. */
function csvFailure(error: unknown, object: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const message = String((error as { message?: unknown }).message);
  if (/unicode|utf-?8/i.test(message)) return loadFailure('InvalidEncoding', { object });
  const line = /Line: (\d+)/.exec(message)?.[1];
  return loadFailure('RaggedRow', {
    what: 'The file cannot be read as rows of one width.',
    object,
    expected: 'as many fields in every line as in the first',
    ...(line === undefined ? {} : { got: `another number, or a stray quote, in line ${line}` }),
    remedy: 'Correct the line, remove what stands above the header, or say --delimiter and --quote.',
  });
}
