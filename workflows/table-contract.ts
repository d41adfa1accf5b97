import type { Grain } from './contract';

/**
 * What breaking an expectation means: `warn` is told in the receipt and the row is loaded; `quarantine` sets the row
 * aside and loads the others; `fail` loads nothing.
 */
export type Severity = 'warn' | 'quarantine' | 'fail';

/** One column of a table and what is expected of it. */
export interface ColumnContract {
  /**
   * `text`, `smallint`, `integer`, `bigint`, `decimal(p,s)`, `real`, `double`, `boolean`, `date`, `time`,
   * `timestamp`, `timestamptz`, `uuid`, `json`, `bytes`.
   */
  readonly type: string;
  /** The column's name in the source. @default the column's own name */
  readonly from?: string;
  /**
   * How text is read: a date pattern such as `dd.MM.yyyy HH:mm:ss`, `epoch-seconds`, `epoch-millis`,
   * `decimal-comma` (`1.234,56`), or the words for true and false (`yes/no`).
   * @default 'iso' — what the warehouse reads by itself
   */
  readonly format?: string;
  /** Whether NULL breaks the contract. @default false */
  readonly notNull?: boolean;
  /** Whether a value may occur once only, in the batch and in the table. @default false */
  readonly unique?: boolean;
  /** Inclusive bounds of a number, a date or a time. NULL passes. */
  readonly range?: { readonly min?: number | string; readonly max?: number | string };
  /** The only values that there may be, written as the column's type is. NULL passes. */
  readonly accepted?: readonly (string | number | boolean)[];
  /**
   * What the whole of a text must match: literals, classes such as `[A-Z]`, `\d`, `\w` and `\s` (of ASCII), groups, `|`,
   * `*`, `+`, `?` and `{m,n}`; `.` is any character. NULL passes.
   */
  readonly pattern?: string;
  /** Bounds on the characters of a text. NULL passes. */
  readonly length?: { readonly min?: number; readonly max?: number };
  /** Whether no value of the column may be shown: not in the quarantine, in reports or in profiles. @default false */
  readonly masked?: boolean;
  /**
   * Of all checks of this column but `unique`, which always fails: rows that contradict each other cannot be told apart.
   * A key column has no `warn` for NULL.
   *
   * @default 'fail'
   */
  readonly severity?: Severity;
  /**
   * With `warn` or `quarantine`: when more rows than this break one check of the column, the load fails. A count such as
   * `50`, or a share of the batch such as `'1%'`.
   */
  readonly failAbove?: number | string;
  /** Why this is expected of the column: shown with findings. */
  readonly reason?: string;
}

/** Bounds on the rows of one batch. */
export interface RowsContract {
  readonly min?: number;
  readonly max?: number;
  /**
   * How far the rows may lie from the median of the table's last 10 loads, such as `'50%'`. Says nothing before there are
   * 5 of them.
   */
  readonly change?: string;
  /** @default 'fail' */
  readonly severity?: 'warn' | 'fail';
}

/** An expectation of a table that is more than one column's. */
export type TableCheck = {
  /** Letters, digits, `_` and `-`; names the check in findings and warnings. */
  readonly name: string;
  /** @default 'fail' */
  readonly severity?: Severity;
  /** With `warn` or `quarantine`: when more rows than this break the check, the load fails. */
  readonly failAbove?: number | string;
  /** Why this is expected: shown with findings. */
  readonly reason?: string;
} & (
  | {
      /** An SQL condition on one row of the batch, in the words of the warehouse: true for good rows, NULL passes. */
      readonly sql: string;
    }
  | {
      /**
       * How old the newest value of the column may be, such as `'2 days'`: seen from the end of the load's interval, or
       * from now, whichever is earlier. Dates and times without a zone are UTC. An empty batch passes.
       */
      readonly freshness: { readonly column: string; readonly within: string };
    }
  | {
      /** Every row is found in a table of the same warehouse, as that table is before the load. NULL in a column passes. */
      readonly references: {
        readonly columns: readonly string[];
        /** `warehouse/schema.table`. */
        readonly table: string;
        /** The columns of that table. @default those of the same names */
        readonly to?: readonly string[];
      };
    }
  | {
      /** Inclusive bounds on the sum of a column over the rows that are to be loaded; of none it is 0. */
      readonly sum: { readonly column: string; readonly min?: number | string; readonly max?: number | string };
    }
);

