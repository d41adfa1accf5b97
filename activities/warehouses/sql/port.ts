import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { LoadReceipt, OpenLoad, OpenTarget, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import type { HealthFinding, StageBatch, StepContext } from '../warehouse';

/**
 * What a warehouse without enforced keys has to bring, so that the protocol of this folder runs on it: a way to quote, a way
 * to load a batch in bulk, and units of statements that happen wholly or not at all.
 *
 * @module
 */

/** A value that is bound, never written into the text. */
export type SqlValue = string | number | boolean | null | readonly string[];

/** A statement: pieces of text with bound values between them. Made by {@link sql}. */
export interface Sql {
  readonly text: readonly string[];
  readonly values: readonly SqlValue[];
}

/** Text that is SQL already, such as a quoted identifier. */
export interface RawSql {
  readonly raw: string;
}

/** Marks text as SQL. Only for what a dialect has quoted, and for fixed words. */
export const raw = (text: string): RawSql => ({ raw: text });

/** A statement from a template: what is interpolated is bound, unless it is {@link RawSql} or another statement. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (SqlValue | RawSql | Sql)[]): Sql {
  const text: string[] = [strings[0]!];
  const values: SqlValue[] = [];
  const append = (more: string): void => void (text[text.length - 1] += more);
  parts.forEach((part, i) => {
    if (isRaw(part)) append(part.raw);
    else if (isSql(part)) {
      append(part.text[0]!);
      part.values.forEach((value, j) => {
        values.push(value);
        text.push(part.text[j + 1]!);
      });
    } else {
      values.push(part);
      text.push('');
    }
    append(strings[i + 1]!);
  });
  return { text, values };
}

const isRaw = (part: unknown): part is RawSql => typeof part === 'object' && part !== null && 'raw' in part;
const isSql = (part: unknown): part is Sql => typeof part === 'object' && part !== null && 'text' in part;

/** How one warehouse writes SQL. No dialect decides anything about a load. */
export interface Dialect {
  /** Quotes one identifier, whatever is in it. */
  ident(name: string): string;
  /** A table by its catalogue identity `database.schema.table`, each part percent-encoded, quoted. */
  relation(target: string): string;
  /** The type of a column of a contract, as a table declares it. */
  type(type: string): string;
  /** Types of Loadline's own tables. */
  readonly own: Readonly<Record<'text' | 'integer' | 'boolean' | 'timestamp' | 'json' | 'texts', string>>;
  /** The warehouse's clock, as a timestamp. */
  readonly now: string;
  /** A timestamp so many milliseconds after another. */
  plusMs(timestamp: string, ms: number): string;
  /** Milliseconds from the first timestamp to the second. */
  msBetween(from: string, to: string): string;
  /** A timestamp as ISO 8601 text in UTC with milliseconds. */
  isoText(timestamp: string): string;
  /** A timestamp from bound ISO 8601 text. */
  timestamp(iso: string): Sql;
  /** Bytes as digits of 16. */
  hex(bytes: string): string;
  /** Microseconds since 1970 of a timestamp, a local one as if it were UTC's. */
  micros(timestamp: string): string;
  /** JSON text as the warehouse's JSON, and back. */
  parseJson(json: Sql): Sql;
  jsonText(json: string): string;
  /** True where two expressions are equal, NULL being equal to NULL. */
  same(a: string, b: string, type: string): string;
  /** A hash or text that is equal exactly where all these expressions are equal. Tells rows that are equal in all columns. */
  rowKey(columns: readonly { readonly sql: string; readonly type: string }[]): string;
  /** True where text matches a regular expression of the contract as a whole or in part, as PostgreSQL's `~` would. */
  matches(text: string, pattern: Sql): Sql;
  /**
   * A JSON object of these expressions as text, NULL being kept as `null`, numbers to their last digit. Without it no row can be
   * set aside.
   */
  jsonObject?(members: readonly { readonly name: string; readonly sql: string; readonly type: string }[]): string;
  /** About this share, below 1, of the rows of a table, taken from anywhere in it, as a relation. */
  sampled(relation: string, share: number): string;
  /** Whether an existing column of this type holds what the contract's type means, without changing a value. @default it does */
  holds?(contractType: string, columnType: string): boolean;
  /**
   * What follows the columns in the CREATE TABLE of a target, such as how it is partitioned and clustered; begins with a space, or
   * is empty. @default nothing
   */
  tableOptions?(contract: Pick<TableContract, 'columns' | 'key' | 'partition'>): string;
}

/** One condition that must hold inside of a unit. */
export interface Guard {
  /** What a unit fails with when it does not hold: the code of a failure, or a name that the caller catches. */
  readonly code: LoadErrorCode | (string & {});
  /** A query of one row and one boolean column. */
  readonly holds: Sql;
}

/** One statement of a unit; the rows that it changed, or the number that it selects, are told under its name. */
export interface UnitStatement {
  readonly name: string;
  readonly kind: 'change' | 'number';
  readonly sql: Sql;
}

/** Statements that happen wholly or not at all. No DDL. */
export interface Unit {
  /** For logs, query tags and job labels: `claim`, `publish`, … */
  readonly name: string;
  /**
   * Equal for two attempts that mean the same unit and may happen once only, such as the publish of one fence; else new each time.
   * What becomes of a unit whose answer was lost is asked of the ledger, never guessed.
   */
  readonly id: string;
  readonly open?: Pick<OpenLoad, 'loadId' | 'loadKey' | 'pipeline'>;
  /** Statements that take the locks, in order. Each must change at least one row, else `LockRowMissing`. */
  readonly locks: readonly { readonly object: string; readonly sql: Sql }[];
  /** Asked after the locks, in order, before any statement. */
  readonly guards: readonly Guard[];
  readonly statements: readonly UnitStatement[];
}

/** A guard that did not hold. Nothing of the unit has happened. */
export class GuardFailed extends Error {
  constructor(readonly code: string) {
    super(`guard ${code}`);
  }
}

/** A table as the catalogue has it. */
export interface CatalogueTable {
  /** `database.schema.table`, each part percent-encoded where it holds a dot or a percent sign. */
  readonly target: string;
  readonly kind: 'table' | 'other';
  readonly columns: readonly TargetColumn[];
}

/** The warehouse's side of the protocol. Every method may be repeated, and fails with the codes of `loadErrors` only. */
export interface SqlBackend {
  readonly dialect: Dialect;
  /** Schema or dataset of Loadline's own tables, and of stages, quoted. */
  readonly ledgerSchema: string;
  readonly stageSchema: string;
  /** A query outside of any unit. */
  rows<T>(name: string, statement: Sql, options?: RunOptions): Promise<T[]>;
  /** A statement outside of any unit, DDL too; resolves to the rows that it changed. */
  run(name: string, statement: Sql, options?: RunOptions): Promise<number>;
  /**
   * Does a unit wholly or not at all, and tells the numbers by the statements' names. Waits for locks that others hold, and does it
   * again where the warehouse has cancelled it for another.
   *
   * @throws `GuardFailed`, `LockRowMissing`, `CommitOutcomeUnknown` when the answer to the commit was lost
   */
  unit(unit: Unit, options?: RunOptions): Promise<Readonly<Record<string, number>>>;
  /**
   * What such guards and statements are expected to cost, asked without doing them; `null`: nobody knows. Fails for nothing but a
   * limit of the configuration that they would pass. @default nothing is told
   *
   * @throws `InvalidConfig` when one would pass the limit
   */
  estimate?(
    planned: Pick<Unit, 'name' | 'open' | 'guards' | 'statements'>,
    options?: RunOptions,
  ): Promise<LoadReceipt['cost'] | null>;
  /** Drops a stage, quoted, where it is there. @default the statement */
  dropStage?(stage: string): Promise<void>;
  /** Makes the schemas of the ledger and of stages, where they are missing. */
  makeSchemas(): Promise<void>;
  /** A table by the words of a contract (`warehouse/schema.table`); `null`: there is none. */
  findTable(words: string): Promise<CatalogueTable | null>;
  /** The catalogue identity that these words would have. */
  identityOf(words: string): Promise<string>;
  /**
   * Loads a batch into a stage that exists, every column as text or as the type that the file's own format gives it, and resolves to
   * its rows: counted, never believed. One load of these files into this stage, however often it is tried.
   */
  bulkLoad(input: BulkLoad): Promise<number>;
  health(): Promise<HealthFinding[]>;
  close(): Promise<void>;
}

/** Bounds of one statement. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly open?: Pick<OpenLoad, 'loadId' | 'loadKey' | 'pipeline'>;
}

/** What a bulk load is told. */
export interface BulkLoad {
  readonly open: OpenLoad;
  readonly target: OpenTarget;
  /** The stage, quoted. */
  readonly stage: string;
  /** The stage's columns in order, each with its name in the source and its type. */
  readonly columns: readonly { readonly name: string; readonly from: string; readonly type: string }[];
  readonly batch: StageBatch;
  readonly context: StepContext;
}
