/**
 * The words of Loadline, and the contract between workflows and activities.
 *
 * - *pipeline*: a user's named workflow.
 * - *load*: one target (or one set of targets), one interval, one load key.
 * - *batch*: an immutable set of files with a manifest (paths, bytes, row counts, sha256, schema).
 * - *stage*: the batch inside the warehouse, invisible to readers.
 * - *audit*: the contract evaluated on the stage.
 * - *publish*: the one transaction that makes the stage visible.
 * - *receipt*: what a load did.
 * - *ledger*: the insert-only table of receipts, in the target's database, written in the publish transaction.
 * - *fence*: the number that stops a late attempt.
 * - *generation*: the n-th content under one load key.
 * - *quarantine*: rows set aside with a reason.
 * - *contract*: a table's schema, key and expectations.
 *
 * @module
 */
import type { ContractName, StoreName } from './register';
import type { TableContract } from './table-contract';
import type { Interval } from './interval';

declare const brand: unique symbol;
/** A value of type `T` that only the step named `B` can make. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };

// ── What a developer asks for ────────────────────────────────────────────────────────────────────────────────

/** How text files are read. Every field is optional. */
export interface CsvOptions {
  /** One character between fields. @default ',' */
  readonly delimiter?: string;
  /** One character around fields. @default '"' */
  readonly quote?: string;
  /** The character that escapes a quote inside a quoted field. @default the quote character */
  readonly escape?: string;
  /** The unquoted text that means NULL. A quoted empty field is always the empty text. @default '' */
  readonly nullText?: string;
  /** Whether the first line names the columns. Without one, columns are taken in the contract's order. @default true */
  readonly header?: boolean;
}

/** Files of a store that match a glob. Made by `files`. */
export interface FilesSource {
  readonly kind: 'files';
  /** A store named in the configuration. */
  readonly store: StoreName;
  /** A glob relative to the store's root, or one path. `*`, `**`, `?`, `[…]` and `{a,b}` are understood. */
  readonly glob: string;
  /**
   * `csv`: text with a delimiter, read as {@link CsvOptions} say. `ndjson`: one JSON object a line, whose fields are
   * columns by their name; a field that a row lacks is NULL, objects and arrays go to columns of type `json`, and JSON's
   * `null` is NULL everywhere. `parquet`. Text may be packed with gzip or zstd, whatever its format.
   *
   * @default by the file's ending: `.csv`, `.tsv`, `.ndjson`, `.jsonl`, each plain or with `.gz` or `.zst`; `.parquet`
   */
  readonly format?: 'csv' | 'ndjson' | 'parquet';
  readonly csv?: CsvOptions;
  /**
   * What makes two files the same when a load has no interval: equal `content`, or an equal `path`.
   * @default 'content'
   */
  readonly identity?: 'content' | 'path';
}

/** Where rows come from: files of a store, or a batch that the pipeline's own activity wrote. */
export type Source = FilesSource | BatchRef;

/** A time span to load, either exact or as "the scheduled day in this zone", resolved in an activity. */
export type IntervalSpec = Interval | NominalInterval;

/**
 * The interval that the run's nominal time falls in: for a scheduled run the time it was scheduled for, for any
 * other run its start. Floored to the grain in the zone by an activity, so that a manual trigger inside a day
 * yields that day's load key.
 */
export interface NominalInterval {
  readonly grain: Grain;
  /** An IANA zone. @default 'UTC' */
  readonly zone?: string;
  /** How many grains back from the nominal one; a run at 03:00 that loads yesterday says 1. @default 0 */
  readonly back?: number;
}

/** The unit of an interval or of a partition. */
export type Grain = 'hour' | 'day' | 'week' | 'month' | 'year';

/** What every load says, whatever its mode. */
export interface LoadCommon {
  /** The pipeline's stable name. Part of the load key: renaming a function must not load everything again. */
  readonly pipeline: string;
  /** The contract of the table to load. */
  readonly into: ContractName;
  /** Where the rows come from. */
  readonly from: Source;
  /** The time span that this load covers. Absent: the unit of idempotence is the file. */
  readonly interval?: IntervalSpec;
  /** Tells several loads of one table in one interval apart. */
  readonly part?: string;
  /**
   * What to do when the load key is applied but the source now holds other content, or when it was rolled back.
   * `reprocess` makes a new generation, which takes the place of the one before; without an interval files that are
   * loaded already are left out all the same.
   * @default 'refuse' — the load fails with `BatchChanged` or `RolledBack`
   */
  readonly onChanged?: 'refuse' | 'reprocess';
}

