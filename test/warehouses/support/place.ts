import type { Warehouse } from '../../../activities/warehouses/warehouse';

/** A database of a test's own in a warehouse, or in the stand-in of one. */
export interface Place {
  /** `schema.table` of a contract's table, and how SQL names it. */
  readonly schema: string;
  relation(table: string): string;
  /** One of Loadline's own tables, as SQL names it. */
  ledger(table: string): string;
  /** A warehouse with sessions of its own, as another process has. */
  warehouse(tune?: Tune): Warehouse;
  /** Rows of a query; names as they are written, in quotes. */
  rows<R = Record<string, unknown>>(sql: string): Promise<R[]>;
  /** A statement, DDL too. */
  run(sql: string): Promise<void>;
  /** The answer to the next statement that holds this text arrives and is lost, or the statement does not arrive. */
  lose(match: string, when: 'before' | 'after'): Promise<void>;
  /** Holds up the next statement that holds this text; resolves once it is there. */
  hold(match: string, when: 'before' | 'after'): Promise<{ reached(): Promise<void> }>;
  /** Lets go on what is held up. */
  release(): Promise<void>;
  /** What a child process needs to open {@link warehouse}. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What a test may choose of a warehouse. */
export interface Tune {
  readonly claimLeaseMs?: number;
}

/** Opens a {@link Place}. */
export type OpenPlace = (name: string) => Promise<Place>;
