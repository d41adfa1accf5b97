import type { AppendMode, CsvOptions, InsertOnlyMode, IntervalSpec, MergeMode, ReplaceMode, ReplacePartitionMode } from './load-request'; // prettier-ignore

/** A value, a range with both ends, or a list of these. */
export type CalendarField<T> = T | CalendarRange<T> | readonly (T | CalendarRange<T>)[];
/** From `start` to `end`, both included, in steps. */
export interface CalendarRange<T> {
  readonly start: T;
  readonly end: T;
  /** @default 1 */
  readonly step?: number;
}

/** A month. */
export type CalendarMonth =
  | 'JANUARY' | 'FEBRUARY' | 'MARCH' | 'APRIL' | 'MAY' | 'JUNE'
  | 'JULY' | 'AUGUST' | 'SEPTEMBER' | 'OCTOBER' | 'NOVEMBER' | 'DECEMBER'; // prettier-ignore
/** A day of the week. */
export type CalendarDay = 'SUNDAY' | 'MONDAY' | 'TUESDAY' | 'WEDNESDAY' | 'THURSDAY' | 'FRIDAY' | 'SATURDAY';

/** Times by the clock of the schedule's zone: those that all fields match. */
export interface ScheduleCalendar {
  /** @default 0 */
  readonly second?: CalendarField<number> | '*';
  /** @default 0 */
  readonly minute?: CalendarField<number> | '*';
  /** @default 0 */
  readonly hour?: CalendarField<number> | '*';
  /** @default '*' */
  readonly dayOfMonth?: CalendarField<number> | '*';
  /** @default '*' */
  readonly month?: CalendarField<CalendarMonth> | '*';
  /** @default '*' */
  readonly dayOfWeek?: CalendarField<CalendarDay> | '*';
  /** @default '*' */
  readonly year?: CalendarField<number> | '*';
}

/** What happens when a run is due while the one before still runs. */
export type ScheduleOverlap = 'skip' | 'buffer-one' | 'buffer-all' | 'cancel-other' | 'terminate-other' | 'allow-all';

/** The request of a scheduled load, as `load` takes it. Names are checked when the schedules are planned. */
export type ScheduledLoad = {
  readonly pipeline: string;
  readonly into: string;
  readonly from: {
    readonly kind: 'files';
    readonly store: string;
    readonly glob: string;
    readonly format?: 'csv' | 'ndjson' | 'parquet';
    readonly csv?: CsvOptions;
    readonly identity?: 'content' | 'path';
  };
  /** Say a grain, such as `{ grain: 'day', zone: 'Europe/Berlin', back: 1 }`: it is that of the time a run was due. */
  readonly interval?: IntervalSpec;
  readonly part?: string;
  readonly onChanged?: 'refuse' | 'reprocess';
} & (AppendMode | MergeMode | InsertOnlyMode | ReplaceMode | ReplacePartitionMode);

/**
 * A schedule, declared in code and put on the server by `loadline schedules apply`. It says what runs (`load`, or `workflow` with
 * its `input`) and when (`cron`, `every` or `calendar`). Durations are text such as `30s`, `10m`, `2h`, `7 days`.
 *
 * @example
 * ```ts
 * schedules: [
 *   { id: 'orders-nightly', workflow: 'ordersDaily', cron: '0 3 * * *', zone: 'Europe/Berlin' },
 *   { id: 'clicks', every: '15m', load: { pipeline: 'clicks', into: 'clicks', mode: 'append',
 *       from: { kind: 'files', store: 'raw', glob: 'clicks/*.csv' } } },
 * ]
 * ```
 */
export interface ScheduleConfig {
  /** Its id on the server: letters, digits, `_`, `-`, `.` and `/`. */
  readonly id: string;
  /** An exported workflow of yours, or a ready one. @default 'loadTable', with `load` */
  readonly workflow?: string;
  /** The argument of the workflow. */
  readonly input?: unknown;
  /** The load that the ready workflow `loadTable` makes. */
  readonly load?: ScheduledLoad;
  /** Cron expressions of 5 fields, 6 with a year, or 7 with seconds before and a year after; or `@daily` and the like. */
  readonly cron?: string | readonly string[];
  /** The time between runs, counted from 1970 in UTC, and an offset to it: `every: '1h', offset: '10m'`. */
  readonly every?: string;
  /** Shifts the times of `every`. @default '0s' */
  readonly offset?: string;
  readonly calendar?: ScheduleCalendar | readonly ScheduleCalendar[];
  /** The IANA zone of `cron` and `calendar`. @default 'UTC' */
  readonly zone?: string;
  /** Each run starts up to this much later, by chance. Its interval stays that of the time it was due. @default '0s' */
  readonly jitter?: string;
  /** @default 'buffer-all', so that no interval is left out */
  readonly overlap?: ScheduleOverlap;
  /** How late a run may start that was missed while the server was away. @default '365 days' */
  readonly catchupWindow?: string;
  /** Whether a failed run pauses the schedule. @default false */
  readonly pauseOnFailure?: boolean;
  /** Whether it is paused. One that was paused by hand stays so. @default false */
  readonly paused?: boolean;
  /** Shown in the Temporal UI, as the reason why it is paused. */
  readonly note?: string;
  /** What the ids of its runs begin with; the time that a run was due is added. @default the schedule's id */
  readonly workflowId?: string;
}
