import type { OpenTarget } from '../../../workflows/contract';
import type { ColumnMetrics } from '../../quality/load-metrics';
import { baseType, typeOf } from './columns';
import type { Engine } from './engine';
import { raw, sql, type Sql } from './port';

/** What a scan asks of columns, and the way back to what is known of each. */
export interface ColumnFacts {
  readonly asked: Readonly<Record<string, Sql>>;
  readonly found?: Readonly<Record<string, unknown>>;
}

/** Columns whose values may be told of: what a contract masks is not looked at. */
const told = ({ contract }: OpenTarget): [string, string][] =>
  Object.entries(contract.columns)
    .filter(([, column]) => !column.masked)
    .map(([name, column]) => [name, baseType(column.type)]);

const ordered = /^(smallint|integer|bigint|decimal|real|double|date|time|timestamp|timestamptz)$/;

/** Of so many columns at most: more are more than one SELECT may list. */
const most = 300;

/** Per column the values that are not NULL, and of numbers and times the smallest and the largest. */
export function columnFacts({ dialect }: Pick<Engine, 'dialect'>, target: OpenTarget): ColumnFacts {
  const asked: Record<string, Sql> = {};
  told(target)
    .slice(0, most)
    .forEach(([name, type], i) => {
      const column = `s.${dialect.ident(name)}`;
      asked[`m${i}`] = sql`${raw(`COUNT(${column})`)}`;
      if (!ordered.test(type)) return;
      asked[`l${i}`] = sql`${raw(`CAST(MIN(${column}) AS ${dialect.own.text})`)}`;
      asked[`h${i}`] = sql`${raw(`CAST(MAX(${column}) AS ${dialect.own.text})`)}`;
    });
  return { asked };
}

/** What the scan has found, by column. */
export function columnMetrics(
  engine: Pick<Engine, 'dialect'>,
  target: OpenTarget,
  rows: number,
  { found = {} }: ColumnFacts,
): Record<string, ColumnMetrics> {
  const columns: Record<string, ColumnMetrics> = {};
  told(target)
    .slice(0, most)
    .forEach(([name], i) => {
      const [min, max] = [found[`l${i}`], found[`h${i}`]];
      columns[name] = {
        type: typeOf(engine, target, name),
        nulls: rows - Number(found[`m${i}`] ?? 0),
        ...(typeof min === 'string' && { min }),
        ...(typeof max === 'string' && { max }),
      };
    });
  return columns;
}
