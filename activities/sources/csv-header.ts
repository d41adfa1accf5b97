import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { CsvOptions } from '../../workflows/contract';
import { loadFailure } from '../../workflows/load-error';
import type { Store } from '../stores/store';
import { openText } from './stored-text';
import { decodeUtf8 } from './text-encoding';

/** What the beginning of a text file tells. */
export interface CsvFacts {
  /** The names in the header; `null` without a header; `[]` for a file without text. */
  readonly columns: readonly string[] | null;
  /** 0 for a file without text, else unknown. */
  readonly rows: 0 | null;
}

/** A header longer than this is a file that is no text, or has a quote that never closes. */
const maxHeaderCharacters = 1024 * 1024;

/** Reads the header of a text file. @throws `InvalidValue`, `RaggedRow`, `InvalidEncoding`, `CorruptFile` */
export async function readCsvFacts(
  store: Store,
  path: string,
  csv: Required<CsvOptions>,
  signal?: AbortSignal,
): Promise<CsvFacts> {
  const object = `${store.name}/${path}`;
  const { stream } = await openText(store, path, signal);
  const text = decodeUtf8(stream as AsyncIterable<Buffer>, object);
  try {
    const head = await firstText(text);
    if (head === null) return { columns: csv.header ? [] : null, rows: 0 };
    if (!csv.header) return { columns: null, rows: null };
    const columns = await parseHeader(head, text, csv, object);
    refuseTwice(columns, object);
    return { columns, rows: null };
  } finally {
    stream.destroy();
  }
}

async function firstText(text: AsyncGenerator<string>): Promise<string | null> {
  for (;;) {
    const next = await text.next();
    if (next.done) return null;
    if (next.value !== '') return next.value;
  }
}

async function parseHeader(
  head: string,
  rest: AsyncGenerator<string>,
  { delimiter, quote, escape }: Required<CsvOptions>,
  object: string,
): Promise<string[]> {
  const parser = parse({ delimiter, quote, escape, to: 1, max_record_size: maxHeaderCharacters });
  const input = Readable.from(join(head, rest));
  input.on('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    for await (const record of parser as AsyncIterable<string[]>) return record;
    return [];
  } catch (error) {
    throw headerFailure(error, object);
  } finally {
    input.destroy();
  }
}

async function* join(head: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield head;
  let characters = head.length;
  for await (const text of rest) {
    // The parser counts finished fields only; a quote that never closes would gather the whole file.
    if (characters > maxHeaderCharacters)
      throw Object.assign(new Error('The header is too long.'), { code: 'CSV_MAX' });
    characters += text.length;
    yield text;
  }
}

function headerFailure(error: unknown, object: string): unknown {
  const code = String((error as { code?: unknown }).code);
  if (!/^(CSV|INVALID_OPENING)_/.test(code)) return error;
  const got: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
    CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
    INVALID_OPENING_QUOTE: 'a quote inside an unquoted name',
    CSV_MAX: `more than ${maxHeaderCharacters} characters without an end`,
    CSV_MAX_RECORD_SIZE: `more than ${maxHeaderCharacters} characters without an end`,
  };
  return loadFailure('RaggedRow', {
    what: 'The header of a text file cannot be read.',
    object,
    expected: 'a line with the names of the columns',
    got: got[code] ?? code,
    remedy: 'Correct the header; check the options delimiter, quote and header.',
  });
}

function refuseTwice(columns: readonly string[], object: string): void {
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column)) throw namedTwice(column, object);
    seen.add(column);
  }
}

/** The failure of a file in which two columns have one name. */
export function namedTwice(column: string, object: string): Error {
  return loadFailure('InvalidValue', {
    what: 'A file names two columns alike.',
    object,
    expected: 'each name once',
    got: `${JSON.stringify(column.slice(0, 100))} twice`,
    remedy: 'Give each column of the file its own name.',
  });
}
