import type { CsvOptions } from '../../workflows/contract';
import { loadFailure } from '../../workflows/load-error';

/** How text is written where nobody says otherwise. */
export const plainCsv: Required<CsvOptions> = { delimiter: ',', quote: '"', escape: '"', nullText: '', header: true };

/** How text is read: what the source says, else the defaults. @throws `InvalidRequest` for what cannot be told apart */
export function resolveCsv(options: CsvOptions = {}, delimiter: string, object: string): Required<CsvOptions> {
  const quote = options.quote ?? '"';
  const csv = { ...plainCsv, delimiter, escape: quote, ...options, quote };
  for (const option of ['delimiter', 'quote', 'escape'] as const) {
    const value = csv[option];
    if (value.length === 1 && value > '\0' && value < '\x80' && value !== '\n' && value !== '\r') continue;
    throw refused(object, option, 'one ASCII character that is no line break', value);
  }
  if (csv.delimiter === csv.quote || csv.delimiter === csv.escape) {
    throw refused(object, 'delimiter', 'a character other than quote and escape', csv.delimiter);
  }
  // Such a text could never be found unquoted in a field, and databases refuse it only after the load has begun.
  const clash = [csv.delimiter, csv.quote].find((character) => csv.nullText.includes(character));
  if (clash === undefined) return csv;
  throw refused(object, 'nullText', 'a text without the delimiter and the quote', csv.nullText);
}

const refused = (object: string, option: string, expected: string, value: string): Error =>
  loadFailure('InvalidRequest', { object: `${object}: csv.${option}`, expected, got: JSON.stringify(value) });
