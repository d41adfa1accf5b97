import fc from 'fast-check';
import type { CsvOptions } from '../../../workflows/contract';

/** Text that PostgreSQL can store, with what breaks quoting more often than chance would have it. */
const nasty = ['"', "'", '\\', '\\\\', '\\.', '\\N', 'NULL', ',', ';', '\t', '|', '\n', '\r', '\r\n', '', ' ', '%', '%41', '$1', '--', '/*', '{}', '\u00a0', '\u2028', '\ufeff', 'ß', '€', '😀', 'é', '\u0001', '\u007f', ';DROP']; // prettier-ignore
const whole = (text: string): boolean => !text.includes('\0') && Buffer.from(text).toString() === text;
export const anyText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...nasty) },
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 6 },
  ) // prettier-ignore
  .map((parts) => parts.join(''))
  .filter(whole);

const keywords = ['select', 'table', 'user', 'order', 'group', 'end', 'primary', 'SELECT', 'Mixed Case', 'a.b', 'a/b', '%2E', "it's", 'say "x"', '"', ' ', '$', 'x'.repeat(63), 'é'.repeat(31)]; // prettier-ignore
/** PostgreSQL gives every table columns of these names. */
const taken = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);
/** Any name of up to 63 bytes. */
export const anyName = fc
  .oneof(fc.constantFrom(...keywords), anyText)
  .filter((name) => Buffer.byteLength(name) >= 1 && Buffer.byteLength(name) <= 63)
  .filter((name) => !taken.has(name) && !name.startsWith('_loadline') && !name.startsWith('pg_'));

const digits = (n: number) => fc.stringMatching(new RegExp(`^\\d{1,${n}}$`));
const sign = fc.constantFrom('', '-', '+');
const two = (from: number, to: number) => fc.integer({ min: from, max: to }).map((n) => String(n).padStart(2, '0'));
const date = fc
  .tuple(fc.integer({ min: 1, max: 5_874_000 }), two(1, 12), two(1, 28), fc.constantFrom('', ' BC'))
  .filter(([y, , , era]) => era === '' || y < 4713)
  .map(([y, m, d, era]) => `${String(y).padStart(4, '0')}-${m}-${d}${era}`);
const clock = fc.tuple(two(0, 23), two(0, 59), two(0, 59), fc.constantFrom('', '.5', '.000001', '.999999')).map(([h, m, s, f]) => `${h}:${m}:${s}${f}`); // prettier-ignore
const moment = fc.tuple(fc.integer({ min: 1, max: 294_000 }), two(1, 12), two(1, 28), clock).map(([y, m, d, c]) => `${String(y).padStart(4, '0')}-${m}-${d} ${c}`); // prettier-ignore
const special = fc.constantFrom('infinity', '-infinity');
const hex = fc.uint8Array({ maxLength: 12 }).map((b) => `\\x${Buffer.from(b).toString('hex')}`);
const json = fc.json({ maxDepth: 3 }).filter((text) => !/\\u0000|\\ud[89a-f]/i.test(text) && whole(text));

/** The types of a contract: as PostgreSQL calls each, and texts that it takes. */
export const types = {
  text: ['text', anyText],
  smallint: ['smallint', fc.integer({ min: -32_768, max: 32_767 }).map(String)],
  integer: ['integer', fc.integer().map(String)],
  bigint: ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  'decimal(38,18)': ['numeric(38,18)', fc.oneof(fc.tuple(sign, digits(20), digits(18)).map(([s, a, b]) => `${s}${a}.${b}`), fc.constant('NaN'))], // prettier-ignore
  real: ['real', fc.oneof(fc.float({ noDefaultInfinity: true, noNaN: true }).map(String), fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0'))], // prettier-ignore
  double: ['double precision', fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }).map(String), fc.constantFrom('NaN', 'Infinity', '-Infinity', '5e-324'))], // prettier-ignore
  boolean: ['boolean', fc.constantFrom('t', 'f', 'true', 'FALSE', 'yes', 'no', 'on', 'off', '1', '0')],
  date: ['date', fc.oneof(date, special)],
  time: ['time', fc.oneof(clock, fc.constant('24:00:00'))],
  timestamp: ['timestamp', fc.oneof(moment, special, fc.constant('0044-03-15 12:00:00 BC'))],
  timestamptz: ['timestamptz', fc.oneof(fc.tuple(moment, fc.constantFrom('Z', '+02', '-05:30', '+14:00')).map((m) => m.join('')), special)], // prettier-ignore
  uuid: ['uuid', fc.uuid()],
  json: ['jsonb', json],
  bytes: ['bytea', hex],
} as const satisfies Record<string, readonly [string, fc.Arbitrary<string>]>;
export type TypeName = keyof typeof types;

