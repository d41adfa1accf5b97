import { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';
import type { CsvOptions } from '../../workflows/contract';
import { readCsvFacts, type TextFacts } from '../sources/csv-header';
import { plainCsv } from '../sources/csv-options';
import { duckText, type Duck } from '../sources/duck';
import { openText } from '../sources/stored-text';
import type { Store } from '../stores/store';
import { findDialect } from './dialect';
import { countRows, emptyFile, type Reading, type Sample, type SampleColumn, type SampleOptions } from './sample';

/** Opens a text file, however its fields are divided. */
export async function openCsv(reading: Reading, options: SampleOptions): Promise<Sample> {
  const { duck, store, path, object } = reading;
  const { path: local } = await store.local(path);
  // Encoding and packing are refused in the words of a load.
  const first = await headOf(store, path, { ...plainCsv, header: false });
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
  return { duck, object, rows: await countRows(duck), columns, source: differing(path, csv, options) };
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
