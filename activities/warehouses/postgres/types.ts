import type { ColumnContract } from '../../../workflows/table-contract';
import {
  formatPattern,
  parseColumnFormat,
  type ColumnFormat,
  type ColumnTypeName,
  type PatternField,
  type PatternPart,
} from '../../contracts';
import { literal } from './sql';

/** The words of a contract as PostgreSQL says them; `decimal(p,s)` is handled apart. */
const words: Readonly<Record<string, string>> = {
  text: 'text',
  smallint: 'smallint',
  integer: 'integer',
  bigint: 'bigint',
  decimal: 'numeric',
  real: 'real',
  double: 'double precision',
  boolean: 'boolean',
  date: 'date',
  time: 'time without time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  uuid: 'uuid',
  json: 'jsonb',
  bytes: 'bytea',
};

/** Which types of an existing column hold what a contract's type means. `text` goes into anything that is written as text. */
const families: Readonly<Record<string, RegExp>> = {
  smallint: /^(smallint|integer|bigint|numeric)/,
  integer: /^(integer|bigint|numeric)/,
  bigint: /^(bigint|numeric)/,
  decimal: /^(numeric|double precision)/,
  real: /^(real|double precision)/,
  double: /^double precision/,
  boolean: /^boolean/,
  date: /^(date|timestamp)/,
  time: /^time /,
  timestamp: /^timestamp(\(6\))? with/,
  // Without a zone the column would drop the offset of the text in silence.
  timestamptz: /^timestamp(\(6\))? with time zone/,
  uuid: /^(uuid|text|character)/,
  json: /^(json|jsonb|text)/,
  bytes: /^bytea/,
};

/** The word before the brackets: `decimal` of `decimal(12,2)`. */
export function baseType(type: string): string {
  return /^[a-z]+/.exec(type)?.[0] ?? type;
}

/** A contract's type in DDL. */
export function postgresType(type: string): string {
  const base = baseType(type);
  return `${words[base] ?? 'text'}${type.slice(base.length)}`;
}

/** Whether an existing column of this type can hold the contract's type without changing a value. */
export function holds(contractType: string, columnType: string): boolean {
  const base = baseType(contractType);
  if (base === 'text')
    return !/^(smallint|integer|bigint|numeric|real|double|boolean|date|time|bytea)[^[]*$/.test(columnType);
  return (families[base]?.test(columnType) ?? false) && !rounds(contractType, columnType);
}

/** Whether the column would round a decimal: to fewer digits after the point, or to binary. */
function rounds(contractType: string, columnType: string): boolean {
  const [precision = 0, scale = 0] = digitsOf(contractType);
  if (columnType === 'double precision') return baseType(contractType) === 'decimal' && precision > exactDigits;
  return columnType.startsWith('numeric(') && (digitsOf(columnType)[1] ?? 0) < scale;
}

/** Decimal digits that survive the way into a double and back. */
const exactDigits = 15;

const digitsOf = (type: string): number[] => (/\((.*)\)/.exec(type)?.[1] ?? '').split(',').filter(Boolean).map(Number);

/** What tells values of a type apart to the last character; types without an equality of their own are compared as text. */
export function comparable(name: string, type: string): string {
  if (/^(json|xml|point|polygon|circle|box|path|line|lseg)(\[\]|$)|(^|\.)citext$/.test(type)) return `${name}::text`;
  // A collation may take texts for equal that differ.
  return type.includes(' COLLATE ') ? `${name} COLLATE "C"` : name;
}

/** How a column's text becomes its value: which text is well formed, and the expression that casts it. */
export interface TextFormat {
  /** As the contract has it. */
  readonly written: string;
  /** A POSIX expression that well-formed text matches. */
  readonly pattern: string;
  cast(name: string): string;
}

/** How `to_timestamp` calls a field of a date pattern. */
const fields: Readonly<Record<PatternField, string>> = {
  yyyy: 'YYYY',
  MMM: 'Mon',
  MM: 'MM',
  M: 'FMMM',
  dd: 'DD',
  d: 'FMDD',
  HH: 'HH24',
  H: 'FMHH24',
  hh: 'HH12',
  h: 'FMHH12',
  mm: 'MI',
  ss: 'SS',
  SSS: 'MS',
  SSSSSS: 'US',
  a: 'AM',
  ZZ: 'TZH:TZM',
};

/** The format of a column whose text PostgreSQL cannot read by itself; `null` when it can. */
export function textFormat(column: ColumnContract, type: string): TextFormat | null {
  const written = column.format ?? 'iso';
  const format = parseColumnFormat(written, baseType(column.type) as ColumnTypeName) ?? { kind: 'iso' };
  if (format.kind === 'iso') return null;
  // Left alone, to_timestamp reads day 0 as day 1: what is not well formed is never cast.
  return { written, pattern: formatPattern(format), cast: castOf(format, type) };
}

function castOf(format: Exclude<ColumnFormat, { kind: 'iso' }>, type: string): TextFormat['cast'] {
  switch (format.kind) {
    case 'decimal-comma':
      return (name) => `replace(replace(${name}, '.', ''), ',', '.')::${type}`;
    case 'epoch':
      return epoch(format.unit, type);
    case 'words':
      return (name) => `(lower(${name}) = ${literal(format.yes.toLowerCase())})`;
    case 'pattern':
      return datePattern(format.parts, type);
  }
}

function epoch(unit: 'seconds' | 'millis', type: string): TextFormat['cast'] {
  const local = type.includes('with time zone') ? '' : ` AT TIME ZONE 'UTC'`;
  // By whole microseconds: a double would lose them.
  const micros = (name: string): string =>
    `round(${name}::numeric * ${unit === 'millis' ? '1000' : '1000000'})::bigint`;
  return (name) => `((timestamptz 'epoch' + ${micros(name)} * interval '1 microsecond')${local})::${type}`;
}

function datePattern(parts: readonly PatternPart[], type: string): TextFormat['cast'] {
  const template = parts
    .map((p) => ('field' in p ? fields[p.field] : `"${p.literal.replaceAll('"', '\\"')}"`))
    .join('');
  // The session's zone is UTC, so local text is read as UTC.
  return (name) => `to_timestamp(${name}, ${literal(template)})::${type}`;
}