export interface Column {
  readonly name: string;
  readonly type: TypeName;
}

/** A table of any name, with rows of any values. The first column is the key, and numbers the rows. */
export interface Table {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export const anyTable = (rows: number): fc.Arbitrary<Table> =>
  fc
    .record({
      schema: anyName,
      table: anyName,
      columns: fc.uniqueArray(fc.record({ name: anyName, type: fc.constantFrom(...(Object.keys(types) as TypeName[])) }), { selector: (c) => c.name, minLength: 2, maxLength: 8 }), // prettier-ignore
    })
    .chain(({ schema, table, columns: [first, ...rest] }) => {
      const columns: Column[] = [{ name: first!.name, type: 'integer' }, ...rest];
      const values = rest.map((c) => fc.option<string>(types[c.type][1], { freq: 6 }));
      return fc
        .array(fc.tuple(...values), { minLength: 1, maxLength: rows, size: 'max' })
        .map((found) => ({ schema, table, columns, rows: found.map((row, i) => [String(i), ...row]) }));
    });

/** How a CSV file is written. */
export interface CsvShape {
  readonly csv: Required<CsvOptions>;
  readonly newline: '\n' | '\r\n' | '\r';
  readonly bom: boolean;
  readonly lastNewline: boolean;
  /** Whether values are quoted that need not be: one of so many. */
  readonly quoted: number;
}

const one = ',;\t|:~^!#&@ aZ5"\'`\\/';
export const anyCsv: fc.Arbitrary<CsvShape> = fc
  .record({
    csv: fc.record({
      delimiter: fc.constantFrom(...one),
      quote: fc.oneof({ weight: 3, arbitrary: fc.constant('"') }, fc.constantFrom(...one)),
      escape: fc.option(fc.constantFrom(...one), { freq: 3 }),
      nullText: fc.constantFrom('', '\\N', 'NULL', 'null', '-', 'é', ' '),
      header: fc.boolean(),
    }),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    bom: fc.boolean(),
    lastNewline: fc.boolean(),
    quoted: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ csv, ...rest }): CsvShape => ({ ...rest, csv: { ...csv, escape: csv.escape ?? csv.quote } }))
  .filter(({ csv: { delimiter, quote, escape, nullText } }) => delimiter !== quote && delimiter !== escape && !nullText.includes(delimiter) && !nullText.includes(quote)); // prettier-ignore

/** The table as a CSV file. */
export function csvOf({ columns, rows }: Table, { csv, newline, bom, lastNewline, quoted }: CsvShape): string {
  const { delimiter, quote, escape, nullText } = csv;
  const special = [delimiter, quote, escape, '\n', '\r'];
  const inQuotes = (value: string): string =>
    quote + [...value].map((c) => (c === quote || c === escape ? escape + c : c)).join('') + quote;
  let count = 0;
  const field = (value: string | null): string => {
    if (value === null) return nullText;
    const needed = value === nullText || value === '\\.' || value === '' || special.some((c) => value.includes(c));
    return needed || ++count % quoted === 0 ? inQuotes(value) : value;
  };
  const lines = [...(csv.header ? [columns.map((c) => c.name)] : []), ...rows].map((row) => row.map(field).join(delimiter)); // prettier-ignore
  // A text that begins with the mark by itself would lose it: then there is one more.
  return (bom || lines[0]?.startsWith('\ufeff') ? '\ufeff' : '') + lines.join(newline) + (lastNewline ? newline : '');
}

/** The table as NDJSON, with spaces and escapes where JSON allows them. */
export function ndjsonOf({ columns, rows }: Table, spaces: number): string {
  const asItIs = new Set<TypeName>(['smallint', 'integer', 'json']);
  const escaped = (text: string): string =>
    JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c, at: number) =>
      (at + spaces) % 2 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c,
    );
  // Both halves of a character are escaped, or none.
  const safe = (text: string): string => (/[\ud800-\udfff]/.test(text) ? JSON.stringify(text) : escaped(text));
  const gap = ' '.repeat(spaces);
  const lines = rows.map((row) => {
    const fields = columns.flatMap(({ name, type }, i) => {
      const value = row[i] ?? null;
      if (value === null && spaces % 2) return [];
      return `${gap}${safe(name)}${gap}:${gap}${value === null ? 'null' : asItIs.has(type) ? value : safe(value)}`;
    });
    return `{${fields.join(`${gap},`)}${gap}}`;
  });
  return `${lines.join('\n')}\n`;
}
