import type { Engine } from './engine';
import { columnsOf, type LedgerNames } from './ledger-schema';
import { raw, sql, type Dialect, type RawSql, type Sql, type SqlValue, type UnitStatement } from './port';

/** What is written into a column of Loadline's own: a value, or SQL that makes it. */
export type Written = string | number | boolean | null | Sql | RawSql;

type Values = Readonly<Record<string, Written>>;

/** Inserts one row into one of Loadline's tables. */
export function insertRow(
  { dialect, names }: Pick<Engine, 'dialect' | 'names'>,
  table: keyof LedgerNames,
  values: Values,
): Sql {
  const kinds = columnsOf(table);
  const columns = Object.keys(values).map((name) => dialect.ident(name));
  const written = Object.entries(values).map(([name, value]) => writtenSql(dialect, kinds[name]!, value));
  return sql`INSERT INTO ${raw(names[table])} (${raw(columns.join(', '))}) SELECT ${joined(written, ', ')}`;
}

/** As a statement of a unit. */
export const inserted = (
  engine: Pick<Engine, 'dialect' | 'names'>,
  table: keyof LedgerNames,
  values: Values,
): UnitStatement => ({
  name: table,
  kind: 'change',
  sql: insertRow(engine, table, values),
});

function writtenSql(dialect: Dialect, kind: keyof Dialect['own'], value: Written): Sql {
  if (value === null) return sql`CAST(NULL AS ${raw(dialect.own[kind])})`;
  if (typeof value === 'object') return 'raw' in value ? sql`${value}` : value;
  if (kind === 'timestamp') return dialect.timestamp(String(value));
  return typeof value === 'string' ? sql`${value}` : constant(value);
}

/** A number or a truth value as it is, which needs no binding. */
export const constant = (value: number | boolean): Sql => sql`${raw(String(value).toUpperCase())}`;

/** Statements with text between them. */
export function joined(parts: readonly Sql[], between: string): Sql {
  return parts.reduce((all, part, i) => (i === 0 ? part : sql`${all}${raw(between)}${part}`), sql``);
}

/** Values in brackets, as after IN. */
export const listed = (values: readonly SqlValue[]): Sql =>
  sql`(${joined(
    values.map((value) => sql`${value}`),
    ', ',
  )})`;

/** Values in portions that a statement may hold. */
export function* portions<T>(values: readonly T[], size = 500): Generator<readonly T[]> {
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size);
}
