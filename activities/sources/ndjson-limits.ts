import { loadFailure } from '../../workflows/load-error';
import { jsonDocument } from './refused-format';

/** The longest line of an NDJSON file. A line is held in memory whole; no row is that long, but a JSON document is. */
export const maxLineBytes = 64 * 1024 * 1024;

/** The failure of a line that does not end. */
export const lineTooLong = (object: string, line: number): Error =>
  loadFailure('RowTooLong', {
    object,
    expected: `lines of at most ${maxLineBytes} bytes`,
    got: `a longer one in line ${line}`,
    remedy: "Write one object a line, and large values elsewhere; a JSON array becomes lines by jq -c '.[]'.",
  });

/** The failure of a line that is not one JSON object. */
export const malformed = (object: string, line: number, expected: string, byte?: number): Error =>
  loadFailure('MalformedJson', {
    object,
    expected,
    got: `something else in line ${line}${byte === undefined ? '' : `, byte ${byte}`}`,
  });

/** The failure of a file that is one JSON array. */
export const arrayDocument = (object: string): Error =>
  loadFailure('UnsupportedFormat', { object, expected: 'one object a line', got: 'a JSON array', ...jsonDocument });
