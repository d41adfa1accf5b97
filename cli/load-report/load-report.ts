import type { RolledBackTable, SignedBy } from '../../activities/warehouses/warehouse';
import type { QuarantineSummary } from '../../activities/warehouses/quarantine';
import type { FailedCheck, HeldLoad, LoadReceipt, LoadVerdict, LoadWarning, TableReceipt } from '../../workflows/contract'; // prettier-ignore
import type { Verdict } from '../../workflows/checks';
import type { Interval } from '../../workflows/interval';

/**
 * Everything that a report tells of one load: plain data, of which every form of the report is made. Holds no value of a
 * row but, of numbers and times in columns that are not masked, a few of each load: the smallest, the largest, and quantiles.
 */
export interface LoadReport {
  readonly version: 1;
  readonly toolVersion: string;
  /** When the report was made; ISO 8601, UTC. */
  readonly at: string;
  readonly state: ReportState;
  readonly pipeline: string;
  readonly loadKey: string;
  /** Absent before the load has published or was rejected. */
  readonly loadId?: string;
  readonly generation: number;
  readonly workflowId?: string;
  readonly interval?: Interval;
  /** When it was published, rejected or adopted; ISO 8601, UTC. */
  readonly publishedAt?: string;
  /** From the claim of the load key to the publish. */
  readonly latencyMs?: number;
  readonly batch?: LoadReceipt['batch'];
  readonly reversible?: boolean;
  /** What the load waits for, and why a verdict is not offered. */
  readonly held?: Pick<HeldLoad, 'until' | 'then' | 'choices'> & { readonly notOffered: readonly string[] };
  /** What was decided about it when it was held. */
  readonly verdict?: SignedBy & { readonly verdict: LoadVerdict };
  readonly adopted?: SignedBy & { readonly rows: number | null };
  readonly rolledBack?: SignedBy & { readonly at: string; readonly tables: readonly RolledBackTable[] };
  readonly tables: readonly TableReport[];
  readonly warnings: readonly LoadWarning[];
}

/** How a load stands: `open` while nothing is published, held or rejected. */
export type ReportState = 'loaded' | 'adopted' | 'open' | 'held' | 'rejected' | 'rolled-back';

/** What a report tells of one table. */
export interface TableReport {
  /** Catalogue identity of the table. */
  readonly table: string;
  readonly mode?: TableReceipt['mode'];
  /** Rows of the batch, as far as they are known. */
  readonly rows?: number;
  /** Absent where nothing was published. */
  readonly counts?: RowCounts;
  readonly checks: readonly CheckReport[];
  /** Whether {@link TableReport.checks} are only those that failed: the others are not kept until the load publishes. */
  readonly onlyFailed: boolean;
  readonly quarantine?: Omit<QuarantineSummary, 'loadId' | 'loadKey' | 'table'>;
  /** The ids of what was unlike the loads before, such as `anomaly.rows`. */
  readonly anomalies: readonly string[];
  /** The loads before, in the order of time, and this one last. */
  readonly trend: readonly TrendPoint[];
  readonly columns: readonly ColumnReport[];
}

/** What became of the rows that were read, and the rows that were removed from the table. */
export type RowCounts = Readonly<Record<RowCount, number>>;
/** A count of {@link RowCounts}. */
export type RowCount = Exclude<keyof TableReceipt, 'table' | 'mode' | 'checks'>;

/** What a check said. */
export interface CheckReport extends Omit<Verdict, 'severity'> {
  readonly severity?: Verdict['severity'];
  /** Whether it had failed and held the load, which was then published all the same. */
  readonly overruled: boolean;
}

/** One load in a trend. */
export interface TrendPoint {
  /** Whether it is the load of the report. */
  readonly current: boolean;
  /** The start of its interval, or when it was published; ISO 8601, UTC. */
  readonly at: string;
  readonly rows: number;
  readonly bytes?: number;
  readonly duplicates?: number;
  readonly quarantined?: number;
  readonly latencyMs?: number;
  readonly anomalies: readonly string[];
}

/** What is known of a column, load by load: as many as {@link TableReport.trend} has, in its order. */
export interface ColumnReport {
  readonly name: string;
  readonly type: string;
  readonly nulls: number;
  /** Different values among so many rows. */
  readonly distinct?: { readonly values: number; readonly of: number };
  /** The smallest and the largest value and, of a sample, the median, as the warehouse writes them. */
  readonly span?: { readonly min: string; readonly max: string; readonly median?: string };
  /** The share of rows without a value, from 0 to 1. */
  readonly nullShares: readonly (number | null)[];
  /** How the values of each load are spread. */
  readonly spreads: readonly (Spread | null)[];
}

/** How the values of a column are spread, as numbers to be drawn: of times, milliseconds since 1970 or seconds of the day. */
export interface Spread {
  /** What 5 and 95 of 100 values are at most; where there is no {@link Spread.middle}, the smallest and the largest. */
  readonly ends: readonly [low: number, high: number];
  /** What 25, 50 and 75 of 100 values are at most. */
  readonly middle?: readonly [low: number, median: number, high: number];
}

/** A check that held a load. */
export const failedCheck = ({ scope: _, ...check }: FailedCheck): CheckReport => ({
  ...check,
  verdict: 'fail',
  overruled: false,
});
