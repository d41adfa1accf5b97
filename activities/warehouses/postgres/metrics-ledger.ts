import type { LoadWarning, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { shownLoads } from '../../quality/find-anomalies';
import type { LoadMetrics } from '../../quality/load-metrics';
import { judgeLatency, type NotedMetrics } from '../metrics-policy';
import type { MetricsFilter } from '../warehouse';
import type { Session } from './client';
import { iso } from './inspect';
import { notUndone, type LedgerNames } from './ledger-schema';
import { notedMetrics } from './metrics';
import type { Publish } from './publish-checks';

type MetricsRow = LoadMetrics & Record<string, unknown>;

const fields = `load_id AS "loadId", load_key AS "loadKey", pipeline, target AS "table", generation, ${iso('at')} AS at,
  ${iso('published_at')} AS "publishedAt", latency_ms AS "latencyMs", rows::float8 AS rows, bytes::float8 AS bytes,
  duplicates::float8 AS duplicates, quarantined::float8 AS quarantined, columns, anomalies`;

/** True for loads whose rows count: not undone, and of an interval the newest content. */
const standing = (names: LedgerNames): string => `${notUndone(names, 'm')} AND (interval_start IS NULL OR NOT EXISTS (
  SELECT 1 FROM ${names.metrics} l WHERE l.target = m.target AND l.pipeline = m.pipeline AND l.at = m.at
    AND l.load_key = m.load_key AND l.generation > m.generation))`;

/** What a load is compared with: the loads before it, and further back those of its weekday and hour. In the order of time. */
export function metricsBefore(
  s: Session,
  names: LedgerNames,
  { pipeline, loadKey, interval }: OpenLoad,
  { target }: OpenTarget,
): Promise<LoadMetrics[]> {
  const now = 'coalesce($4::timestamptz, clock_timestamp())';
  const newest = (and = ''): string =>
    `(SELECT load_id FROM ${names.metrics} m WHERE target = $1 AND pipeline = $2 AND at < ${now} AND ${standing(names)}
       AND (interval_start IS NULL OR load_key <> $3)${and} ORDER BY at DESC LIMIT ${shownLoads})`;
  const apart = `extract(epoch FROM ${now} - at)::numeric % 604800`;
  const season = ` AND at > ${now} - interval '85 days' AND (${apart} < 1800 OR ${apart} > 603000)`;
  return s.rows<MetricsRow>(
    'metrics:before',
    `SELECT ${fields} FROM ${names.metrics} m WHERE target = $1 AND load_id IN (${newest()} UNION ${newest(season)}) ORDER BY m.at`,
    [target, pipeline, loadKey, interval?.start ?? null],
  );
}

const ofTable = `right('.' || target, length($1) + 1) = '.' || $1`;

/** See `Warehouse.metrics`. */
export async function listMetrics(
  s: Session,
  names: LedgerNames,
  { table, limit, upTo }: MetricsFilter,
): Promise<LoadMetrics[]> {
  const found = upTo
    ? await s.rows<MetricsRow>(
        'metrics:up-to',
        `SELECT ${fields} FROM ${names.metrics} m WHERE ${ofTable} AND (load_id = $3 OR
           (pipeline = $4 AND at < $5::timestamptz AND (interval_start IS NULL OR load_key <> $6) AND ${standing(names)}))
         ORDER BY load_id = $3 DESC, m.at DESC, m.published_at DESC LIMIT $2`,
        [table, limit, upTo.loadId ?? '', upTo.pipeline, upTo.at, upTo.loadKey],
      )
    : await s.rows<MetricsRow>(
        'metrics:list',
        `SELECT ${fields} FROM ${names.metrics} m WHERE ${ofTable} AND ${standing(names)} ORDER BY m.published_at DESC LIMIT $2`,
        [table, limit],
      );
  return found.reverse();
}

/** Writes the metrics of each table, in the publish transaction. Resolves to what was odd about the time it took. */
export async function writeMetrics(publish: Publish, tables: readonly TableReceipt[]): Promise<LoadWarning[]> {
  const warnings: LoadWarning[] = [];
  for (const [index, { audited }] of publish.stages.entries()) {
    const noted = await notedMetrics(publish, audited.stage);
    // Repaired rows, or audited by a release that noted none.
    if (noted === null) continue;
    const { contract } = publish.open.targets[audited.index]!;
    const odd = judgeLatency(contract, noted, audited.rows);
    await insertMetrics(publish, tables[index]!, audited.batch.bytes, { ...noted, anomalies: odd.anomalies });
    warnings.push(...odd.warnings);
  }
  return warnings;
}

function insertMetrics(
  { tx, names, open }: Publish,
  { table, read, duplicates, quarantined }: TableReceipt,
  bytes: number,
  { columns, anomalies, latencyMs }: NotedMetrics,
): Promise<number> {
  return tx.run(
    'publish:metrics',
    `INSERT INTO ${names.metrics} (load_id, target, load_key, generation, pipeline, interval_start, at, published_at,
       latency_ms, rows, bytes, duplicates, quarantined, columns, anomalies)
     SELECT $1, $2, $3, $4, $5, $6, coalesce($6::timestamptz, now), now, $7, $8, $9, $10, $11, $12, $13 FROM clock_timestamp() now`,
    [
      open.loadId,
      table,
      open.loadKey,
      open.generation,
      open.pipeline,
      open.interval?.start ?? null,
      latencyMs,
      read,
      bytes,
      duplicates,
      quarantined,
      JSON.stringify(columns),
      anomalies,
    ],
  );
}
