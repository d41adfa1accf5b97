import type { OpenTarget, StageRef } from '../../../workflows/contract';
import type { ColumnMetrics } from '../../quality/load-metrics';
import {
  quantiles,
  sampledRows,
  sampledShare,
  toldColumns,
  type MetricsNote,
  type NotedMetrics,
} from '../metrics-policy';
import type { Session } from './client';
import type { Publish } from './publish-checks';
import { ident, literal } from './sql';
import { typeOf } from './stage-columns';

const ordered = /^(smallint|integer|bigint|numeric|real|double precision|date|time|timestamp)\b/;
const comparable = /^(smallint|integer|bigint|numeric|real|double precision|date|time|timestamp|text|character|uuid|boolean)\b[^[]*$/; // prettier-ignore

/**
 * What the audit's scan finds out for the metrics, as one JSON array: 1,600 columns would be more than a SELECT may list.
 * Per column the values that are not NULL, and of numbers and times the smallest and the largest.
 */
export function metricsSelect(target: OpenTarget): string {
  const found = toldColumns(target).flatMap((name) => {
    const column = `s.${ident(name)}`;
    const bounds = isOrdered(target, name) ? [`min(${column})::text`, `max(${column})::text`] : [];
    return [`count(${column})::text`, ...bounds];
  });
  return `to_json(ARRAY[${found.join(', ')}]::text[])::text`;
}

const isOrdered = (target: OpenTarget, name: string): boolean => ordered.test(typeOf(target, name)) && !typeOf(target, name).includes('['); // prettier-ignore

/** What the scan of {@link metricsSelect} has found, by column. */
export function scannedColumns(target: OpenTarget, rows: number, found: string | null): Record<string, ColumnMetrics> {
  const rest = JSON.parse(found ?? '[]') as (string | null)[];
  return Object.fromEntries(
    toldColumns(target).map((name) => {
      const nulls = rows - Number(rest.shift());
      const [min, max] = isOrdered(target, name) ? [rest.shift(), rest.shift()] : [];
      return [
        name,
        {
          type: typeOf(target, name),
          nulls,
          ...(typeof min === 'string' && { min }),
          ...(typeof max === 'string' && { max }),
        },
      ];
    }),
  );
}

/** Columns of one query: from version 16 on PostgreSQL plans for the cube of their number, two minutes for 1,600. */
const distinctColumns = 100;

/**
 * How many different values each column has in a sample, and of numbers and times how they are spread. The sample is whole
 * pages, taken from anywhere in the stage.
 */
export async function withSampled(
  tx: Session,
  { stage, rows }: Pick<StageRef, 'stage' | 'rows'>,
  columns: Readonly<Record<string, ColumnMetrics>>,
): Promise<Record<string, ColumnMetrics>> {
  const names = Object.keys(columns).filter((name) => comparable.test(columns[name]!.type));
  if (names.length === 0) return columns;
  const limit = sampledRows(names.length);
  const share = sampledShare(limit, rows);
  const sample = share >= 1 ? '' : ` TABLESAMPLE SYSTEM (${share * 100}) REPEATABLE (1)`;
  const found = new Map<string, Pick<ColumnMetrics, 'distinct' | 'of' | 'quantiles'>>();
  for (let from = 0; from < names.length; from += distinctColumns) {
    const some = names.slice(from, from + distinctColumns);
    const counts = some.map((name) => `count(DISTINCT ${ident(name)})::text`);
    const spreads = some.map((name) => (ordered.test(columns[name]!.type) ? quantilesOf(ident(name)) : 'NULL'));
    const [row] = await tx.rows<{ of: string; distinct: string[]; spreads: (string | null)[] }>(
      'audit:sample',
      `SELECT count(*) AS of, ARRAY[${counts.join(', ')}]::text[] AS distinct, ARRAY[${spreads.join(', ')}]::text[] AS spreads
       FROM (SELECT ${some.map((name) => ident(name)).join(', ')} FROM ${stage}${sample} LIMIT ${limit}) s`,
    );
    some.forEach((name, i) => {
      const spread = row!.spreads[i]?.split(' | ');
      found.set(name, {
        distinct: Number(row!.distinct[i]),
        of: Number(row!.of),
        ...(spread && { quantiles: spread }),
      });
    });
  }
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, { ...column, ...found.get(name) }]));
}

const quantilesOf = (column: string): string =>
  `array_to_string(percentile_disc(ARRAY[${quantiles.join(', ')}]) WITHIN GROUP (ORDER BY ${column})::text[], ' | ')`;

/** Keeps metrics with the stage until it is published. A comment lives and dies with its table, and nothing has to be tidied. */
export async function noteMetrics(tx: Session, stage: string, note: MetricsNote): Promise<void> {
  await tx.run('audit:metrics', `COMMENT ON TABLE ${stage} IS ${literal(JSON.stringify(note))}`);
}

/** See {@link noteMetrics}; `null` where nothing was noted. */
export async function notedMetrics({ tx, names, open, verdict }: Publish, stage: string): Promise<NotedMetrics | null> {
  const [row] = await tx.rows<{ note: MetricsNote | null; latencyMs: number }>(
    'publish:noted',
    `SELECT obj_description(to_regclass($1), 'pg_class')::json AS note,
       (extract(epoch FROM clock_timestamp() - claimed_at) * 1000)::float8 AS "latencyMs" FROM ${names.claims} WHERE load_key = $2`,
    [stage, open.loadKey],
  );
  if (!row?.note) return null;
  return { ...row.note, latencyMs: verdict ? null : Math.max(0, Math.round(row.latencyMs)) };
}
