/** A value as a source writes it, and the one form in which it must be in the table. */
export interface TypeValue {
  /** As CSV and JSON have it. */
  readonly text: string;
  /** @default `text`, in one form */
  readonly stored?: string;
}

const v = (text: string, stored?: string): TypeValue => (stored === undefined ? { text } : { text, stored });

/** How JSON has values of a type: as text, bare, or as they are written. */
export type JsonForm = 'text' | 'bare';

/** A type of a contract, how files write it, and values that are easily lost. */
export interface TypeCase {
  readonly type: string;
  readonly json: JsonForm;
  /** The type in a Parquet file, and an expression that makes it of a text. */
  readonly parquet: (literal: string) => string;
  readonly values: readonly TypeValue[];
}

const cast = (type: string) => (literal: string) => `CAST(${literal} AS ${type})`;

export const texts: readonly string[] = [
  'plain',
  '',
  ' leading and trailing ',
  'comma, "quote", \'single\', back\\slash, tab\t.',
  'line\nbreak\r\nand carriage\rreturn',
  'NULL',
  'null',
  '\\N',
  '\\.',
  '"',
  '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466} \u{1F1E9}\u{1F1EA} \u{10348}',
  'e\u0301 is not \u00e9, a\u030A\u0323',
  'مرحبا بالعالم \u202Eאבג\u202C',
  '\u0001\u001F\u007F\u0085\u2028\uFEFF\uFFFD',
  "Robert'); DROP TABLE students;--",
  '=cmd()|+1@x $1 %s {} /* -- ?',
  'x'.repeat(70_000),
];

export const typeCases: readonly TypeCase[] = [
  { type: 'text', json: 'text', parquet: (l) => l, values: texts.map((t) => v(t)) },
  { type: 'smallint', json: 'bare', parquet: cast('SMALLINT'), values: ['-32768', '32767', '0'].map((t) => v(t)) },
  { type: 'integer', json: 'bare', parquet: cast('INTEGER'), values: ['-2147483648', '2147483647', '0'].map((t) => v(t)) },
  {
    type: 'bigint',
    json: 'bare',
    parquet: cast('BIGINT'),
    values: ['-9223372036854775808', '9223372036854775807', '9007199254740993'].map((t) => v(t)),
  },
  {
    type: 'decimal(38,18)',
    json: 'bare',
    parquet: cast('DECIMAL(38,18)'),
    values: ['99999999999999999999.999999999999999999', '-99999999999999999999.999999999999999999', '0.000000000000000001', '-0.1', '0'].map((t) => v(t)),
  },
  { type: 'decimal(9,2)', json: 'bare', parquet: cast('DECIMAL(9,2)'), values: ['9999999.99', '-0.01', '1.1'].map((t) => v(t)) },
  { type: 'real', json: 'bare', parquet: cast('FLOAT'), values: ['0.1', '-3.4028235e+38', '1.1754944e-38', '16777216'].map((t) => v(t)) },
  {
    type: 'double',
    json: 'bare',
    parquet: cast('DOUBLE'),
    values: ['0.30000000000000004', '-1.7976931348623157e+308', '2.2250738585072014e-308', '9007199254740991'].map((t) => v(t)),
  },
  { type: 'boolean', json: 'bare', parquet: cast('BOOLEAN'), values: ['true', 'false'].map((t) => v(t)) },
  {
    type: 'date',
    json: 'text',
    parquet: cast('DATE'),
    values: ['0001-01-01', '9999-12-31', '1582-10-10', '1969-12-31', '2024-02-29'].map((t) => v(t)),
  },
  { type: 'time', json: 'text', parquet: cast('TIME'), values: ['00:00:00', '23:59:59.999999', '12:00:00.5'].map((t) => v(t)) },
  {
    type: 'timestamp',
    json: 'text',
    parquet: cast('TIMESTAMP'),
    values: ['0001-01-01T00:00:00', '9999-12-31T23:59:59.999999', '1969-12-31T23:59:59.999999', '2026-03-29T02:30:00.000001'].map((t) => v(t)),
  },
  {
    type: 'timestamptz',
    json: 'text',
    parquet: cast('TIMESTAMPTZ'),
    values: [
      v('0001-01-01T00:00:00Z'),
      v('9999-12-31T23:59:59.999999Z'),
      v('1969-12-31T23:59:59.999999Z'),
      v('2026-06-01T12:00:00.123456+05:30', '2026-06-01T06:30:00.123456Z'),
      v('1900-01-01T00:00:00.000001-08:00', '1900-01-01T08:00:00.000001Z'),
    ],
  },
  {
    type: 'uuid',
    json: 'text',
    parquet: cast('UUID'),
    values: [v('00000000-0000-0000-0000-000000000000'), v('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')],
  },
  {
    type: 'json',
    json: 'bare',
    parquet: (l) => l,
    values: ['{"b": [1, null, "x"], "a": {"n": 1.5, "deep": [[]]}}', '[]', '"a \\"text\\" \\u00e9 \u{1F600}"', 'true', '-1.5', '{"": {"k\\\\": "\\n"}}'].map((t) => v(t)),
  },
  { type: 'bytes', json: 'text', parquet: (l) => `unhex(substr(${l}, 3))`, values: ['\\x', '\\x00ff', '\\xdeadbeef', '\\x225c0a2c'].map((t) => v(t)) },
]; // prettier-ignore
