import type { ColumnContract } from '../../../workflows/table-contract';
import { parseColumnFormat, type ColumnTypeName, type PatternField, type PatternPart } from '../../contracts';
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

/** A field of a date pattern: how `to_timestamp` calls it, and what text it may take: left alone, it reads day 0 as day 1. */
const fields: Readonly<Record<PatternField, readonly [string, string]>> = {
  yyyy: ['YYYY', '\\d{4}'],
  MMM: ['Mon', '[A-Za-z]{3}'],
  MM: ['MM', '(?:0[1-9]|1[0-2])'],
  M: ['FMMM', '(?:0?[1-9]|1[0-2])'],
  dd: ['DD', '(?:0[1-9]|[12]\\d|3[01])'],
  d: ['FMDD', '(?:0?[1-9]|[12]\\d|3[01])'],
  HH: ['HH24', '\\d{2}'],
  H: ['FMHH24', '\\d{1,2}'],
  hh: ['HH12', '\\d{2}'],
  h: ['FMHH12', '\\d{1,2}'],
  mm: ['MI', '\\d{2}'],
  ss: ['SS', '\\d{2}'],
  SSS: ['MS', '\\d{3}'],
  SSSSSS: ['US', '\\d{6}'],
  a: ['AM', '[AaPp][Mm]'],
  ZZ: ['TZH:TZM', '[+-](?:0\\d|1[0-5]):[0-5]\\d'],
};

/** The format of a column whose text PostgreSQL cannot read by itself; `null` when it can. */
export function textFormat(column: ColumnContract, type: string): TextFormat | null {
  const found = formatOf(column, type);
  return found && { ...found, written: column.format ?? 'iso' };
}

function formatOf(column: ColumnContract, type: string): Omit<TextFormat, 'written'> | null {
  const format = parseColumnFormat(column.format ?? 'iso', baseType(column.type) as ColumnTypeName) ?? { kind: 'iso' };
  switch (format.kind) {
    case 'iso':
      return null;
    case 'decimal-comma':
      return {
        pattern: '^[+-]?(\\d{1,3}(\\.\\d{3})+|\\d+)(,\\d+)?$',
        cast: (name) => `replace(replace(${name}, '.', ''), ',', '.')::${type}`,
      };
    case 'epoch':
      return epoch(format.unit, type);
    case 'words':
      return {
        pattern: `(?i)^(${escaped(format.yes)}|${escaped(format.no)})$`,
        cast: (name) => `(lower(${name}) = ${literal(format.yes.toLowerCase())})`,
      };
    case 'pattern':
      return datePattern(format.parts, type);
  }
}

function epoch(unit: 'seconds' | 'millis', type: string): Omit<TextFormat, 'written'> {
  const local = type.includes('with time zone') ? '' : ` AT TIME ZONE 'UTC'`;
  // By whole microseconds: a double would lose them.
  const micros = (name: string): string =>
    `round(${name}::numeric * ${unit === 'millis' ? '1000' : '1000000'})::bigint`;
  return {
    pattern: '^-?\\d{1,16}(\\.\\d+)?$',
    cast: (name) => `((timestamptz 'epoch' + ${micros(name)} * interval '1 microsecond')${local})::${type}`,
  };
}

function datePattern(parts: readonly PatternPart[], type: string): Omit<TextFormat, 'written'> {
  const template = parts
    .map((p) => ('field' in p ? fields[p.field][0] : `"${p.literal.replaceAll('"', '\\"')}"`))
    .join('');
  const pattern = parts.map((p) => ('field' in p ? fields[p.field][1] : escaped(p.literal))).join('');
  // The session's zone is UTC, so local text is read as UTC.
  return { pattern: `^${pattern}$`, cast: (name) => `to_timestamp(${name}, ${literal(template)})::${type}` };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
