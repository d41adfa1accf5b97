import { parseColumnType } from '../contracts';

const simple: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'smallint',
  UTINYINT: 'smallint',
  SMALLINT: 'smallint',
  USMALLINT: 'integer',
  INTEGER: 'integer',
  UINTEGER: 'bigint',
  BIGINT: 'bigint',
  UBIGINT: 'decimal(20,0)',
  FLOAT: 'real',
  DOUBLE: 'double',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  UUID: 'uuid',
  JSON: 'json',
  BLOB: 'bytes',
};

/** The type of a contract that holds every value of a DuckDB type. */
export function typeOfDuck(type: string): { readonly type: string } {
  const decimal = type.replace(/^DECIMAL/, 'decimal');
  if (parseColumnType(decimal)) return { type: decimal };
  if (/\[\d*\]$|^(STRUCT|MAP|UNION)\(/.test(type)) return { type: 'json' };
  return { type: simple[type] ?? 'text' };
}
