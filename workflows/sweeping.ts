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
  /** Metrics of older loads are deleted: new loads are not compared with those any more. @default none */
  readonly metricsOlderThanMs?: number;
}
/** What archiving did, or would do. */
export interface ArchiveResult {
  /** Receipts of loads published before this were archived, ISO 8601 in UTC. */
  readonly before: string;
  readonly archived: number;
  readonly quarantineDeleted: number;
  readonly keptDeleted: number;
  /** Loads whose metrics were deleted; absent in results of releases without metrics. */
  readonly metricsDeleted?: number;
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
