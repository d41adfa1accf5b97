import type { Check, CheckOf, RowCheck } from '../../../workflows/checks';
import type { OpenTarget } from '../../../workflows/contract';
import type { AggregateCheck } from '../check-verdicts';
import { valueSql } from './columns';
import type { Engine } from './engine';
import { raw, sql, type RawSql, type Sql } from './port';
import { joined } from './rows';

type Asked = Pick<OpenTarget, 'contract' | 'columns'>;

const none = sql`FALSE`;

/** True for rows `s` of a stage that break a check; never NULL. */
export function brokenSql(engine: Pick<Engine, 'dialect'>, target: Asked, check: RowCheck): Sql {
  const { dialect } = engine;
  const column = 'column' in check ? raw(`s.${dialect.ident(check.column)}`) : raw('');
  const text = raw(`CAST(${column.raw} AS ${dialect.own.text})`);
  switch (check.kind) {
    case 'key':
    case 'notNull':
      return sql`(${column} IS NULL)`;
    case 'range':
      return outside(column, check, (bound) => valueSql(engine, target, check.column, bound));
    case 'accepted': {
      const accepted = joined(
        check.accepted.map((v) => valueSql(engine, target, check.column, v)),
        ', ',
      );
      return sql`COALESCE(${column} NOT IN (${accepted}), FALSE)`;
    }
    case 'pattern':
      return sql`COALESCE(NOT ${dialect.matches(text.raw, sql`${`^(${check.pattern})$`}`)}, FALSE)`;
    case 'length':
      return outside(raw(`LENGTH(${text.raw})`), check, (bound) => sql`${raw(String(bound))}`);
    case 'sql':
      return sql`NOT COALESCE((${raw(check.sql)}), TRUE)`;
    case 'references':
      return missing(engine, check);
  }
}

type Bounds = { readonly min?: number | string; readonly max?: number | string };

function outside(value: RawSql, { min, max }: Bounds, write: (bound: string | number) => Sql): Sql {
  const bounds = [
    ...(min === undefined ? [] : [sql`${value} < ${write(min)}`]),
    ...(max === undefined ? [] : [sql`${value} > ${write(max)}`]),
  ];
  return bounds.length ? sql`COALESCE(${joined(bounds, ' OR ')}, FALSE)` : none;
}

/** The alias of what a check refers to, where it is joined to a stage. */
const referred = ({ dialect }: Pick<Engine, 'dialect'>, { name }: CheckOf<'references'>): string =>
  dialect.ident(`_loadline_${name}`);

function missing(engine: Pick<Engine, 'dialect'>, check: CheckOf<'references'>): Sql {
  const whole = check.columns.map((name) => `s.${engine.dialect.ident(name)} IS NOT NULL`);
  return sql`${raw(`(${whole.join(' AND ')} AND ${referred(engine, check)}.${engine.dialect.ident('_loadline_hit')} IS NULL)`)}`;
}

/** The tables that a contract refers to, as quoted names by how the contract writes them. */
export type Relations = ReadonlyMap<string, string>;

/** A stage `s` with what its checks look up in other tables. */
export function stageSql(
  engine: Pick<Engine, 'dialect'>,
  stage: string,
  checks: readonly Check[],
  relations: Relations,
): string {
  const { ident } = engine.dialect;
  const joins = checks
    .filter((c) => c.kind === 'references')
    .map((c) => {
      const keys = c.to.map((name, i) => `${ident(name)} AS ${ident(`_loadline_k${i}`)}`);
      const on = c.columns.map((name, i) => `s.${ident(name)} = ${referred(engine, c)}.${ident(`_loadline_k${i}`)}`);
      return ` LEFT JOIN (SELECT DISTINCT ${keys.join(', ')}, 1 AS ${ident('_loadline_hit')} FROM ${relations.get(c.table)!}) ${referred(engine, c)}
        ON ${on.join(' AND ')}`;
    });
  return `${stage} s${joins.join('')}`;
}

/** True for rows that break one of some checks; `null` where there is none. */
export function anyBroken(engine: Pick<Engine, 'dialect'>, target: Asked, checks: readonly RowCheck[]): Sql | null {
  if (!checks.length) return null;
  return sql`(${joined(
    checks.map((check) => brokenSql(engine, target, check)),
    ' OR ',
  )})`;
}

/**
 * What an aggregate check asks of rows: of `freshness` the age of the newest value in milliseconds before `at`; of `sum` -1
 * below the bounds, 1 above them, 0 between.
 */
export function aggregateSql({ dialect }: Pick<Engine, 'dialect'>, check: AggregateCheck, at: string): Sql {
  const column = `s.${dialect.ident(check.column)}`;
  if (check.kind === 'freshness')
    return sql`${raw(dialect.msBetween(`CAST(MAX(${column}) AS ${dialect.own.timestamp})`, at))}`;
  const total = `COALESCE(SUM(${column}), 0)`;
  const side = (bound: number | string | undefined, sign: string, answer: string): string =>
    bound === undefined
      ? ''
      : ` WHEN ${total} ${sign} ${Number.isNaN(Number(bound)) ? 'NULL' : String(bound)} THEN ${answer}`;
  const cases = `${side(check.min, '<', '-1')}${side(check.max, '>', '1')}`;
  return sql`${raw(cases ? `CASE${cases} ELSE 0 END` : '0')}`;
}

/** The end of the load's interval, or now: whichever is earlier. */
export function seenFrom({ dialect }: Pick<Engine, 'dialect'>, end: string | undefined): string {
  const now = `CAST(${dialect.now} AS ${dialect.own.timestamp})`;
  if (end === undefined) return now;
  const at = new Date(end).toISOString();
  return `LEAST(${now}, CAST('${at.replace('T', ' ').replace('Z', '+00:00')}' AS ${dialect.own.timestamp}))`;
}
