import { z } from 'zod';

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

const project = z
  .string({ error: 'the id of a project' })
  .regex(/^(?:[a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, { error: 'the id of a project, such as my-project' });
const dataset = z
  .string({ error: 'the name of a dataset' })
  .regex(/^[A-Za-z0-9_]{1,1024}$/, { error: 'the name of a dataset: letters, digits and _' });
const url = z.url({ protocol: /^https?$/, error: 'an http or https URL' });

/** How `labels` may be written; `loadline_…` is for Loadline's own. */
const labels = z.record(
  z.string().regex(/^(?!loadline_)[a-z][a-z0-9_-]{0,62}$/, {
    error: 'a label of lower-case letters, digits, _ and -, that does not start with loadline_',
  }),
  z.string().regex(/^[a-z0-9_-]{0,63}$/, { error: 'a value of lower-case letters, digits, _ and -' }),
);

/**
 * The shape of `bigquery({ … })`, but for what all warehouses share (`maxPublishing`, durations …) and for `keyFile`, which is a
 * reference to a secret.
 */
export const bigQueryShape = {
  kind: z.literal('bigquery'),
  project,
  jobProject: project.optional(),
  dataset: dataset.optional(),
  location: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, { error: 'a location such as EU or europe-west3' })
    .optional(),
  ledgerDataset: dataset.optional(),
  stageDataset: dataset.optional(),
  stagingBucket: z
    .string()
    .regex(/^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[^*?[\]#]*)?$/, {
      error: 'a bucket such as gs://bucket/prefix',
    })
    .optional(),
  referCsv: z.boolean().optional(),
  maximumBytesBilled: z
    .union([z.int().min(10_485_760), z.string().regex(/^[1-9]\d{7,18}$/)], {
      error: 'a number of bytes from 10485760, which is the least that BigQuery bills',
    })
    .optional(),
  labels: labels.optional(),
  apiEndpoint: url.optional(),
  storageEndpoint: url.optional(),
};

/** What is written in `bigquery({ … })`, of what {@link bigQueryShape} names. */
export type BigQueryShape = z.infer<z.ZodObject<typeof bigQueryShape>>;

/** With defaults; what the shape does not name is given beside it. */
export function resolveBigQuery(
  shape: BigQueryShape,
  more: Partial<ResolvedBigQueryConfig> = {},
): ResolvedBigQueryConfig {
  const { maximumBytesBilled, ...rest } = shape;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...bigQueryDefaults,
    jobProject: shape.project,
    ...(given as Omit<BigQueryShape, 'maximumBytesBilled'> & { readonly kind: 'bigquery' }),
    ...(maximumBytesBilled !== undefined && { maximumBytesBilled: String(maximumBytesBilled) }),
    ...more,
  } as ResolvedBigQueryConfig;
}
