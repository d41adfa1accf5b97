import type { OpenTarget } from '../../../workflows/contract';
import type { ColumnMetrics } from '../../quality/load-metrics';
import { quantiles, sampledRows, sampledShare, toldColumns } from '../metrics-policy';
import { baseType, typeOf } from './columns';
import type { Engine } from './engine';
import { raw, sql, type RunOptions, type Sql } from './port';
import { portions } from './rows';

/** Types by the contract's words, as a column that exists holds what they mean. */
const ordered = /^(smallint|integer|bigint|decimal|real|double|date|time|timestamp|timestamptz)$/;
const comparable = /^(smallint|integer|bigint|decimal|real|double|date|time|timestamp|timestamptz|text|uuid|boolean)$/;

type Columns = Record<string, ColumnMetrics>;

const baseOf = ({ contract }: OpenTarget, name: string): string => baseType(contract.columns[name]!.type);

/** Columns of one query: each makes three results. */
const scanColumns = 400;

/** The columns that metrics tell of, in portions that one query may have. */
export const scannedPortions = (target: OpenTarget): string[][] =>
  [...portions(toldColumns(target), scanColumns)].map((names) => [...names]);

/** What a scan finds out about columns of a stage `s`: values that are not NULL, and of numbers and times the bounds. */
export function columnFacts(
  { dialect }: Pick<Engine, 'dialect'>,
  target: OpenTarget,
  names: readonly string[],
): Record<string, Sql> {
  const facts: Record<string, Sql> = {};
  names.forEach((name, i) => {
    const column = `s.${dialect.ident(name)}`;
    facts[`m${i}`] = sql`COUNT(${raw(column)})`;
    if (!ordered.test(baseOf(target, name))) return;
    facts[`l${i}`] = sql`${raw(`CAST(MIN(${column}) AS ${dialect.own.text})`)}`;
    facts[`h${i}`] = sql`${raw(`CAST(MAX(${column}) AS ${dialect.own.text})`)}`;
  });
  return facts;
}

/** What {@link columnFacts} have found, by column. */
export function scannedColumns(
  engine: Pick<Engine, 'dialect'>,
  target: OpenTarget,
  names: readonly string[],
  found: Readonly<Record<string, unknown>>,
): Columns {
  const bound = (name: string, of: 'min' | 'max', value: unknown): Partial<ColumnMetrics> =>
    typeof value === 'string' ? { [of]: textOf(target, name, value) } : {};
  const columns = names.map((name, i): [string, ColumnMetrics] => [
    name,
    {
      type: typeOf(engine, target, name),
      nulls: Number(found['n']) - Number(found[`m${i}`]),
      ...bound(name, 'min', found[`l${i}`]),
      ...bound(name, 'max', found[`h${i}`]),
    },
  ]);
  return Object.fromEntries(columns);
}

/** Moments as PostgreSQL writes them, so that reports need to read one way only. */
function textOf(target: OpenTarget, name: string, value: string): string {
  if (!/^(date|time)/.test(baseOf(target, name))) return value;
  return value
    .replace(/^(\d{4,6}-\d\d-\d\d)T/, '$1 ')
    .replace(/ ?(?:Z|UTC)$/, '+00')
    .replace(/ ?([+-]\d\d):?00$/, '$1')
    .replace(/ ?([+-]\d\d):?(\d\d)$/, '$1:$2')
    .replace(/(:\d\d)\.(\d*?)0+(?!\d)/, (_, second: string, rest: string) => (rest ? `${second}.${rest}` : second));
}

/** Columns of one query over a sample, which numbers its rows once for each. */
const sampleColumns = 50;

/** How many different values each column has in a sample, and of numbers and times how they are spread. */
export async function withSampled(
  engine: Engine,
  target: OpenTarget,
  { stage, rows }: { readonly stage: string; readonly rows: number },
  columns: Readonly<Columns>,
  bounds: RunOptions,
): Promise<Columns> {
  const names = Object.keys(columns).filter((name) => comparable.test(baseOf(target, name)));
  const limit = sampledRows(names.length);
  const share = sampledShare(limit, rows);
  const from = share >= 1 ? stage : engine.dialect.sampled(stage, share);
  const sampled: Columns = { ...columns };
  for (const some of portions(names, sampleColumns)) {
    const [row] = await engine.backend.rows<Record<string, unknown>>(
      'audit',
      sampleSql(engine, target, some, { from, limit }),
      bounds,
    );
    some.forEach((name, i) => {
      const spread = quantiles.map((_, q) => row![`q${i}_${q}`]);
      sampled[name] = {
        ...columns[name]!,
        distinct: Number(row![`d${i}`]),
        of: Number(row!['n']),
        ...(spread.every((value) => typeof value === 'string') && {
          quantiles: spread.map((value) => textOf(target, name, value as string)),
        }),
      };
    });
  }
  return sampled;
}

/** The first value that so many hundredths of the others are not above, told by its number: not every warehouse has such a function. */
function sampleSql(
  { dialect }: Pick<Engine, 'dialect'>,
  target: OpenTarget,
  names: readonly string[],
  { from, limit }: { readonly from: string; readonly limit: number },
): Sql {
  const { ident } = dialect;
  const spread = names.map((name) => ordered.test(baseOf(target, name)));
  const numbered = names.flatMap((name, i) =>
    spread[i]
      ? [
          `ROW_NUMBER() OVER (ORDER BY s.${ident(name)} NULLS LAST) AS ${ident(`r${i}`)}`,
          `COUNT(s.${ident(name)}) OVER () AS ${ident(`c${i}`)}`,
        ]
      : [],
  );
  const quantile = (i: number, share: number, q: number): string => {
    const is = `s.${ident(`r${i}`)} = CEIL(${share} * s.${ident(`c${i}`)})`;
    return `MAX(CASE WHEN ${is} THEN CAST(s.${ident(names[i]!)} AS ${dialect.own.text}) END) AS ${ident(`q${i}_${q}`)}`;
  };
  const found = names.flatMap((name, i) => [
    `COUNT(DISTINCT s.${ident(name)}) AS ${ident(`d${i}`)}`,
    ...(spread[i] ? quantiles.map((share, q) => quantile(i, share, q)) : []),
  ]);
  const columns = names.map((name) => `s.${ident(name)}`);
  return sql`${raw(`SELECT COUNT(*) AS ${ident('n')}, ${found.join(', ')}
    FROM (SELECT ${[...columns, ...numbered].join(', ')} FROM (SELECT ${columns.join(', ')} FROM ${from} s LIMIT ${limit}) s) s`)}`;
}
