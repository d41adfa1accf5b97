import type { TextGuess } from './text-guesses';

/** How a field of a date pattern looks, and what DuckDB calls it. */
const fields: Readonly<Record<string, readonly [look: string, strptime: string]>> = {
  yyyy: ['[0-9]{4}', '%Y'],
  MMM: ['[A-Za-z]{3}', '%b'],
  MM: ['[0-9]{2}', '%m'],
  M: ['[0-9]{1,2}', '%-m'],
  dd: ['[0-9]{2}', '%d'],
  d: ['[0-9]{1,2}', '%-d'],
  HH: ['[0-9]{2}', '%H'],
  H: ['[0-9]{1,2}', '%-H'],
  hh: ['[0-9]{2}', '%I'],
  h: ['[0-9]{1,2}', '%-I'],
  mm: ['[0-9]{2}', '%M'],
  ss: ['[0-9]{2}', '%S'],
  SSS: ['[0-9]{3}', '%g'],
  SSSSSS: ['[0-9]{6}', '%f'],
  a: ['[AaPp][Mm]', '%p'],
};

/** Stricter ones first: `dd` fits less than `d`. */
const dates = [
  'dd.MM.yyyy', 'd.M.yyyy', 'dd/MM/yyyy', 'd/M/yyyy', 'MM/dd/yyyy', 'M/d/yyyy', 'dd-MM-yyyy', 'd-M-yyyy', 'MM-dd-yyyy', 'M-d-yyyy',
  'yyyy/MM/dd', 'yyyy.MM.dd', 'dd MMM yyyy', 'd MMM yyyy', 'dd-MMM-yyyy', 'd-MMM-yyyy', 'MMM dd yyyy', 'MMM d yyyy', 'MMM d, yyyy',
]; // prettier-ignore
const times = [
  'HH:mm', 'H:mm', 'HH:mm:ss', 'H:mm:ss', 'HH:mm:ss.SSS', 'HH:mm:ss.SSSSSS', 'hh:mm a', 'h:mm a', 'hh:mm:ss a', 'h:mm:ss a',
]; // prettier-ignore
const joints = [' ', ', '];

const day = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const clock = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?';
const zone = ' ?(Z|UTC|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)';
const isDay = (v: string): string => `(TRY_CAST(left(${v}, 10) AS DATE) IS NOT NULL AND left(${v}, 4) <> '0000')`;

/** Ways to write a date or a time that the warehouse reads by itself. */
const isoGuesses: readonly TextGuess[] = [
  { type: 'date', pattern: day, holds: isDay, why: 'ISO dates' },
  { type: 'timestamptz', pattern: `${day}[T ]${clock}${zone}`, holds: isDay, why: 'ISO instants with an offset' },
  { type: 'timestamp', pattern: `${day}([T ]${clock})?`, holds: isDay, why: 'ISO dates and times without an offset' },
  { type: 'time', pattern: clock, why: 'times of day' },
];

/** Ways to write a date, alone or with a time, that a format describes. */
const patternGuesses: readonly TextGuess[] = [
  ...dates.map((format) => patternGuess('date', format)),
  ...dates.flatMap((date) =>
    joints.flatMap((joint) => times.map((time) => patternGuess('timestamp', date + joint + time))),
  ),
];

/** Dates and times, the preferred ones first. */
export const momentGuesses: readonly TextGuess[] = [...isoGuesses, ...patternGuesses];

/** Eight digits are a date only where the column's name says so. */
export const compactDate: TextGuess = patternGuess('date', 'yyyyMMdd');

function patternGuess(type: 'date' | 'timestamp', format: string): TextGuess {
  const pieces = format.match(/([A-Za-z])\1*|[^A-Za-z]/g) ?? [];
  const look = pieces.map((piece) => fields[piece]?.[0] ?? piece.replace('.', '\\.')).join('');
  const strptime = pieces.map((piece) => fields[piece]?.[1] ?? piece).join('');
  return {
    type,
    format,
    pattern: look,
    // A year 0 is none that a warehouse knows.
    holds: (v) => `coalesce(year(try_strptime(${v}, '${strptime}')) > 0, false)`,
    why: `${type === 'date' ? 'dates' : 'dates and times'} written as ${format}`,
  };
}

/** Whether day and month change places between two formats, so that a sample that fits both does not tell which. */
export function otherOrder(a: string, b: string): boolean {
  const monthFirst = (format: string): boolean => /^MM?[/-]/.test(format);
  const numeric = (format: string): boolean => /^(MM?|dd?)[/-](MM?|dd?)[/-]yyyy/.test(format);
  return numeric(a) && numeric(b) && monthFirst(a) !== monthFirst(b);
}