/** Every row is added, but for events that `dedup` recognises. */
export interface AppendMode {
  readonly mode: 'append';
  /** Leaves out rows that repeat an event. @default every row is added */
  readonly dedup?: DedupOptions;
}
/**
 * Which rows of an `append` repeat an event: those whose `by` columns equal a row's that the table holds, or that the
 * batch brings, with `time` at most `window` apart. The earliest of a batch is taken. Only times of rows are compared,
 * never a clock, so that a retry finds the same. An event that comes again later than that is a new one. A row that is
 * left out is kept nowhere: who reprocesses the load that brought the event reprocesses later ones, too.
 *
 * The contract must say `notNull` of the named columns. Without an index on `by` or on `time` every load reads the table.
 *
 * @example
 * ```ts
 * load({
 *   pipeline: 'clicks',
 *   into: 'clicks',
 *   mode: 'append',
 *   dedup: { by: ['event_id'], time: 'occurred_at', window: '7 days' },
 *   from: files('raw', 'clicks/*.csv'),
 * });
 * ```
 */
export interface DedupOptions {
  /** The columns that identify an event. */
  readonly by: readonly string[];
  /** When it happened: a `date`, `timestamp` or `timestamptz` column. */
  readonly time: string;
  /** How far apart two rows of one event may be, such as `30s`, `12h` or `7 days`; from 1s to 3650 days, inclusive. */
  readonly window: string;
}
/** Rows with a new key are added, rows with a known key are updated. */
export interface MergeMode {
  readonly mode: 'merge';
  /** Whether a load older than the table's newest applied interval may publish. @default 'refuse' */
  readonly outOfOrder?: 'refuse' | 'allow';
}
/** Rows with a new key are added, rows with a known key are left as they are. */
export interface InsertOnlyMode {
  readonly mode: 'insert-only';
}
/** The table holds exactly this batch afterwards. */
export interface ReplaceMode {
  readonly mode: 'replace';
  /** Whether an empty batch may empty the table. @default false */
  readonly allowEmpty?: boolean;
  /** Whether a load older than the table's newest applied interval may publish. @default 'refuse' */
  readonly outOfOrder?: 'refuse' | 'allow';
}
/** The named partitions hold exactly this batch afterwards. */
export interface ReplacePartitionMode {
  readonly mode: 'replace-partition';
  /**
   * The first instants of the partitions to replace, as ISO dates or instants (`2026-01-01`).
   * @default the partitions that the interval covers
   */
  readonly partitions?: readonly string[];
  /** Whether a listed partition without rows may be emptied. @default false */
  readonly allowEmpty?: boolean;
}

/** One load: what, from where, how. */
export type LoadRequest = LoadCommon & (AppendMode | MergeMode | InsertOnlyMode | ReplaceMode | ReplacePartitionMode);
/** The names of the modes. */
export type LoadMode = LoadRequest['mode'];

// ── What the steps hand to each other: one object in, one object out ─────────────────────────────────────────

