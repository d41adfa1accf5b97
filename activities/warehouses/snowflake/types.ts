import { baseType } from '../sql/columns';

/** The words of a contract as Snowflake says them; `decimal(p,s)` is handled apart. */
const words: Readonly<Record<string, string>> = {
  text: 'VARCHAR',
  smallint: 'NUMBER(38,0)',
  integer: 'NUMBER(38,0)',
  bigint: 'NUMBER(38,0)',
  decimal: 'NUMBER(38,12)',
  real: 'FLOAT',
  double: 'FLOAT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME(6)',
  timestamp: 'TIMESTAMP_NTZ(6)',
  timestamptz: 'TIMESTAMP_TZ(6)',
  uuid: 'VARCHAR(36)',
  json: 'VARIANT',
  bytes: 'BINARY',
};

/** A contract's type in DDL. */
export function snowflakeType(type: string): string {
  const base = baseType(type);
  return base === 'decimal' && type !== base ? `NUMBER${type.slice(base.length)}` : (words[base] ?? 'VARCHAR');
}

/** Which types of an existing column hold what a contract's type means. */
const families: Readonly<Record<string, RegExp>> = {
  text: /^(TEXT|VARCHAR|CHAR|STRING|VARIANT)/,
  smallint: /^NUMBER/,
  integer: /^NUMBER/,
  bigint: /^NUMBER/,
  decimal: /^(NUMBER|FLOAT)/,
  real: /^FLOAT/,
  double: /^FLOAT/,
  boolean: /^BOOLEAN/,
  date: /^(DATE|TIMESTAMP_NTZ)/,
  time: /^TIME(\(|$)/,
  timestamp: /^TIMESTAMP_(NTZ|TZ|LTZ)/,
  // Without a zone the column would drop the offset of the text in silence.
  timestamptz: /^TIMESTAMP_(TZ|LTZ)/,
  uuid: /^(TEXT|VARCHAR|CHAR|STRING)/,
  json: /^(VARIANT|OBJECT|ARRAY|TEXT|VARCHAR)/,
  bytes: /^BINARY/,
};

const exactDigits = 15;
const digitsOf = (type: string): number[] => (/\((.*)\)/.exec(type)?.[1] ?? '').split(',').filter(Boolean).map(Number);

/** Whether an existing column of this type can hold the contract's type without changing a value. */
export function holds(contractType: string, columnType: string): boolean {
  const base = baseType(contractType);
  if (!(families[base]?.test(columnType) ?? true)) return false;
  const [precision = 38, scale = 0] = digitsOf(contractType);
  if (columnType.startsWith('FLOAT')) return base !== 'decimal' || precision <= exactDigits;
  if (!columnType.startsWith('NUMBER')) return true;
  const [columnPrecision = 38, columnScale = 0] = digitsOf(columnType);
  return (
    base !== 'decimal' ||
    contractType === base ||
    (columnScale >= scale && columnPrecision - columnScale >= precision - scale)
  );
}
