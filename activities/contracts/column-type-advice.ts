import { columnTypes, maxDecimalPrecision, parseColumnType } from './column-type';
import { didYouMean } from './did-you-mean';

/** What people write from habit, and our word for it. */
const synonyms: Readonly<Record<string, string>> = {
  numeric: 'decimal(p,s)',
  number: 'decimal(p,s)',
  dec: 'decimal(p,s)',
  money: 'decimal(19,4)',
  int: 'integer',
  int4: 'integer',
  int32: 'integer',
  serial: 'integer',
  int2: 'smallint',
  int16: 'smallint',
  tinyint: 'smallint',
  int8: 'bigint',
  int64: 'bigint',
  long: 'bigint',
  bigserial: 'bigint',
  varchar: 'text',
  nvarchar: 'text',
  char: 'text',
  character: 'text',
  'character varying': 'text',
  string: 'text',
  str: 'text',
  clob: 'text',
  float4: 'real',
  float32: 'real',
  float: 'double',
  float8: 'double',
  float64: 'double',
  'double precision': 'double',
  bool: 'boolean',
  bit: 'boolean',
  datetime: 'timestamp',
  timestamp_ntz: 'timestamp',
  'timestamp without time zone': 'timestamp',
  timestamp_tz: 'timestamptz',
  timestamp_ltz: 'timestamptz',
  'timestamp with time zone': 'timestamptz',
  datetimeoffset: 'timestamptz',
  jsonb: 'json',
  variant: 'json',
  object: 'json',
  bytea: 'bytes',
  blob: 'bytes',
  binary: 'bytes',
  varbinary: 'bytes',
  guid: 'uuid',
};

/** What to write instead of a column type that is none. */
export function columnTypeAdvice(text: string): string {
  if (/^[a-z]+\( *\d+ *$/i.test(text)) return 'Quote the type, since YAML splits it at the comma: "decimal(12,2)".';
  const { base, size } = split(text);
  if (base === 'decimal') return decimalAdvice(size);
  const known = synonyms[base] ?? columnTypes.find((name) => name === base);
  if (known === undefined) return didYouMean(text, columnTypes);
  if (known !== 'decimal(p,s)') return `Write "${known}".`;
  const sized = size === undefined ? null : parseColumnType(`decimal(${size.includes(',') ? size : `${size},0`})`);
  return sized ? `Write "decimal(${sized.precision},${sized.scale})".` : decimalAdvice(undefined);
}

function split(text: string): { base: string; size: string | undefined } {
  const match = /^([^(]*?)\s*(?:\(([^)]*)\))?\s*$/.exec(text.trim().toLowerCase());
  return { base: match?.[1] ?? text.toLowerCase(), size: match?.[2] };
}

function decimalAdvice(size: string | undefined): string {
  if (size === undefined) return 'Write decimal with its digits, such as "decimal(12,2)".';
  return `Write decimal(p,s) with 1 ≤ p ≤ ${maxDecimalPrecision} digits, s ≤ p of them after the point, such as "decimal(12,2)".`;
}
