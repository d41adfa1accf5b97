/** The column types of a contract, without their precision. */
export const columnTypes = [
  'text',
  'smallint',
  'integer',
  'bigint',
  'decimal',
  'real',
  'double',
  'boolean',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'json',
  'bytes',
] as const;

/** A column type without its precision. */
export type ColumnTypeName = (typeof columnTypes)[number];

/** A parsed column type. Precision and scale are there for `decimal`, and only there. */
export interface ColumnType {
  readonly base: ColumnTypeName;
  readonly precision?: number;
  readonly scale?: number;
}

/** What the values of a type have in common: decides which formats and ranges fit. */
export type TypeFamily = 'number' | 'moment' | 'time' | 'boolean' | 'other';

/** The most digits of a `decimal` that every supported warehouse keeps exactly. */
export const maxDecimalPrecision = 38;

const decimalPattern = /^decimal\( *(\d{1,3}) *, *(\d{1,3}) *\)$/;

/** Parses a contract's column type; `null` when it is none. */
export function parseColumnType(text: string): ColumnType | null {
  const decimal = decimalPattern.exec(text);
  if (decimal) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    const possible = precision >= 1 && precision <= maxDecimalPrecision && scale <= precision;
    return possible ? { base: 'decimal', precision, scale } : null;
  }
  const base = columnTypes.find((name) => name === text);
  return base && base !== 'decimal' ? { base } : null;
}

/** The family of a type. */
export function familyOf(base: ColumnTypeName): TypeFamily {
  return families[base];
}

const families: Readonly<Record<ColumnTypeName, TypeFamily>> = {
  text: 'other',
  smallint: 'number',
  integer: 'number',
  bigint: 'number',
  decimal: 'number',
  real: 'number',
  double: 'number',
  boolean: 'boolean',
  date: 'moment',
  time: 'time',
  timestamp: 'moment',
  timestamptz: 'moment',
  uuid: 'other',
  json: 'other',
  bytes: 'other',
};
