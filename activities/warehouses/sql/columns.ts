import type { OpenTarget, PartitionRange } from '../../../workflows/contract';
import { joinRanges } from '../publish-policy';
import { reasonsColumn } from '../own-columns';
import type { Engine } from './engine';
import { raw, sql, type RawSql, type Sql } from './port';

/** The word before the brackets: `decimal` of `decimal(12,2)`. */
export const baseType = (type: string): string => /^[a-z]+/.exec(type)?.[0] ?? type;

/** A column's type in target and stage. */
export function typeOf(
  { dialect }: Pick<Engine, 'dialect'>,
  { columns, contract }: Pick<OpenTarget, 'columns' | 'contract'>,
  name: string,
): string {
  return columns?.find((c) => c.name === name)?.type ?? dialect.type(contract.columns[name]!.type);
}

/** A column of a stage: its name, what it is called at the source, and its type. */
export interface StageColumn {
  readonly name: string;
  readonly from: string;
  readonly type: string;
}

/** The stage takes the target's types, so that a value that does not fit is found there. */
export function stageColumns(
  engine: Pick<Engine, 'dialect'>,
  target: Pick<OpenTarget, 'columns' | 'contract'>,
): StageColumn[] {
  return Object.entries(target.contract.columns).map(([name, c]) => ({
    name,
    from: c.from ?? name,
    type: typeOf(engine, target, name),
  }));
}

/** `alias."a", alias."b"`. */
export const columnList = ({ dialect }: Pick<Engine, 'dialect'>, names: readonly string[], alias?: string): string =>
  names.map((name) => (alias ? `${alias}.${dialect.ident(name)}` : dialect.ident(name))).join(', ');

/** Rows whose key is equal in both tables. */
export const sameKey = (
  { dialect }: Pick<Engine, 'dialect'>,
  key: readonly string[],
  left: string,
  right: string,
): string => key.map((name) => `${left}.${dialect.ident(name)} = ${right}.${dialect.ident(name)}`).join(' AND ');

/** The columns beside the key. */
export const valuesOf = ({ contract }: Pick<OpenTarget, 'contract'>): string[] =>
  Object.keys(contract.columns).filter((name) => !contract.key?.includes(name));

/** What tells rows of a stage apart, all columns of the contract taken together. */
export function wholeRow(
  engine: Pick<Engine, 'dialect'>,
  target: Pick<OpenTarget, 'columns' | 'contract'>,
  alias: string,
): string {
  const parts = Object.keys(target.contract.columns).map((name) => ({
    sql: `${alias}.${engine.dialect.ident(name)}`,
    type: typeOf(engine, target, name),
  }));
  return engine.dialect.rowKey(parts);
}

/** The rows of a stage that publish writes, as a relation. */
export function goodRows(
  { dialect }: Pick<Engine, 'dialect'>,
  stage: { readonly stage: string; readonly quarantined: number },
): string {
  return stage.quarantined > 0
    ? `(SELECT * FROM ${stage.stage} WHERE ${dialect.ident(reasonsColumn)} IS NULL)`
    : stage.stage;
}

const numeric = /^(smallint|integer|bigint|decimal|real|double)$/;
const number = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** A value of a contract, as the column's type reads it. */
export function valueSql(
  engine: Pick<Engine, 'dialect'>,
  target: Pick<OpenTarget, 'columns' | 'contract'>,
  name: string,
  value: string | number | boolean,
): Sql {
  const base = baseType(target.contract.columns[name]!.type);
  if (typeof value === 'boolean') return sql`${raw(String(value).toUpperCase())}`;
  // As it is written: bound, it would become a double.
  if (numeric.test(base) && number.test(String(value))) return sql`${raw(String(value))}`;
  if (base === 'text') return sql`${String(value)}`;
  return sql`CAST(${String(value)} AS ${raw(typeOf(engine, target, name))})`;
}

/** True for rows inside one of the ranges, under this alias or none; never NULL. */
export function insideRanges(
  engine: Pick<Engine, 'dialect'>,
  target: OpenTarget,
  alias: string | null,
  ranges: readonly PartitionRange[],
): RawSql {
  const { column } = target.contract.partition!;
  const name = columnList(engine, [column], alias ?? undefined);
  const base = baseType(target.contract.columns[column]!.type);
  const type = typeOf(engine, target, column);
  const bound = (instant: string): string => `CAST('${boundText(instant, base)}' AS ${type})`;
  const inside = joinRanges(ranges).map((r) => `(${name} >= ${bound(r.start)} AND ${name} < ${bound(r.end)})`);
  return raw(`COALESCE(${inside.join(' OR ') || 'FALSE'}, FALSE)`);
}

/** An instant as text that the type of a partition's column reads: dates and local timestamps are UTC. */
export function boundText(instant: string, base: string): string {
  // Written down, as a year of days is more than a statement may bind.
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(instant))
    throw new TypeError('a partition begins and ends at an instant');
  if (base === 'date') return instant.slice(0, 10);
  return base === 'timestamptz'
    ? instant.replace('T', ' ').replace('Z', '+00:00')
    : instant.replace('T', ' ').replace('Z', '');
}
