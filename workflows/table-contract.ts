import type { Grain } from './contract';

/** What happens to a row that breaks an expectation: the load fails, or the row is set aside. */
export type Severity = 'fail' | 'quarantine';

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
  /** Inclusive bounds. NULL passes. */
  readonly range?: { readonly min?: number | string; readonly max?: number | string };
  /** What happens to a row that breaks `notNull` or `range`. @default 'fail' */
  readonly severity?: Severity;
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
  readonly rows?: { readonly min?: number; readonly max?: number };
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
 *     amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine' },
 *     updated_at: { type: 'timestamptz', from: 'Updated At' },
 *   },
 *   key: ['order_id'],
 *   newest: 'updated_at',
 *   create: 'if-missing',
 * });
 * ```
 */
export function defineContract<const C extends TableContract>(contract: C): C {
  return contract;
}
