import { parse } from 'csv-parse/sync';
import type { CsvOptions } from '../../workflows/contract';
import { loadFailure } from '../../workflows/load-error';
import { decodeUtf8 } from './text-encoding';

/** What the beginning of a text file tells. */
export interface TextFacts {
  /** The names in the header; `null` where there is none; `[]` for a file without text. */
  readonly columns: readonly string[] | null;
  /** 0 for a file without text, else unknown. */
  readonly rows: 0 | null;
}

/** A header longer than this is a file that is no text, or has a quote that never closes. */
const maxHeaderCharacters = 1024 * 1024;

/** Reads the header of unpacked text, and no further. @throws `InvalidValue`, `RaggedRow`, `InvalidEncoding` */
export async function readCsvFacts(
  bytes: AsyncIterable<Buffer>,
  csv: Required<CsvOptions>,
  object: string,
): Promise<TextFacts> {
  let head = '';
  for await (const text of decodeUtf8(bytes, object)) {
    head += text;
    if (head === '') continue;
    if (!csv.header) return { columns: null, rows: null };
    const columns = /[\r\n]/.test(head) ? parseHeader(head, csv, object, false) : null;
    if (columns) return { columns, rows: null };
    if (head.length > maxHeaderCharacters) throw headerFailure('CSV_MAX_RECORD_SIZE', object);
  }
  if (head === '') return { columns: csv.header ? [] : null, rows: 0 };
  return { columns: parseHeader(head, csv, object, true), rows: null };
}

/** `null` when the text, which may go on, ends inside of a quoted name. */
function parseHeader(text: string, csv: Required<CsvOptions>, object: string, complete: boolean): string[] | null {
  const { delimiter, quote, escape } = csv;
  const line = /^[^\r\n]*/.exec(text)![0];
  if (!line.includes(quote) && !line.includes(escape)) return eachOnce(line.split(delimiter), object);
  let columns: string[];
  try {
    [columns = []] = parse(text, { delimiter, quote, escape, to: 1, max_record_size: maxHeaderCharacters });
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    if (!code.includes('CSV_') && code !== 'INVALID_OPENING_QUOTE') throw error;
    if (code === 'CSV_QUOTE_NOT_CLOSED' && !complete) return null;
    throw headerFailure(code, object);
  }
  return eachOnce(columns, object);
}

function headerFailure(code: string, object: string): Error {
  const got: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
    CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
    INVALID_OPENING_QUOTE: 'a quote inside an unquoted name',
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

function eachOnce(columns: string[], object: string): string[] {
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column)) throw namedTwice(column, object);
    seen.add(column);
  }
  return columns;
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