/** A column of the target as the warehouse stores it. */
export interface TargetColumn {
  readonly name: string;
  /** The warehouse's own name of the type, usable in DDL. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A half-open range of partition-column values. */
export interface PartitionRange {
  readonly start: string;
  readonly end: string;
}

/** {@link DedupOptions} as the steps use them. */
export interface ResolvedDedup {
  readonly by: readonly string[];
  readonly time: string;
  readonly windowMs: number;
}

/** One target of an open load, with everything the later steps need, so that a deploy between them changes nothing. */
export interface OpenTarget {
  readonly warehouse: string;
  /** Catalogue identity `database.schema.table` as stored, each part percent-encoded where needed. */
  readonly target: string;
  readonly contract: TableContract;
  readonly mode: LoadMode;
  readonly source: Source;
  readonly partitions?: readonly PartitionRange[];
  readonly dedup?: ResolvedDedup;
  readonly outOfOrder: 'refuse' | 'allow';
  readonly allowEmpty: boolean;
  /** The target's columns; `null` when the table does not exist yet and the contract may create it. */
  readonly columns: readonly TargetColumn[] | null;
  readonly reversible: boolean;
}

/** What decides that content is the same: the interval's key, each file, or the whole content. */
export type LoadIdentity = 'interval' | 'files' | 'content';

/** The plain fields of {@link OpenLoad}. */
export interface OpenLoadFields {
  readonly protocol: number;
  readonly loadKey: string;
  readonly loadId: string;
  readonly pipeline: string;
  readonly generation: number;
  readonly fence: number;
  readonly identity: LoadIdentity;
  readonly interval?: Interval;
  readonly onChanged: 'refuse' | 'reprocess';
  readonly targets: readonly OpenTarget[];
}
/** A claimed load key. Made by the step `open`. */
export type OpenLoad = Branded<OpenLoadFields, 'OpenLoad'>;

/** The plain fields of {@link BatchRef}. */
export interface BatchRefFields {
  readonly kind: 'batch';
  /** The store that holds the files. */
  readonly store: string;
  /** Where the manifest is, for the store. The list of files never passes through workflow history. */
  readonly manifest: string;
  /** sha256 over the content of all files: equal content, equal hash. */
  readonly sha256: string;
  readonly files: number;
  readonly filesSkipped: number;
  readonly bytes: number;
  /** Rows, where the format tells without reading everything; else `null`. */
  readonly rows: number | null;
}
/** A reference to an immutable batch. Made by the step `extract` or by `writeBatch`. */
export type BatchRef = Branded<BatchRefFields, 'BatchRef'>;

/** The plain fields of {@link StageRef}. */
export interface StageRefFields {
  /** Index of the target in {@link OpenLoadFields.targets}. */
  readonly index: number;
  /** The stage's name in the warehouse, quoted for use in SQL. */
  readonly stage: string;
  /** Rows in the stage. */
  readonly rows: number;
  readonly batch: BatchRef;
}
/** A batch inside the warehouse, invisible to readers. Made by the step `stage`. */
export type StageRef = Branded<StageRefFields, 'StageRef'>;

/** The plain fields of {@link AuditedStage}. */
export interface AuditedStageFields extends StageRefFields {
  /** Rows in the stage that publish will find: staged rows less duplicates. */
  readonly audited: number;
  readonly duplicates: number;
  /** Rows that publish sets aside. */
  readonly quarantined: number;
  /** How often the target had been published to when it was audited. */
  readonly targetVersion: number;
  readonly warnings: readonly LoadWarning[];
}
/** A stage that passed its contract. Made by the step `audit`; the only thing `publish` accepts. */
export type AuditedStage = Branded<AuditedStageFields, 'AuditedStage'>;

// ── What a load leaves ───────────────────────────────────────────────────────────────────────────────────────

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
  readonly interval?: Interval;
  readonly tables: readonly TableReceipt[];
  readonly batch: {
    readonly sha256: string;
    readonly files: number;
    readonly filesSkipped: number;
    readonly bytes: number;
  };
  /** The warehouse's clock at publish, ISO 8601 in UTC. */
  readonly publishedAt: string;
  /** Empty, as `runId` is, where the load was adopted. */
  readonly workflowId: string;
  readonly runId: string;
  readonly buildId: string;
  readonly warnings: readonly LoadWarning[];
}

// ── The port: what workflows ask of activities. Names are frozen; one object in, one object out ──────────────

/** Input of `loadline.openLoad`. */
export interface OpenLoadInput {
  readonly requests: readonly LoadRequest[];
  /** The run's nominal time, for {@link NominalInterval}: ISO 8601. */
  readonly nominalTime: string;
}
/** Result of `loadline.openLoad`. Recorded in history: later workflow code interprets `protocol`. */
export type OpenLoadResult = {
  readonly protocol: number;
  /** Whether the namespace has Loadline's search attributes; upserting an unregistered one blocks a workflow. */
  readonly searchAttributes: boolean;
} & ({ readonly open: OpenLoad } | { readonly receipt: LoadReceipt });

