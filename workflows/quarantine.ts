import type { LoadRequest } from './load-request';
import type { LoadReceipt } from './receipt';

/** Input of the ready workflow `retryQuarantine`, and of `loadline.writeQuarantined`. */
export interface RetryQuarantineInput {
  /** The warehouse that holds the rows. @default the only one of the configuration */
  readonly warehouse?: string;
  /** The load that set the rows aside: its load id, or its load key for the newest of it. */
  readonly load: string;
  /** `schema.table` or `database.schema.table`. @default the only table of the load that has such rows */
  readonly table?: string;
  /**
   * Rows that were repaired and left with the warehouse, as `loadline quarantine retry --file` does and tells.
   * @default the rows as they were set aside, for a contract that has been corrected
   */
  readonly repair?: string;
  /** Who asks, and why: kept in the ledger with every row. */
  readonly by: string;
  readonly reason: string;
  /**
   * Whether `merge` without the contract's `newest` may change rows of the table although later loads have been published.
   * @default 'refuse' — the load fails with `OutOfOrder`
   */
  readonly outOfOrder?: 'refuse' | 'allow';
  /** What to do when a retry of just these rows was rolled back: `reprocess` loads them again. @default 'refuse' */
  readonly onChanged?: 'refuse' | 'reprocess';
}

/** Result of `loadline.writeQuarantined`: the load of these rows, or the receipt of the one that has brought them. */
export type WriteQuarantinedResult = { readonly request: LoadRequest } | { readonly receipt: LoadReceipt };
