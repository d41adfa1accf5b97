import { stringify } from 'csv-stringify/sync';
import { loadFailure } from '../../workflows/load-error';
import { type Row, writtenValue } from './written-value';

export type { Row } from './written-value';

/** Rows as CSV text in the order of the columns, the header first. */
export interface WrittenRows {
  text(): AsyncGenerator<string>;
  columns(): readonly string[];
  /** Rows so far, without the header. */
  count(): number;
}

type TextRecord = readonly (string | null)[];

/** Turns rows into CSV text. The columns are those given, else the keys of the first row. */
export function toCsv(
  rows: AsyncIterable<Row> | Iterable<Row>,
  options: { readonly name: string; readonly columns?: readonly string[] },
): WrittenRows {
  let columns: readonly string[] = options.columns ?? [];
  let known = new Set(columns);
  let count = 0;

  async function* records(): AsyncGenerator<TextRecord> {
    if (options.columns) yield [...columns];
    for await (const row of rows) {
      count++;
      refuseOtherThanRow(row, count, options.name);
      if (count === 1 && !options.columns) {
        columns = Object.keys(row);
        known = new Set(columns);
        if (columns.length === 0) throw notARow(count, options.name, 'a row without columns');
        yield [...columns];
      }
      for (const column of Object.keys(row)) {
        if (!known.has(column)) throw unknownColumn(column, count, options.name);
      }
      yield columns.map((name) =>
        Object.hasOwn(row, name)
          ? writtenValue(row[name], () => `batch ${options.name}, row ${count}, column ${name}`)
          : null,
      );
    }
  }
  return { text: () => inPieces(records()), columns: () => columns, count: () => count };
}

const pieceCharacters = 64 * 1024;

/** Many records at a time: a stream with a step for each would take several times as long. */
async function* inPieces(records: AsyncIterable<TextRecord>): AsyncGenerator<string> {
  let piece: TextRecord[] = [];
  let characters = 0;
  // Text is always quoted and NULL never, so that the empty text stays apart from it.
  const written = (): string =>
    stringify(piece as (string | null)[][], { quoted_string: true, record_delimiter: '\n' });
  for await (const record of records) {
    piece.push(record);
    for (const value of record) characters += (value?.length ?? 0) + 3;
    if (characters < pieceCharacters) continue;
    yield written();
    piece = [];
    characters = 0;
  }
  if (piece.length) yield written();
}

function refuseOtherThanRow(row: unknown, count: number, name: string): void {
  if (typeof row !== 'object' || row === null) throw notARow(count, name, row === null ? 'null' : `a ${typeof row}`);
  if (Array.isArray(row) || row instanceof Map) throw notARow(count, name, 'an array or a Map');
}

const notARow = (count: number, name: string, got: string): Error =>
  loadFailure('InvalidValue', {
    object: `batch ${name}, row ${count}`,
    expected: 'an object with a value for each column',
    got,
    remedy: 'Correct what the activity yields.',
  });

const unknownColumn = (column: string, count: number, name: string): Error =>
  loadFailure('UnknownColumn', {
    what: 'A row has a column that the batch does not have.',
    object: `batch ${name}, row ${count}`,
    got: `column ${JSON.stringify(column.slice(0, 100))}`,
    remedy: 'Name all columns in the option `columns`, or let the first row have them all.',
  });