/** Input of `loadline.extract`. */
export interface ExtractInput {
  readonly open: OpenLoad;
  readonly index: number;
}
/** Result of `loadline.extract`: a batch, or the receipt of the load that already applied this content. */
export type ExtractResult = { readonly batch: BatchRef } | { readonly receipt: LoadReceipt };

/** Input of `loadline.stage`. */
export interface StageInput {
  readonly open: OpenLoad;
  readonly index: number;
  readonly batch: BatchRef;
}
/** Input of `loadline.audit`. */
export interface AuditInput {
  readonly open: OpenLoad;
  readonly stage: StageRef;
}
/** Input of `loadline.publish`. */
export interface PublishInput {
  readonly open: OpenLoad;
  readonly stages: readonly AuditedStage[];
}
/** Input of `loadline.settle`. */
export interface SettleInput {
  readonly open: OpenLoad;
  /** What the load set out to publish; `null` before it was extracted. */
  readonly sha256: string | null;
}
/** Input of `loadline.discard`. */
export interface DiscardInput {
  readonly open: OpenLoad;
}
/** Result of `loadline.settle`: what the ledger says of the load key. */
export interface SettleResult {
  readonly receipt: LoadReceipt | null;
}

/** Input of `loadline.intervalOf`. */
export interface IntervalOfInput {
  readonly nominal: NominalInterval;
  /** ISO 8601. */
  readonly nominalTime: string;
}

/** Input of `loadline.sweep`. */
export interface SweepInput {
  /** Old history to archive beside. @default none */
  readonly archive?: ArchiveLimits;
}
/** What is old. Ages are in milliseconds, by the warehouse's clock. */
export interface ArchiveLimits {
  /** Receipts that were published longer ago are moved into the archive, where every decision still finds them. */
  readonly olderThanMs: number;
  /** Rows that were set aside longer ago are deleted. @default none */
  readonly quarantineOlderThanMs?: number;
  /** Rows kept for the rollback of older loads are deleted: then those are `NotReversible`. @default none */
  readonly keptOlderThanMs?: number;
}
/** What archiving did, or would do. */
export interface ArchiveResult {
  /** Receipts of loads published before this were archived, ISO 8601 in UTC. */
  readonly before: string;
  readonly archived: number;
  readonly quarantineDeleted: number;
  readonly keptDeleted: number;
  readonly dryRun: boolean;
}
/** Result of `loadline.sweep`. */
export interface SweepResult {
  readonly warehouses: readonly {
    readonly warehouse: string;
    /** How many stages were dropped. */
    readonly dropped: number;
    /** The names of the first of them. */
    readonly stages: readonly string[];
    readonly archived?: ArchiveResult;
  }[];
}

/** The activities that workflows call, by their frozen names. */
export interface LoadActivities {
  /** Claims the load key: fence, protocol number, target columns; or answers at once with a receipt. */
  'loadline.openLoad'(input: OpenLoadInput): Promise<OpenLoadResult>;
  /** Lists, hashes and freezes the source into a batch. */
  'loadline.extract'(input: ExtractInput): Promise<ExtractResult>;
  /** Copies a batch into a stage of its own. */
  'loadline.stage'(input: StageInput): Promise<StageRef>;
  /** Evaluates the contract on a stage. */
  'loadline.audit'(input: AuditInput): Promise<AuditedStage>;
  /** Makes stages visible in one transaction. */
  'loadline.publish'(input: PublishInput): Promise<LoadReceipt>;
  /** Asks the ledger, read-only, what became of a load. */
  'loadline.settle'(input: SettleInput): Promise<SettleResult>;
  /** Gives back the claim and the stages of a load that failed. */
  'loadline.discard'(input: DiscardInput): Promise<void>;
  /** Floors a nominal time to an interval in a zone. */
  'loadline.intervalOf'(input: IntervalOfInput): Promise<Interval>;
  /** Drops what no load can need, in every warehouse of the worker. */
  'loadline.sweep'(input: SweepInput): Promise<SweepResult>;
}
