import type { CsvOptions } from '../../workflows/contract';
import { duckText, type Duck } from '../sources/duck';

/** How a text file is written: what is given, else what DuckDB finds in its first 20,000 lines. */
export async function findDialect(duck: Duck, local: string, given: CsvOptions): Promise<Required<CsvOptions>> {
  const options = [
    `${duckText(local)}`,
    // Loads skip no lines, so what stands above the header must not be skipped here.
    'skip = 0',
    "comment = ''",
    'strict_mode = true',
    ...(given.delimiter === undefined ? [] : [`delim = ${duckText(given.delimiter)}`]),
    ...(given.quote === undefined ? [] : [`quote = ${duckText(given.quote)}`]),
    ...(given.escape === undefined ? [] : [`escape = ${duckText(given.escape)}`]),
    ...(given.header === undefined ? [] : [`header = ${given.header}`]),
  ];
  const found = await duck.connection.runAndReadAll(
    `SELECT Delimiter, Quote, Escape, HasHeader FROM sniff_csv(${options.join(', ')})`,
  );
  const [delimiter, quoteFound, escapeFound, header] = found.getRows()[0] as [string, string, string, boolean];
  const divided = given.delimiter ?? (await unevenly(duck, local, delimiter)) ?? delimiter;
  const quote = given.quote ?? oneCharacter(quoteFound) ?? '"';
  const escape = given.escape ?? oneCharacter(escapeFound) ?? quote;
  const written = { delimiter: divided, quote, escape };
  return {
    ...written,
    nullText: given.nullText ?? '',
    header: given.header ?? (header || (await looksLikeNames(duck, local, written))),
  };
}

/** DuckDB takes a header with a gap in it for a row. A row has a value that is no name: a number, a date, an id. */
async function looksLikeNames(
  duck: Duck,
  local: string,
  { delimiter, quote, escape }: Pick<Required<CsvOptions>, 'delimiter' | 'quote' | 'escape'>,
): Promise<boolean> {
  const found = await duck.connection.runAndReadAll(
    `FROM read_csv(${duckText(local)}, header = false, all_varchar = true, skip = 0, comment = '', delim = ${duckText(delimiter)},
     quote = ${duckText(quote)}, escape = ${duckText(escape)}) LIMIT 1`,
  );
  const [first = []] = found.getRows();
  return first.every(
    (cell) => cell === null || cell === '' || /^(?!\d{4}-\d\d)(?![\da-f]{8}-)\P{L}*\p{L}/u.test(String(cell)),
  );
}

/** DuckDB says `(empty)` where the file shows none. */
const oneCharacter = (found: string): string | undefined => (found.length === 1 ? found : undefined);

/**
 * Where DuckDB sees a single column, though most lines have a delimiter in them: lines of differing widths, or words
 * above the header. Read by that delimiter, the line that differs is found and told.
 */
async function unevenly(duck: Duck, local: string, delimiter: string): Promise<string | null> {
  const found = await duck.connection.runAndReadAll(
    `SELECT len(Columns) FROM sniff_csv(${duckText(local)}, skip = 0, comment = '', strict_mode = true, delim = ${duckText(delimiter)})`,
  );
  if (Number(found.getRows()[0]?.[0]) !== 1) return null;
  const shares = [',', ';', '\t', '|'].map((one) => `avg(contains(line, ${duckText(one)})::INTEGER)`);
  const lines = `read_csv(${duckText(local)}, auto_detect = false, columns = {line: 'VARCHAR'}, header = false, delim = '\x01', quote = '', escape = '')`;
  const counted = await duck.connection.runAndReadAll(`SELECT ${shares.join(', ')} FROM (FROM ${lines} LIMIT 1000)`);
  const [row = []] = counted.getRows();
  const best = row.map(Number).reduce((most, share, index, all) => (share > (all[most] ?? 0) ? index : most), 0);
  return Number(row[best]) > 0.5 ? [',', ';', '\t', '|'][best]! : null;
}
