import { maxDecimalPrecision } from '../contracts';
import type { ColumnFacts } from './column-facts';
import { otherOrder } from './moment-guesses';
import { typeOfDuck } from './duck-types';
import type { SampleColumn } from './sample';
import type { TextGuess } from './text-guesses';

/** What a column should be, and why, in words without values. */
export interface ProposedType {
  readonly type: string;
  readonly format?: string;
  readonly why: string;
}

/** Digits that name something: nobody adds them up, and the next one may begin with a zero. */
const codes =
  /(^|_)(zip|zip_?code|post_?code|postal|plz|phone|telephone|telefon|tel|mobile|mobil|handy|fax|iban|bic|account|konto|kto|blz|card|isbn|issn|ean|upc|gtin|sku|ssn|tax|vat|steuer|fips|siret|siren|code|pin)(_|$)/;
const identifiers = /(^|_)(id|key|no|nr|num|number|nummer)$/;
const momentNames = /(^|_)(time|timestamp|ts|at|epoch|created|updated|modified|date|datetime)(_|$)/;
const dayNames = /(^|_)(date|day|datum|tag|dt|on|am)(_|$)/;
const durationNames = /(^|_)(duration|elapsed|dauer|laufzeit)(_|$)/;

/** Proposes the type of a column: what holds every value, and text rather than what only might. */
export function proposeType({ type }: SampleColumn, name: string, facts: ColumnFacts): ProposedType {
  if (facts.values === 0 && type === 'VARCHAR') return { type: 'text', why: 'no value seen' };
  if (type !== 'VARCHAR') return { ...typeOfDuck(type), why: `${type.split('(')[0]!.toLowerCase()} in the file` };
  const fitting = facts.fitting.filter((guess) => suits(guess, name));
  const ambiguous = dayOrMonth(fitting);
  if (ambiguous) return { type: 'text', why: ambiguous };
  // Whole numbers are all that a number can be; if they are to be none, then text.
  const whole = fitting.find((guess) => guess.type === 'bigint');
  const [found] = whole ? wholeNumber(whole, name, facts, fitting) : fitting.flatMap((guess) => shapeOf(guess, facts));
  return found ?? { type: 'text', why: whyText(name, facts) };
}

/** Guesses that only a name makes likely. */
function suits({ type, format }: TextGuess, name: string): boolean {
  if (format === 'yyyyMMdd') return dayNames.test(name);
  return type !== 'time' || !durationNames.test(name);
}

function dayOrMonth(fitting: readonly TextGuess[]): string | null {
  const formats = fitting.flatMap(({ format }) => (format === undefined ? [] : [format]));
  const [first] = formats;
  const other = first === undefined ? undefined : formats.find((format) => otherOrder(first, format));
  return other === undefined ? null : `the values fit ${first} as well as ${other}: set type and format`;
}

function shapeOf(guess: TextGuess, facts: ColumnFacts): ProposedType[] {
  const { type, format, why } = guess;
  if (type === 'decimal') return decimal(guess, facts);
  // 17 digits are what a double keeps.
  if (type === 'double' && facts.significant > 17) return [];
  return [{ type, ...(format === undefined ? {} : { format }), why }];
}

function wholeNumber(
  { why }: TextGuess,
  name: string,
  { whole, longest, shortest }: ColumnFacts,
  fitting: readonly TextGuess[],
): ProposedType[] {
  const moment = fitting.find(({ type }) => type === 'date');
  if (moment) return [{ type: 'date', format: moment.format!, why: moment.why }];
  if (codes.test(name)) return [];
  const momentLike = momentNames.test(name) && longest === shortest;
  if (momentLike && whole === 13)
    return [{ type: 'timestamptz', format: 'epoch-millis', why: 'milliseconds since 1970' }];
  if (momentLike && whole === 10) return [{ type: 'timestamptz', format: 'epoch-seconds', why: 'seconds since 1970' }];
  if (whole > 18) return identifiers.test(name) ? [] : [{ type: `decimal(${maxDecimalPrecision},0)`, why }];
  return [{ type: whole <= 8 && !identifiers.test(name) ? 'integer' : 'bigint', why }];
}

const spareDigits = 4;

function decimal({ format, why }: TextGuess, { whole, fraction, significant }: ColumnFacts): ProposedType[] {
  // As many digits after the point are the mark of a double.
  if (format === undefined && fraction > 12 && significant <= 17) return [];
  const scale = Math.max(2, fraction);
  if (whole + scale > maxDecimalPrecision) return [];
  const precision = Math.min(maxDecimalPrecision, Math.max(12, whole + scale + spareDigits));
  return [{ type: `decimal(${precision},${scale})`, ...(format === undefined ? {} : { format }), why }];
}

function whyText(name: string, { leadingZero, thousands, fitting }: ColumnFacts): string {
  if (leadingZero) return 'digits with leading zeros';
  if (thousands) return 'numbers with commas between thousands: no format reads them';
  if (fitting.some(({ type }) => type === 'bigint'))
    return codes.test(name) ? 'digits that name something' : 'long digits';
  return 'text';
}
