import type { Interval } from '../../workflows/interval';
import type { DedupOptions, LoadMode, LoadReceipt, TargetColumn } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import type { SignedBy } from './warehouse';

/**
 * What became of a row that was set aside: still `open`, brought into the table by another load, or never to come. Of a
 * load whose place another generation has taken all rows that are not decided are `superseded`.
 */
export type QuarantineState = 'open' | 'repaired' | 'discarded' | 'superseded';

/** Which rows `QuarantineDesk.list` counts. */
export interface QuarantineFilter {
  /** A load key or a load id. */
  readonly load?: string;
  /** `schema.table` or `database.schema.table`. */
  readonly table?: string;
  /** A part of a reason, in any case. */
  readonly reason?: string;
  /** Also those of which no row is open. @default false */
  readonly all?: boolean;
  readonly limit: number;
}

/** Rows that one load has set aside for one table. */
export interface QuarantineSummary {
  readonly loadId: string;
  readonly loadKey: string;
  /** Catalogue identity of the table. */
  readonly table: string;
  /** ISO 8601, warehouse clock. */
  readonly quarantinedAt: string;
  readonly rows: number;
  readonly open: number;
  readonly repaired: number;
  readonly discarded: number;
  readonly superseded: number;
  /** Of the open rows; a row may have several reasons. */
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[];
}

/** Which rows of a load `QuarantineDesk.show` shows. */
export interface QuarantineSelection {
  /** @default every table of the load */
  readonly table?: string;
  /** @default every row */
  readonly limit?: number;
  /** Whether the values of the rows are shown. @default false */
  readonly values?: boolean;
  /** Also rows that are decided. @default false */
  readonly all?: boolean;
}

/** One row that was set aside. */
export interface QuarantinedRow {
  /** Names the row within its load and table: equal rows differ by the number at the end. */
  readonly id: string;
  readonly table: string;
  readonly state: QuarantineState;
  readonly reasons: readonly string[];
  readonly columns: readonly string[];
  /** Columns of which a mask is kept instead of the value. */
  readonly masked: readonly string[];
  /** Each value as the warehouse writes it, where values were asked for. */
  readonly values?: Readonly<Record<string, string | null>>;
  /** Who decided what, and the load that brought the row. */
  readonly decision?: SignedBy & { readonly at: string; readonly loadId?: string };
}

/** Rows of one load that were set aside. */
export interface QuarantineDetails {
  readonly loadId: string;
  readonly loadKey: string;
  /** How many rows there are of what was selected, shown or not. */
  readonly total: number;
  readonly rows: readonly QuarantinedRow[];
}

/** A repaired row: its id, and its values as one JSON object in a text. */
export interface RepairedRow {
  readonly id: string;
  readonly json: string;
}

/** Rows of one load and table that can be loaded, and how that load would have loaded them. */
export interface RetryableRows {
  readonly loadId: string;
  readonly pipeline: string;
  /** Catalogue identity of the table, and its `schema.table` as a contract spells it. */
  readonly target: string;
  readonly table: string;
  readonly mode: LoadMode;
  readonly interval?: Interval;
  /** The contract, by name; `null` where an older release set the rows aside. */
  readonly contract: string | null;
  readonly dedup?: DedupOptions;
  /** Names these rows and their values: equal rows, equal name. */
  readonly repair: string;
  /** Whether the rows were repaired, or are as they were set aside. */
  readonly repaired: boolean;
  readonly rows: readonly string[];
}

/** Operations on rows that were set aside. Every method may be repeated. */
export interface QuarantineDesk {
  /** Counts by load and table, newest first. */
  list(filter: QuarantineFilter): Promise<QuarantineSummary[]>;
  /** Rows of one load, with their reasons. @throws `LoadNotFound` */
  show(loadKeyOrId: string, selection?: QuarantineSelection): Promise<QuarantineDetails>;
  /**
   * The open rows of one load and table as lines of JSON, one object each, with `_loadline_row` as their id. Rows with
   * masked values are left out: nobody can repair them.
   *
   * @throws `LoadNotFound`, `NotRetryable`
   */
  export(
    loadKeyOrId: string,
    table: string | undefined,
    write: (lines: readonly string[]) => Promise<void>,
  ): Promise<{ readonly rows: number; readonly masked: number }>;
  /**
   * Keeps repaired rows until a load has brought them. Resolves to what `retryQuarantine` is told as `repair`.
   *
   * @throws `RowDecided`, `NotRetryable`, `InvalidRequest`, `LoadNotFound`
   */
  submit(
    loadKeyOrId: string,
    table: string | undefined,
    rows: readonly RepairedRow[],
  ): Promise<{ readonly loadId: string; readonly table: string; readonly repair: string }>;
  /**
   * What of a load can be loaded; or the receipt of the load that has brought it.
   *
   * @throws `NotRetryable`, `LoadNotFound`
   */
  retryable(
    loadKeyOrId: string,
    table: string | undefined,
    repair: string | undefined,
  ): Promise<RetryableRows | { readonly receipt: LoadReceipt }>;
  /** The values of such rows in the order of the contract's columns, as text. @throws `UnknownColumn` */
  take(
    rows: RetryableRows,
    contract: TableContract,
    columns: readonly TargetColumn[] | null,
    signal: AbortSignal,
  ): AsyncIterable<readonly (string | null)[]>;
  /** Records that the open rows of a load are never to come. @throws `LoadNotFound` */
  discard(
    loadKeyOrId: string,
    table: string | undefined,
    by: SignedBy,
  ): Promise<{ readonly loadId: string; readonly rows: number }>;
}
