import { familyOf, type ColumnTypeName } from './column-type';

/** How the text of a column is read. */
export type ColumnFormat =
  | { readonly kind: 'iso' }
  | { readonly kind: 'epoch'; readonly unit: 'seconds' | 'millis' }
  | { readonly kind: 'decimal-comma' }
  | { readonly kind: 'words'; readonly yes: string; readonly no: string }
  | { readonly kind: 'pattern'; readonly parts: readonly PatternPart[] };

/** A piece of a date pattern: a field of the date, or text that stands for itself. */
export type PatternPart = { readonly field: PatternField } | { readonly literal: string };

/** The fields of a date pattern, longest first. `ZZ` is an offset such as `+02:00`. */
export const patternFields = [
  'yyyy', 'SSSSSS', 'SSS', 'MMM', 'MM', 'M', 'dd', 'd', 'HH', 'H', 'hh', 'h', 'mm', 'ss', 'a', 'ZZ',
] as const; // prettier-ignore
/** A field of a date pattern. */
export type PatternField = (typeof patternFields)[number];

/** The formats that fit a type, as words for a message. */
export function formatsFor(base: ColumnTypeName): string {
  const family = familyOf(base);
  if (family === 'number') return 'iso, or decimal-comma';
  if (family === 'boolean') return 'iso, or the words for true and false, such as yes/no';
  if (base === 'date') return 'iso, or a pattern with yyyy, MM and dd, such as dd.MM.yyyy';
  if (family === 'moment') return 'iso, epoch-seconds, epoch-millis, or a pattern such as dd.MM.yyyy HH:mm:ss';
  return 'iso';
}

/** Parses a contract's format for a column of this type; `null` when it is none, or does not fit the type. */
export function parseColumnFormat(text: string, base: ColumnTypeName): ColumnFormat | null {
  if (text === 'iso') return { kind: 'iso' };
  const family = familyOf(base);
  if (text === 'decimal-comma') return family === 'number' ? { kind: 'decimal-comma' } : null;
  if (text === 'epoch-seconds' || text === 'epoch-millis') {
    const unit = text === 'epoch-seconds' ? 'seconds' : 'millis';
    return family === 'moment' && base !== 'date' ? { kind: 'epoch', unit } : null;
  }
  if (family === 'boolean') return parseWords(text);
  return family === 'moment' ? parsePattern(text, base) : null;
}

function parseWords(text: string): ColumnFormat | null {
  const [yes, no, ...more] = text.split('/').map((word) => word.trim());
  const distinct = yes && no && more.length === 0 && yes.toLowerCase() !== no.toLowerCase();
  return distinct ? { kind: 'words', yes, no } : null;
}

function parsePattern(text: string, base: ColumnTypeName): ColumnFormat | null {
  const parts: PatternPart[] = [];
  for (let rest = text; rest !== '';) {
    const piece = nextPiece(rest);
    if (piece === null) return null;
    parts.push(piece.part);
    rest = rest.slice(piece.length);
  }
  const fields = parts.flatMap((part) => ('field' in part ? [part.field] : []));
  return isWhole(fields, base) ? { kind: 'pattern', parts } : null;
}

function nextPiece(rest: string): { part: PatternPart; length: number } | null {
  const quoted = /^'([^']+)'/.exec(rest);
  if (quoted) return { part: { literal: quoted[1]! }, length: quoted[0].length };
  const letters = /^([A-Za-z])\1*/.exec(rest)?.[0];
  if (letters === undefined) return rest.startsWith("'") ? null : { part: { literal: rest[0]! }, length: 1 };
  if (letters === 'T') return { part: { literal: 'T' }, length: 1 };
  const field = patternFields.find((name) => name === letters);
  return field ? { part: { field }, length: letters.length } : null;
}

/** A pattern must tell the day, each field once, and of the time nothing without what is larger. */
function isWhole(fields: readonly PatternField[], base: ColumnTypeName): boolean {
  const kinds = fields.map((field) => (field === 'ZZ' ? 'zone' : field[0]!));
  const has = (kind: string): boolean => kinds.includes(kind);
  const hour = has('H') !== has('h') || !(has('H') || has('h'));
  const nested = (!has('S') || has('s')) && (!has('s') || has('m')) && (!has('m') || has('H') || has('h'));
  const once = new Set(kinds).size === kinds.length;
  const dayOnly = !['H', 'h', 'm', 's', 'S', 'a', 'zone'].some(has);
  const zoned = base === 'timestamptz' || !has('zone');
  return (
    has('y') &&
    has('M') &&
    has('d') &&
    hour &&
    nested &&
    once &&
    has('a') === has('h') &&
    zoned &&
    (base !== 'date' || dayOnly)
  );
}
