import { notOffered } from '../../workflows/story-text';
import { columnReports } from './columns';
import { failedCheck, type CheckReport, type LoadReport, type ReportState, type RowCounts, type TableReport, type TrendPoint } from './load-report'; // prettier-ignore
import type { LoadMetrics } from '../../activities/quality/load-metrics';
import type { QuarantineSummary } from '../../activities/warehouses/quarantine';
import type { LoadDetails, RollbackReceipt } from '../../activities/warehouses/warehouse';
import type { FailedTable, LoadReceipt, TableReceipt } from '../../workflows/contract';
import type { Interval } from '../../workflows/interval';

/** What the ledger knows of one load. */
export interface KnownLoad {
  readonly details: LoadDetails;
  /** Absent while the load is open or held. */
  readonly receipt?: LoadReceipt;
  readonly quarantined: readonly QuarantineSummary[];
  /** By table: the loads before and, if it has left metrics, this one last. */
  readonly metrics: ReadonlyMap<string, readonly LoadMetrics[]>;
  /** By table: columns of which no value is told. */
  readonly masked: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The load that somebody has asked for by key or id: of a key what happened last, unless it is under way again. */
export function receiptAsked({ receipts, rejections, held }: LoadDetails, asked: string): LoadReceipt | undefined {
  const all = [...receipts, ...rejections].sort((a, b) => b.fence - a.fence);
  return all.find(({ loadId }) => loadId === asked) ?? (held ? undefined : all[0]);
}

/** Makes a report of what is known of a load. */
export function makeReport(known: KnownLoad, toolVersion: string, at: string): LoadReport {
  const { details, receipt } = known;
  const { pipeline, loadKey } = details;
  const rollback = details.rollbacks.find(({ loadId }) => loadId === receipt?.loadId);
  const interval = receipt?.interval ?? intervalOf(loadKey);
  const tables = tablesOf(known);
  const workflowId = receipt ? receipt.workflowId : details.workflowId;
  return {
    version: 1,
    toolVersion,
    at,
    state: stateOf(known, rollback),
    pipeline,
    loadKey,
    generation: receipt?.generation ?? details.generation,
    ...(workflowId && { workflowId }),
    ...(interval && { interval }),
    ...(receipt ? receiptFacts(receipt, tables) : heldFacts(details)),
    ...latencyOf(known),
    ...(rollback && { rolledBack: { by: rollback.by, reason: rollback.reason, at: rollback.at, tables: rollback.tables } }),
    tables,
  }; // prettier-ignore
}

function stateOf({ details, receipt }: KnownLoad, rollback: RollbackReceipt | undefined): ReportState {
  if (!receipt) return details.held ? 'held' : 'open';
  if (rollback) return 'rolled-back';
  return receipt.outcome === 'rejected' ? 'rejected' : receipt.adopted ? 'adopted' : 'loaded';
}

function receiptFacts(receipt: LoadReceipt, tables: readonly TableReport[]) {
  const { loadId, publishedAt, batch, reversible, adopted, verdict } = receipt;
  return {
    loadId,
    publishedAt,
    ...(batch.files > 0 && { batch }),
    reversible,
    ...(verdict && { verdict: { verdict: verdict.verdict, by: verdict.by, reason: verdict.reason } }),
    ...(adopted && { adopted: { by: adopted.by, reason: adopted.reason, rows: adopted.rows } }),
    warnings: untold(receipt, tables),
  };
}

/** Warnings that are not told beside a check or the quarantine already. */
function untold({ warnings }: LoadReceipt, tables: readonly TableReport[]): LoadReceipt['warnings'] {
  const told = tables.flatMap(({ checks }) => checks.map(({ expected, got }) => `expected ${expected}, got ${got}`));
  return warnings.filter(({ code, message }) => code !== 'RowsQuarantined' && !told.some((text) => message.includes(text))); // prettier-ignore
}

function heldFacts({ held }: LoadDetails) {
  if (!held) return { warnings: [] };
  const { until, then, choices, failed } = held;
  return { held: { until, then, choices, notOffered: notOffered(failed) }, warnings: [] };
}

function latencyOf({ receipt, metrics }: KnownLoad): { latencyMs?: number } {
  const [own] = [...metrics.values()].flat().filter(({ loadId }) => loadId === receipt?.loadId);
  return typeof own?.latencyMs === 'number' ? { latencyMs: own.latencyMs } : {};
}

function tablesOf({ details, receipt, quarantined, metrics, masked }: KnownLoad): TableReport[] {
  const failed = receipt?.verdict?.failed ?? (receipt ? [] : (details.held?.failed ?? []));
  const at = (receipt?.interval ?? intervalOf(details.loadKey))?.start ?? receipt?.publishedAt ?? details.renewedAt;
  const names = receipt?.tables.map(({ table }) => table) ?? details.targets;
  return names.map((table) => {
    const done = receipt?.tables.find((one) => one.table === table);
    const doubted = failed.find((one) => one.table === table);
    const rows = publishes(receipt) ? done?.read : doubted?.rows;
    const loads = metrics.get(table) ?? [];
    const own = loads.find(({ loadId }) => loadId === receipt?.loadId);
    const set = quarantined.find((one) => one.table === table);
    return {
      table,
      ...(done && { mode: done.mode }),
      ...(rows !== undefined && { rows }),
      ...(done && publishes(receipt) && { counts: countsOf(done) }),
      ...checksOf(receipt, done, doubted),
      ...(set && { quarantine: stateOfRows(set) }),
      anomalies: own?.anomalies ?? [],
      trend: trendOf(loads, own, publishes(receipt) ? undefined : rows, at),
      columns: own ? columnReports(loads, masked.get(table) ?? new Set()) : [],
    };
  });
}

/** Whether its counts are those of rows that were read. */
const publishes = (receipt: LoadReceipt | undefined): boolean => receipt?.outcome !== 'rejected' && receipt !== undefined && !receipt.adopted; // prettier-ignore

function countsOf({ table: _t, mode: _m, checks: _c, ...counts }: TableReceipt): RowCounts {
  return counts;
}

function checksOf(
  receipt: LoadReceipt | undefined,
  done: TableReceipt | undefined,
  doubted: FailedTable | undefined,
): { checks: readonly CheckReport[]; onlyFailed: boolean } {
  if (!publishes(receipt)) return { checks: (doubted?.checks ?? []).map(failedCheck), onlyFailed: true };
  const overruled = new Set(doubted?.checks.map(({ id }) => id));
  const checks = (done?.checks ?? []).map((check) => ({ ...check, overruled: overruled.has(check.id) }));
  return { checks, onlyFailed: false };
}

function stateOfRows({ loadId: _i, loadKey: _k, table: _t, ...rest }: QuarantineSummary) {
  return rest;
}

/** A load that was not published has left no metrics, but its rows may be known. Of repaired rows nobody keeps any: they are like no load. */
function trendOf(
  loads: readonly LoadMetrics[],
  own: LoadMetrics | undefined,
  rows: number | undefined,
  at: string,
): TrendPoint[] {
  const points = loads.map((load): TrendPoint => ({
    current: load === own,
    at: load.at,
    rows: load.rows,
    bytes: load.bytes,
    duplicates: load.duplicates,
    quarantined: load.quarantined,
    ...(load.latencyMs !== null && { latencyMs: load.latencyMs }),
    anomalies: load.anomalies,
  }));
  return rows === undefined ? points : [...points, { current: true, at, rows, anomalies: [] }];
}

/** The interval that a load key names: the ledger has it otherwise only once the load has ended. */
export function intervalOf(loadKey: string): Interval | undefined {
  const [, start, end] = /^([\dTZ:.-]{10,24})\.\.([\dTZ:.-]{10,24})$/.exec(loadKey.split('/')[3] ?? '') ?? [];
  const times = [start, end].map((text) => Date.parse(text ?? ''));
  const [from = Number.NaN, to = Number.NaN] = times;
  if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
  return { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
}
