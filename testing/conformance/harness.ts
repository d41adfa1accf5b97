import type { ProtocolPoint, Warehouse } from '../../activities/warehouses/warehouse';

/** A value as text, or `null`. */
export type TextValue = string | null;
/** A row as text, in the order of the columns that were asked for. */
export type TextRow = readonly TextValue[];

/** A table that the suite asks for. */
export interface HarnessTable {
  readonly name: string;
  /** The types of a contract by column, such as `bigint` or `decimal(12,2)`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns that hold no NULL and no key twice, where the warehouse can say so. */
  readonly key?: readonly string[];
}

/** What is read of one table. */
export interface TableRead {
  readonly table: string;
  readonly columns: readonly string[];
}

/** A statement that an attempt is about to send, or has had the answer to. */
export interface Passing {
  readonly point: ProtocolPoint;
  readonly moment: 'before' | 'after';
}

/** How the suite opens a warehouse. */
export interface HarnessOpenOptions {
  /** How long a claim lasts without a sign of life, in milliseconds. @default the adapter's own */
  readonly claimLeaseMs?: number;
}

/**
 * What the conformance suite needs beside the warehouse itself, in the words of the warehouse: it makes tables, reads them
 * as text and breaks things behind Loadline's back. Only here is SQL of a vendor.
 */
export interface WarehouseHarness {
  /** Tells {@link OpenHarness} in another process where this very warehouse is. */
  readonly place: string;
  /** The schema in which the suite makes its tables: `schema` of a contract's `warehouse/schema.table`. */
  readonly schema: string;
  /** Opens the warehouse with sessions of its own, as another worker does. The suite closes what it has opened. */
  open(options?: HarnessOpenOptions): Warehouse | Promise<Warehouse>;
  /** Makes a table as a user would have made it: with these columns, and none of Loadline's. */
  createTable(table: HarnessTable): Promise<void>;
  /**
   * The rows of tables that are there, all as of one moment, in any order; of a table that is not there, none. Values are
   * text in the widest form: numbers with all digits, dates and times in ISO 8601, instants in UTC, bytes in hex, JSON as
   * JSON. The suite brings it into one form, so `1.50`, `15e-1` and `2026-01-01 00:00:00+00` will do.
   */
  read(tables: readonly TableRead[]): Promise<readonly (readonly TextRow[])[]>;
  /** Writes rows past Loadline, as somebody else would. */
  insert(table: TableRead, rows: readonly TextRow[]): Promise<void>;
  /** The stages that exist, by the names that `Warehouse.stage` has given them. */
  stages(): Promise<readonly string[]>;
  /** Takes the rows out of a stage, as a crash of the server may. */
  emptyStage(stage: string): Promise<void>;
  /** Removes what publishes of these targets lock. Catalogue identities. */
  dropLocks(targets: readonly string[]): Promise<void>;
  /** How many sessions Loadline has open. Left out: `without.sessions`. */
  sessions?(): Promise<number>;
  /**
   * Calls the listener, and waits for it, before a statement of one of these kinds is sent and after it is answered, in
   * the asynchronous context of whoever sends it. What the listener throws takes the place of the answer. Returns how to
   * stop that. Kinds that there are none of are named `stop at …` in `without`.
   */
  watch(listener: (passing: Passing) => void | Promise<void>): () => void;
  /** Removes everything that the suite has left, and ends what the harness has opened. */
  close(): Promise<void>;
}

/** Makes a harness on a database of its own, or reaches the one that another process has made, by its `place`. */
export type OpenHarness = (place?: string) => Promise<WarehouseHarness>;

/** Options of `warehouseConformance`. */
export interface ConformanceOptions {
  /**
   * The path of a module that exports `openHarness`, for a process that is killed. TypeScript is understood. Left out:
   * `without.processes`.
   */
  readonly module?: string;
  /** Whether a table or a column can have this name. @default every name that is not empty and has no zero character */
  readonly allowsName?: (name: string, of: 'table' | 'column') => boolean;
  /** What the tests run on, where that differs from the adapter's usual: a real account. @default capabilities.proof */
  readonly proof?: 'real' | 'stand-in';
  /**
   * The file that the matrix is written to as Markdown.
   *
   * @default `<name>.md` in the folder that LOADLINE_CONFORMANCE_REPORTS names; nowhere without it
   */
  readonly report?: string;
  /** How long one test may take, in milliseconds. @default 60000 */
  readonly timeoutMs?: number;
  /** The functions of the test runner. @default the globals `describe`, `test`, `beforeAll`, `afterAll` */
  readonly runner?: TestRunner;
}

/** What the suite calls of a test runner: jest, vitest and, with `before` and `after`, node:test have it. */
export interface TestRunner {
  /** Tests that belong together. */
  describe(title: string, body: () => void): unknown;
  /** One test; it fails when the promise is rejected. */
  test(title: string, body: () => Promise<void>, timeoutMs?: number): unknown;
  /** Names a test that is not run. */
  skip(title: string, body: () => Promise<void>): unknown;
  /** Runs before the tests of this group. */
  beforeAll(body: () => Promise<void>, timeoutMs?: number): unknown;
  /** Runs after the tests of this group, whatever became of them. */
  afterAll(body: () => Promise<void>, timeoutMs?: number): unknown;
}
