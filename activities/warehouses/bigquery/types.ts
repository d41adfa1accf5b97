import type { TargetColumn } from '../../../workflows/contract';
import type { TableContract, TablePartition } from '../../../workflows/table-contract';

/** The words of a contract as BigQuery says them; `decimal(p,s)` is handled apart. */
const words: Readonly<Record<string, string>> = {
  text: 'STRING',
  smallint: 'INT64',
  integer: 'INT64',
  bigint: 'INT64',
  real: 'FLOAT64',
  double: 'FLOAT64',
  boolean: 'BOOL',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'DATETIME',
  timestamptz: 'TIMESTAMP',
  uuid: 'STRING',
  json: 'JSON',
  bytes: 'BYTES',
};

/** Which types of an existing column hold what a contract's type means. `text` goes into STRING only: BigQuery casts nothing by itself. */
const families: Readonly<Record<string, RegExp>> = {
  text: /^STRING/,
  smallint: /^(INT64|NUMERIC|BIGNUMERIC)/,
  integer: /^(INT64|NUMERIC|BIGNUMERIC)/,
  bigint: /^(INT64|NUMERIC|BIGNUMERIC)/,
  decimal: /^(NUMERIC|BIGNUMERIC|FLOAT64)/,
  real: /^FLOAT64/,
  double: /^FLOAT64/,
  boolean: /^BOOL/,
  date: /^DATE$|^DATETIME/,
  time: /^TIME$/,
  timestamp: /^DATETIME/,
  // A DATETIME would drop the offset of the text in silence.
  timestamptz: /^TIMESTAMP/,
  uuid: /^STRING/,
  json: /^(JSON|STRING)/,
  bytes: /^BYTES/,
};

/** The digits before and after the point that each of the exact types holds. */
const numeric = { before: 29, after: 9 };
const bigNumeric = { before: 38, after: 38 };

/** A contract's type in DDL. */
export function bigQueryType(type: string): string {
  const [base, precision = 38, scale = 9] = partsOf(type);
  if (base !== 'decimal') return words[base] ?? 'STRING';
  const fits = scale <= numeric.after && precision - scale <= numeric.before;
  return `${fits ? 'NUMERIC' : 'BIGNUMERIC'}(${precision}, ${scale})`;
}

function partsOf(type: string): [base: string, ...digits: number[]] {
  const base = /^[A-Za-z0-9]+/.exec(type)?.[0] ?? type;
  const digits = /\((.*)\)/.exec(type)?.[1]?.split(',').map(Number) ?? [];
  return [base, ...digits];
}

/** Whether an existing column of this type can hold the contract's type without changing a value. */
export function holds(contractType: string, columnType: string): boolean {
  const [base, precision, scale] = partsOf(contractType);
  if (!(families[base]?.test(columnType) ?? false)) return false;
  if (base === 'decimal') return holdsDecimal(precision ?? 38, scale ?? 0, columnType);
  // A column of so many digits, or of so many characters or bytes, may lack room.
  if (/^(smallint|integer|bigint)$/.test(base)) return holdsDecimal(19, 0, columnType);
  return !columnType.includes('(');
}

function holdsDecimal(precision: number, scale: number, columnType: string): boolean {
  const [type, p, s] = partsOf(columnType);
  if (type === 'INT64') return scale === 0 && precision <= 19;
  // Decimal digits that survive the way into a double and back.
  if (type === 'FLOAT64') return precision <= 15;
  const all = type === 'BIGNUMERIC' ? bigNumeric : numeric;
  const after = p === undefined ? all.after : (s ?? 0);
  const before = p === undefined ? all.before : p - after;
  return scale <= after && precision - scale <= before;
}

/** A field of a table's schema, as the API tells it. */
export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly SchemaField[];
  readonly precision?: string;
  readonly scale?: string;
  readonly maxLength?: string;
}

const byApi: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

/** A field's type as DDL writes it. */
export function fieldType(field: SchemaField): string {
  const base = byApi[field.type] ?? field.type;
  const limits = field.precision ? [field.precision, field.scale].filter(Boolean) : [field.maxLength].filter(Boolean);
  const inner = base === 'STRUCT' ? `<${(field.fields ?? []).map((f) => `${f.name} ${fieldType(f)}`).join(', ')}>` : '';
  const whole = `${base}${inner}${limits.length ? `(${limits.join(', ')})` : ''}`;
  return field.mode === 'REPEATED' ? `ARRAY<${whole}>` : whole;
}

/** The columns of a table, as the API tells its schema. */
export const columnsOf = (fields: readonly SchemaField[]): TargetColumn[] =>
  fields.map((f) => ({ name: f.name, type: fieldType(f), nullable: f.mode !== 'REQUIRED' }));

/** A type of DDL as a field of a load job's schema. */
export function loadField(name: string, type: string): SchemaField {
  const array = /^ARRAY<(.*)>$/.exec(type);
  if (array) return { ...loadField(name, array[1]!), mode: 'REPEATED' };
  const [base, precision, scale] = partsOf(type);
  const decimal = base === 'NUMERIC' || base === 'BIGNUMERIC';
  return {
    name,
    type: base,
    ...(precision !== undefined && decimal && { precision: String(precision), scale: String(scale ?? 0) }),
    ...(precision !== undefined && !decimal && { maxLength: String(precision) }),
  };
}

/** Types that BigQuery clusters by. */
const clusters = /^(STRING|INT64|NUMERIC|BIGNUMERIC|BOOL|DATE|DATETIME|TIMESTAMP)(\(|$)/;

/** How BigQuery lays a table out: partitions of the contract's column, clusters of its key. */
export function tableOptions(
  { columns, key = [], partition }: Pick<TableContract, 'columns' | 'key' | 'partition'>,
  ident: (name: string) => string,
): string {
  const by =
    partition && partitionBy(bigQueryType(columns[partition.column]!.type), ident(partition.column), partition.by);
  const clustered = key.filter((name) => clusters.test(bigQueryType(columns[name]!.type))).slice(0, 4);
  return `${by ? ` PARTITION BY ${by}` : ''}${clustered.length ? ` CLUSTER BY ${clustered.map(ident).join(', ')}` : ''}`;
}

/**
 * Hours and weeks are divided by days: BigQuery has no weeks, and of hours its limit of partitions is reached in little more than a
 * year. Reading an hour or a week still reads nothing but the days it touches.
 */
function partitionBy(type: string, column: string, grain: TablePartition['by']): string {
  const unit = grain === 'month' || grain === 'year' ? grain.toUpperCase() : 'DAY';
  if (type === 'DATE') return unit === 'DAY' ? column : `DATE_TRUNC(${column}, ${unit})`;
  return `${type}_TRUNC(${column}, ${unit})`;
}
