import { loadFailure } from '../../workflows/load-error';

/** What a row of `writeBatch` may hold. `undefined` and `null` are NULL; objects and arrays become JSON. */
export type RowValue = string | number | bigint | boolean | Date | Uint8Array | object | null | undefined;
/** A row of `writeBatch`: values by column. */
export type Row = Readonly<Record<string, RowValue>>;

const loneSurrogate = /\p{Surrogate}/u;

/** A value as text that warehouses read, or `null` for NULL. @throws `InvalidValue` */
export function writtenValue(value: unknown, at: () => string): string | null {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
      if (loneSurrogate.test(value)) throw refused(at, 'text of whole characters', 'half a surrogate pair');
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? null : writtenObject(value, at);
    default:
      throw refused(at, 'a value that can be stored', `a ${typeof value}`);
  }
}

function writtenObject(value: object, at: () => string): string {
  if (value instanceof Date) return writtenDate(value, at);
  if (value instanceof Uint8Array) {
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch {
    throw refused(at, 'a value that can be written as JSON', 'one with a cycle or a bigint in it');
  }
  if (json === undefined) throw refused(at, 'a value that can be written as JSON', 'one without a JSON form');
  // Times and decimals of libraries say by toJSON what they are as text; quotes around it would be part of the value.
  return json.startsWith('"') && !(value instanceof String) ? (JSON.parse(json) as string) : json;
}

function writtenDate(value: Date, at: () => string): string {
  const year = value.getUTCFullYear();
  if (Number.isNaN(year)) throw refused(at, 'a date', 'an invalid Date');
  if (year < 1 || year > 9999) throw refused(at, 'a Date of the years 1 to 9999', 'another year');
  return value.toISOString();
}

const refused = (at: () => string, expected: string, got: string): Error =>
  loadFailure('InvalidValue', { object: at(), expected, got, remedy: 'Correct the row that the activity yields.' });
