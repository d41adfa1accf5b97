import type { Interval } from './interval';
import type { ContractName, StoreName } from './register';
import type { BatchRef } from './step-data';

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
  /**
   * Whether the first line names the columns. Without one, columns are taken in the contract's order, and none may be named by a
   * whole number unless it is the only one: objects put such names first.
   *
   * @default true
   */
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
