import type { Verdict } from '../../workflows/checks';
import type { LoadWarning, OpenTarget } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import { compareOptions } from '../quality/compare-options';
import { anomalyVerdicts, findAnomalies, latencyLimit, slowness } from '../quality/find-anomalies';
import type { BatchMetrics, LoadMetrics } from '../quality/load-metrics';
import { checkWarnings } from './audit-policy';

/** Columns whose values may be told of: what a contract masks is not looked at. */
export function toldColumns({ contract }: Pick<OpenTarget, 'contract'>): string[] {
  return Object.entries(contract.columns)
    .filter(([, column]) => !column.masked)
    .map(([name]) => name);
}

/** Rows that are looked at for different values. All of them would have to be sorted, once per column. */
const distinctRows = 10_000;
/** Of wide tables fewer rows, so that it costs the same. */
const distinctValues = 400_000;

/** How many rows are looked at for different values, where so many columns are. */
export const sampledRows = (columns: number): number =>
  Math.floor(Math.min(distinctRows, Math.max(100, distinctValues / columns)));

/** The share of a stage, up to 1, that such a sample is taken from, so that it is of anywhere in the stage. */
export const sampledShare = (limit: number, rows: number): number => Math.min(1, (1.5 * limit) / Math.max(rows, 1));

/** Of how many hundredths of the values a sample tells what they are at most. */
export const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/**
 * What the audit leaves for the publish, in the warehouse: smallest and largest values, and those between, are values of rows, and
 * must not pass through a workflow's history.
 */
export interface MetricsNote {
  readonly columns: BatchMetrics['columns'];
  /** The ids of what was odd. */
  readonly anomalies: readonly string[];
  /** How long the load may take before that is odd; `null` where nobody knows. */
  readonly latencyLimitMs: number | null;
}

/** What the audit has noted of a stage, and how long ago its load was claimed. */
export interface NotedMetrics extends MetricsNote {
  /** By the warehouse's clock; `null` of a load that has waited for a verdict, which says nothing of how fast it is. */
  readonly latencyMs: number | null;
}

/** What a batch is judged by. */
export interface Measured {
  readonly contract: TableContract;
  readonly batch: BatchMetrics;
  /** Milliseconds since 1970: the start of the load's interval, or now. */
  readonly at: number;
  /** The loads before it, in the order of time; none are asked for where the contract wants no comparing. */
  readonly before: readonly LoadMetrics[];
}

/** Judges a batch by the loads before it. */
export function judgeBatch({ contract, batch, at, before }: Measured): { verdicts: Verdict[]; note: MetricsNote } {
  const options = compareOptions(contract);
  const anomalies = options ? findAnomalies(batch, at, before, options) : [];
  return {
    verdicts: anomalyVerdicts(contract, anomalies, batch.rows),
    note: {
      columns: batch.columns,
      anomalies: anomalies.map((anomaly) => anomaly.id),
      latencyLimitMs: options && latencyLimit(before, options),
    },
  };
}

/** What was odd about a batch, with the time that its load took. When rows are about to be seen it is too late to stop them for that. */
export function judgeLatency(
  contract: TableContract,
  noted: NotedMetrics,
  rows: number,
): { anomalies: string[]; warnings: LoadWarning[] } {
  const slow = slowness(noted);
  return {
    anomalies: [...noted.anomalies, ...slow.map((a) => a.id)],
    warnings: checkWarnings(contract, anomalyVerdicts({}, slow, rows)),
  };
}
