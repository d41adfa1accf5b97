import type { LoadWarning, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { shownLoads } from '../../quality/find-anomalies';
import type { LoadMetrics } from '../../quality/load-metrics';
import { judgeLatency, type MetricsNote, type NotedMetrics } from '../metrics-policy';
import type { MetricsFilter } from '../warehouse';
import type { Claim } from './claims';
import { own, type Engine } from './engine';
import { notUndone } from './ledger';
import { raw, sql, type Sql, type UnitStatement } from './port';
import type { Publish } from './publish-checks';
import { inserted, insertRow, listed } from './rows';

interface MetricsRow {
  readonly load_id: string;
  readonly load_key: string;
  readonly pipeline: string;
  readonly target: string;
  readonly generation: unknown;
  readonly at: string;
  readonly published_at: string;
  readonly latency_ms: unknown;
  readonly row_count: unknown;
  readonly bytes: unknown;
  readonly duplicates: unknown;
  readonly quarantined: unknown;
  readonly columns: string;
  readonly anomalies: string;
}

/** A column of the metrics `m`. */
const at = ({ dialect }: Pick<Engine, 'dialect'>, name: string, alias = 'm'): string =>
  `${alias}.${dialect.ident(name)}`;

function fields({ dialect }: Engine): Sql {
  const plain = [
    'load_id',
    'load_key',
    'pipeline',
    'target',
    'generation',
    'latency_ms',
    'row_count',
    'bytes',
    'duplicates',
    'quarantined',
    'columns',
    'anomalies',
  ];
  const moments = ['at', 'published_at'].map(
    (name) => `${dialect.isoText(`m.${dialect.ident(name)}`)} AS ${dialect.ident(name)}`,
  );
  return sql`${raw([...plain.map((name) => `m.${dialect.ident(name)} AS ${dialect.ident(name)}`), ...moments].join(', '))}`;
}

const metricsOf = (row: MetricsRow): LoadMetrics => ({
  loadId: row.load_id,
  loadKey: row.load_key,
  pipeline: row.pipeline,
  table: row.target,
  generation: Number(row.generation),
  at: row.at,
  publishedAt: row.published_at,
  latencyMs: row.latency_ms === null ? null : Number(row.latency_ms),
  rows: Number(row.row_count),
  bytes: Number(row.bytes),
  duplicates: Number(row.duplicates),
  quarantined: Number(row.quarantined),
  columns: JSON.parse(row.columns) as LoadMetrics['columns'],
  anomalies: JSON.parse(row.anomalies) as string[],
});

/** True for loads whose rows count: not undone, and of an interval the newest content. */
function standing(engine: Engine): string {
  const same = ['target', 'pipeline', 'load_key', 'interval_start'].map(
    (name) => `${at(engine, name, 'l')} = ${at(engine, name)}`,
  );
  return `${notUndone(engine, 'm')} AND NOT EXISTS (SELECT 1 FROM ${engine.names.metrics} l
    WHERE ${same.join(' AND ')} AND ${at(engine, 'generation', 'l')} > ${at(engine, 'generation')})`;
}

/** True for metrics that another load of a key may be compared with: not those that it takes the place of. */
const apartFrom = (engine: Engine, loadKey: string): Sql =>
  sql`(${raw(at(engine, 'interval_start'))} IS NULL OR ${raw(at(engine, 'load_key'))} <> ${loadKey})`;

const weekMs = 7 * 86_400_000;
const halfHourMs = 1_800_000;
const seasonMs = 85 * 86_400_000;

/** What a load is compared with: the loads before it, and further back those of its weekday and hour. In the order of time. */
export async function metricsBefore(
  engine: Engine,
  { pipeline, loadKey, interval }: OpenLoad,
  { target }: OpenTarget,
): Promise<LoadMetrics[]> {
  const { dialect, names, backend } = engine;
  const now = interval ? dialect.timestamp(interval.start) : sql`${raw(dialect.now)}`;
  const [instant, then] = [at(engine, 'at'), dialect.ident('_loadline_now')];
  const before = dialect.msBetween(instant, `n.${then}`);
  const candidates = sql`FROM ${raw(names.metrics)} m CROSS JOIN (SELECT ${now} AS ${raw(then)}) n
    WHERE ${raw(at(engine, 'target'))} = ${target} AND ${raw(at(engine, 'pipeline'))} = ${pipeline}
      AND ${raw(instant)} < n.${raw(then)} AND ${apartFrom(engine, loadKey)} AND ${raw(standing(engine))}`;
  const apart = `MOD(${before}, ${weekMs})`;
  const season = raw(`${before} < ${seasonMs} AND (${apart} < ${halfHourMs} OR ${apart} > ${weekMs - halfHourMs})`);
  const newest = sql`ORDER BY ${raw(instant)} DESC LIMIT ${raw(String(shownLoads))}`;
  const [last, alike] = await Promise.all(
    [candidates, sql`${candidates} AND ${season}`].map((from) =>
      backend.rows<MetricsRow>('audit', sql`SELECT ${fields(engine)} ${from} ${newest}`),
    ),
  );
  const found = new Map([...last!, ...alike!].map((row) => [row.load_id, metricsOf(row)]));
  return [...found.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** See `Warehouse.metrics`. */
export async function listMetrics(engine: Engine, { table, limit, upTo }: MetricsFilter): Promise<LoadMetrics[]> {
  const { dialect, names, backend } = engine;
  const asked = `.${table}`;
  const ofTable = sql`RIGHT(CONCAT('.', ${raw(at(engine, 'target'))}), ${raw(String([...asked].length))}) = ${asked}`;
  const counts = sql`SELECT ${fields(engine)} FROM ${raw(names.metrics)} m WHERE ${ofTable}`;
  const most = raw(String(Math.trunc(limit)));
  const asking = upTo
    ? sql`${counts} AND (${raw(at(engine, 'load_id'))} = ${upTo.loadId ?? ''} OR (${raw(at(engine, 'pipeline'))} = ${upTo.pipeline}
        AND ${raw(at(engine, 'at'))} < ${dialect.timestamp(upTo.at)} AND ${apartFrom(engine, upTo.loadKey)} AND ${raw(standing(engine))}))
        ORDER BY CASE WHEN ${raw(at(engine, 'load_id'))} = ${upTo.loadId ?? ''} THEN 0 ELSE 1 END,
          ${raw(at(engine, 'at'))} DESC, ${raw(at(engine, 'published_at'))} DESC LIMIT ${most}`
    : sql`${counts} AND ${raw(standing(engine))} ORDER BY ${raw(at(engine, 'published_at'))} DESC LIMIT ${most}`;
  const rows = await backend.rows<MetricsRow>('metrics', asking);
  return rows.map(metricsOf).reverse();
}

/** Keeps what the audit has found with the name of the stage, for the publish. Told twice, the newest counts. */
export async function noteMetrics(engine: Engine, stage: string, note: MetricsNote): Promise<void> {
  const row = insertRow(engine, 'notes', { stage, note: JSON.stringify(note), at: raw(engine.dialect.now) });
  await engine.backend.run('audit', row);
}

async function notesOf(engine: Engine, stages: readonly string[]): Promise<Map<string, MetricsNote>> {
  const rows = await engine.backend.rows<{ stage: string; note: string }>(
    'publish',
    sql`SELECT ${own(engine, 'stage', 'note')} FROM ${raw(engine.names.notes)} WHERE ${own(engine, 'stage')} IN ${listed(stages)}
        ORDER BY ${own(engine, 'at')}`,
  );
  return new Map(rows.map((row) => [row.stage, JSON.parse(row.note) as MetricsNote]));
}

/** The statements that write the metrics of each table, and what was odd about the time it took. */
export async function decideMetrics(
  publish: Publish,
  { claimedAt }: Pick<Claim, 'claimedAt'>,
  tables: readonly TableReceipt[],
  publishedAt: string,
): Promise<{ statements: UnitStatement[]; warnings: LoadWarning[] }> {
  const { engine, open, stages, verdict } = publish;
  const notes = await notesOf(
    engine,
    stages.map((s) => s.audited.stage),
  );
  const statements: UnitStatement[] = [];
  const warnings: LoadWarning[] = [];
  for (const [i, { audited }] of stages.entries()) {
    const note = notes.get(audited.stage);
    // Repaired rows, or audited by a release that noted none.
    if (note === undefined) continue;
    const latencyMs = verdict ? null : Math.max(0, Date.parse(publishedAt) - Date.parse(claimedAt));
    const noted: NotedMetrics = { ...note, latencyMs };
    const odd = judgeLatency(open.targets[audited.index]!.contract, noted, audited.rows);
    statements.push(
      metricsRow(engine, open, tables[i]!, {
        ...noted,
        anomalies: odd.anomalies,
        bytes: audited.batch.bytes,
        publishedAt,
      }),
    );
    warnings.push(...odd.warnings);
  }
  return { statements, warnings };
}

const metricsRow = (
  engine: Engine,
  { loadId, loadKey, generation, pipeline, interval }: OpenLoad,
  { table, read, duplicates, quarantined }: TableReceipt,
  {
    columns,
    anomalies,
    latencyMs,
    bytes,
    publishedAt,
  }: NotedMetrics & { readonly bytes: number; readonly publishedAt: string },
): UnitStatement =>
  inserted(engine, 'metrics', {
    load_id: loadId,
    target: table,
    load_key: loadKey,
    generation,
    pipeline,
    interval_start: interval?.start ?? null,
    at: interval?.start ?? publishedAt,
    published_at: publishedAt,
    latency_ms: latencyMs,
    row_count: read,
    bytes,
    duplicates,
    quarantined,
    columns: JSON.stringify(columns),
    anomalies: JSON.stringify(anomalies),
  });