/** What becomes of a load whose checks have failed: it is held for a person's verdict. */
export interface HoldPolicy {
  /** How long it waits for a verdict, such as `'7 days'`. @default '7 days' */
  readonly for?: string;
  /** The verdict when none was given in time. @default 'reject' */
  readonly then?: 'reject' | 'quarantine' | 'release';
}

/** How a load is compared with the loads of its pipeline into the table before it. */
export interface AnomalyPolicy {
  /** What it means that a load is unlike those before. @default 'warn' */
  readonly severity?: 'warn' | 'fail';
  /** Loads before there is any verdict, from 5 to 60. @default 14 */
  readonly warmUp?: number;
  /** 2 halves the distance at which a number is odd, 0.5 doubles it; from 0.25 to 4. @default 1 */
  readonly sensitivity?: number;
  /** Whether loads of one weekday and hour are compared with each other where that fits better. @default true */
  readonly seasonal?: boolean;
}

/** How a table is divided by one of its columns. */
export interface TablePartition {
  /** A `date`, `timestamp` or `timestamptz` column. */
  readonly column: string;
  readonly by: Grain;
}

/** A table's schema, key and expectations: plain data, one truth per table, the same in TypeScript and YAML. */
export interface TableContract {
  readonly name: string;
  /** `warehouse/schema.table`, spelled as the warehouse stores it. */
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnContract>>;
  /** The columns that identify a row. Needed by `merge` and `insert-only`. */
  readonly key?: readonly string[];
  /** The column that decides which of two rows with one key wins: the larger. */
  readonly newest?: string;
  /** Whether Loadline may create the table. @default 'never' */
  readonly create?: 'if-missing' | 'never';
  /** What to do with source columns that the contract does not name. @default 'refuse' */
  readonly extraColumns?: 'refuse' | 'ignore';
  readonly partition?: TablePartition;
  /**
   * Whether rows that a load takes away are kept beside the ledger, so that `loadline loads rollback` can put them back.
   * Costs a copy of these rows, until a later load has replaced them again: replacing 1,000,000 rows takes 1.7 times as
   * long as without.
   * @default true
   */
  readonly keepReplaced?: boolean;
  /** Bounds on the rows of one batch. */
  readonly rows?: RowsContract;
  /** Expectations of more than one column. */
  readonly checks?: readonly TableCheck[];
  /**
   * How numbers of a load that are unlike those of the loads before are told: rows, shares of NULL, of duplicates and of
   * quarantined rows, and how long it took; `false`: not at all.
   */
  readonly anomalies?: AnomalyPolicy | false;
  /** Who answers for the table: shown with findings. */
  readonly owner?: string;
  /** How a load whose checks have failed is held; `false`: it fails at once. */
  readonly hold?: HoldPolicy | false;
}

/**
 * Declares a table's contract. Returns its argument: the value is plain data and safe to import in a workflow.
 *
 * @example
 * ```ts
 * export const orders = defineContract({
 *   name: 'orders',
 *   table: 'analytics/public.orders',
 *   columns: {
 *     order_id: { type: 'text', notNull: true },
 *     state: { type: 'text', accepted: ['open', 'paid', 'sent'], severity: 'warn' },
 *     amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine', failAbove: '1%' },
 *     updated_at: { type: 'timestamptz', from: 'Updated At' },
 *   },
 *   key: ['order_id'],
 *   newest: 'updated_at',
 *   create: 'if-missing',
 *   rows: { min: 1, change: '50%' },
 *   checks: [{ name: 'fresh', freshness: { column: 'updated_at', within: '2 days' } }],
 * });
 * ```
 */
export function defineContract<const C extends TableContract>(contract: C): C {
  return contract;
}
