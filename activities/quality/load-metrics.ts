/** What is known of one column of a batch. */
export interface ColumnMetrics {
  /** The column's type in the warehouse. */
  readonly type: string;
  /** Rows without a value. */
  readonly nulls: number;
  /** Different values among {@link ColumnMetrics.of} rows; absent where values of the type cannot be compared. */
  readonly distinct?: number;
  /** How many rows were looked at for `distinct` and `quantiles`. */
  readonly of?: number;
  /** The smallest and largest value, of numbers and times only. */
  readonly min?: string;
  readonly max?: string;
  /** What 5, 25, 50, 75 and 95 of 100 values are at most, among {@link ColumnMetrics.of} rows; of numbers and times only. */
  readonly quantiles?: readonly string[];
}

/** What is known of a batch before it is published. Columns that are `masked` are left out. */
export interface BatchMetrics {
  /** Rows of the batch. */
  readonly rows: number;
  /** Bytes of its files, as stored. */
  readonly bytes: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly columns: Readonly<Record<string, ColumnMetrics>>;
}

/** What is known of one load of one table. */
export interface LoadMetrics extends BatchMetrics {
  readonly loadId: string;
  readonly loadKey: string;
  readonly pipeline: string;
  /** Catalogue identity of the table. */
  readonly table: string;
  readonly generation: number;
  /** The start of the load's interval, or when it was published; ISO 8601 in UTC. */
  readonly at: string;
  /** The warehouse's clock, ISO 8601 in UTC. */
  readonly publishedAt: string;
  /** Milliseconds from the claim of the load key to the publish, by the warehouse's clock; `null` of a load that was held. */
  readonly latencyMs: number | null;
  /** The ids of what was odd, such as `anomaly.rows`. */
  readonly anomalies: readonly string[];
}
