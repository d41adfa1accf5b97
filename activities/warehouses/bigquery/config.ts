/** Who the worker is to Google Cloud, with the secret read. */
export type BigQueryCredentials =
  /** What the machine has: a service account, workload identity, or `gcloud auth application-default login`. */
  | { readonly kind: 'default' }
  /** The content of a key file: JSON. Never logged. */
  | { readonly kind: 'key'; readonly json: string }
  /** Nobody: for a stand-in. */
  | { readonly kind: 'none' };

/** A BigQuery warehouse, ready to use: secrets read, durations in milliseconds. */
export interface ResolvedBigQueryConfig {
  readonly kind: 'bigquery';
  /** The project of tables, ledger and stages. */
  readonly project: string;
  /** The project that runs and pays for the jobs. */
  readonly jobProject: string;
  /** The dataset of tables that a contract names without one. */
  readonly dataset: string | null;
  /** Where datasets are and jobs run, such as `EU`; `null`: as BigQuery chooses. */
  readonly location: string | null;
  readonly credentials: BigQueryCredentials;
  readonly ledgerDataset: string;
  readonly stageDataset: string;
  /** `gs://bucket/prefix` that files are uploaded to before they are loaded; `null`: they are sent with the load job. */
  readonly stagingBucket: string | null;
  /** Whether CSV in Cloud Storage is loaded by BigQuery itself instead of by way of this worker. */
  readonly referCsv: boolean;
  /** The most bytes that one statement may be billed for; `null`: as the project allows. */
  readonly maximumBytesBilled: string | null;
  /** Labels of every job and dataset. */
  readonly labels: Readonly<Record<string, string>>;
  /** Another server of the API, such as a stand-in. */
  readonly apiEndpoint: string | null;
  readonly storageEndpoint: string | null;
  readonly maxPublishing: number;
  readonly maxStaging: number;
  readonly publishTimeoutMs: number;
  readonly stageTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly claimLeaseMs: number;
}

/** The defaults of `bigquery()`. */
export const bigQueryDefaults: Omit<ResolvedBigQueryConfig, 'kind' | 'project' | 'jobProject'> = {
  dataset: null,
  location: null,
  credentials: { kind: 'default' },
  // Not hidden, as `_loadline` would be: hidden datasets lack some of what others have.
  ledgerDataset: 'loadline',
  stageDataset: 'loadline_stage',
  stagingBucket: null,
  referCsv: false,
  maximumBytesBilled: null,
  labels: {},
  apiEndpoint: null,
  storageEndpoint: null,
  maxPublishing: 4,
  maxStaging: 4,
  publishTimeoutMs: 3_600_000,
  stageTimeoutMs: 6 * 3_600_000,
  lockTimeoutMs: 60_000,
  claimLeaseMs: 60_000,
};
