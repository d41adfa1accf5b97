import { matches, when, type ValueReading } from './value-reading';

const clock = '([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]*)?)?';
const day = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}';
const offset = ' ?(Z|z|[+-]([0-9]|0[0-9]|1[0-5])(:?[0-5][0-9])?)';

/** Days that PostgreSQL takes in some of its many forms: with the month's name, in two digits, without separators … */
const dayLike = `(?i)(${[
  '[0-9]{6,8}([^0-9].*)?',
  '[0-9]{3,}[-/. ][0-9]{1,3}([-/. ].*)?',
  '[0-9]+[.][0-9]{3}([^0-9].*)?',
  '[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{1,2}([^0-9].*)?',
  '.*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec).*[0-9].*',
  '.*[0-9].*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec).*',
  'j[0-9]+.*',
  'epoch|now|today|tomorrow|yesterday|[+]infinity',
].join('|')})`;
const timeLike = '(?i)(.*[0-9]:[0-9].*|t?[0-9]{4}([0-9]{2}([.][0-9]*)?)?([^0-9].*)?|now|allballs)';

/** Microseconds that a finer fraction is rounded to, as PostgreSQL does: half to even. */
const micros = (text: string): string =>
  `to_microseconds(round_even(TRY_CAST('0' || regexp_extract(${text}, '\\.[0-9]+') AS DOUBLE) * 1000000, 0)::BIGINT)`;
const isFine = (text: string): string => `regexp_matches(${text}, '\\.[0-9]{7}')`;
const withoutFraction = (text: string): string => `regexp_replace(${text}, '\\.[0-9]*', '')`;
const exact = (text: string, type: string): string =>
  `CASE WHEN ${isFine(text)} THEN TRY_CAST(${withoutFraction(text)} AS ${type}) + ${micros(text)} ELSE TRY_CAST(${text} AS ${type}) END`;

/** A time of day. */
export function time(text: string): ValueReading {
  const plain = matches(text, clock);
  const written = `regexp_replace(regexp_replace(${text}, '\\.$', ''), '^([0-9]):', '0\\1:')`;
  // Rounded up, the last instant of a day becomes 24:00, which DuckDB does not know.
  const lastInstant = `${text} LIKE '23:59:59.999999%'`;
  return {
    type: 'TIME',
    value: when(`${plain} AND NOT (${lastInstant} AND ${isFine(text)})`, exact(written, 'TIME')),
    unsure: `((NOT ${plain} AND ${matches(text, timeLike)}) OR ${lastInstant})`,
  };
}

/** A date, or a date and a time. */
export function moment(base: 'date' | 'timestamp' | 'timestamptz', text: string): ValueReading {
  const type = { date: 'DATE', timestamp: 'TIMESTAMP', timestamptz: 'TIMESTAMPTZ' }[base];
  const plain = matches(text, `${day}(( *T| +)${clock}(${offset})?)?`);
  const date = `TRY_CAST(regexp_extract(${text}, '^${day}') AS DATE)`;
  const value = base === 'date' ? date : exact(clean(text, base === 'timestamptz'), type);
  const endless = matches(text, '(?i)-?infinity');
  return {
    type,
    value: `CASE WHEN ${plain} THEN CASE WHEN ${date} IS NOT NULL AND left(${text}, 4) <> '0000' THEN ${value} END WHEN ${endless} THEN CAST(lower(${text}) AS ${type}) END`,
    unsure: `(NOT ${plain} AND ${matches(text, dayLike)})`,
  };
}

/** Date and time as DuckDB reads them: two digits an hour, a space between; the offset is kept, or dropped as a column without a zone drops it. */
function clean(text: string, zoned: boolean): string {
  const steps: readonly (readonly [string, string])[] = [
    [`^(${day})( *T| +)`, '\\1 '],
    [' ([0-9]):', ' 0\\1:'],
    [`(:[0-9]{2}(\\.[0-9]*)?)${offset}$`, zoned ? '\\1\\3' : '\\1'],
    ['\\.([^0-9]|$)', '\\1'],
    ['z$', 'Z'],
    ['([+-])([0-9])$', '\\g1'],
  ];
  return steps.reduce(
    (sql, [from, to]) => `regexp_replace(${sql}, '${from}', '${to === '\\g1' ? '\\10\\2' : to}')`,
    text,
  );
}
