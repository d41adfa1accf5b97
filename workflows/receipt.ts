import type { Verdict } from './checks';
import type { Interval } from './interval';
import type { LoadMode } from './load-request';
import type { BatchRef } from './step-data';
import type { GivenVerdict } from './verdict';

/** Something a person should know although the load succeeded. Never holds row values. */
export interface LoadWarning {
  readonly code: string;
  readonly message: string;
}

/**
 * What a load did to one table, in rows.
 *
 * Invariant: `read = duplicates + quarantined + inserted + updated + unchanged + stale + deleted`.
 */
export interface TableReceipt {
  /** Catalogue identity of the table. */
  readonly table: string;
  readonly mode: LoadMode;
  /** Rows in the batch. */
  readonly read: number;
  /** Rows that repeat another row of the batch. */
  readonly duplicates: number;
  /** Rows set aside with a reason. */
  readonly quarantined: number;
  readonly inserted: number;
  readonly updated: number;
  /** Rows that the table already held in this form, or that `insert-only` or `dedup` left alone. */
  readonly unchanged: number;
  /** Rows older than the table's own, by the contract's `newest`. */
  readonly stale: number;
  /** Rows of the batch that deleted a row. */
  readonly deleted: number;
  /** Rows of the table that `replace` or `replace-partition` took away. */
  readonly removed: number;
  /** What the contract's checks said of the batch; absent where the contract has none. */
  readonly checks?: readonly Verdict[];
}

/** How a load that Loadline did not do came into the ledger. */
export interface Adoption {
  readonly by: string;
  readonly reason: string;
  /** Rows that the table held in the interval's partitions, or at all; `null` where that says nothing of this load. */
  readonly rows: number | null;
}

/** What a load did. Equal for every later run with the same load key, but for `outcome`. */
export interface LoadReceipt {
  readonly outcome: 'loaded' | 'already-loaded' | 'nothing-to-load' | 'rejected';
  readonly loadId: string;
  readonly loadKey: string;
  readonly pipeline: string;
  readonly generation: number;
  readonly fence: number;
  readonly protocol: number;
  /** Whether this load can be rolled back, as long as no later load has built on it. */
  readonly reversible: boolean;
  /** Who recorded the load as applied, and why, where Loadline did not load it: its counts are zero. */
  readonly adopted?: Adoption;
  /** What was decided about a load that was held. A rejected one has counts of zero. */
  readonly verdict?: GivenVerdict;
  readonly interval?: Interval;
  readonly tables: readonly TableReceipt[];
  readonly batch: {
    readonly sha256: string;
    readonly files: number;
    readonly filesSkipped: number;
    /** How many of these had been rejected. */
    readonly filesRejected?: number;
    readonly bytes: number;
  };
  /**
   * What was published, or rejected, by {@link LoadReceipt.tables}. As the source of another load (`from: receipt.batches[0]`) it is
   * the same content again, as long as its manifest is kept and the store still has it: see docs/stores.md. Absent where the load
   * was adopted, and in receipts of older versions.
   */
  readonly batches?: readonly BatchRef[];
  /**
   * What the publish was expected to cost, as the warehouse estimated it before. Absent where a warehouse is not paid by what it
   * reads, or could not tell. Loading, checking and Loadline's own rows are not in it.
   */
  readonly cost?: {
    /** Bytes that the statements of the publish would read, one by one; what is billed may be less or more. */
    readonly estimatedBytes: number;
  };
  /** The warehouse's clock at publish, or at the rejection; ISO 8601 in UTC. */
  readonly publishedAt: string;
  /** Empty, as `runId` is, where the load was adopted. */
  readonly workflowId: string;
  readonly runId: string;
  readonly buildId: string;
  readonly warnings: readonly LoadWarning[];
}
