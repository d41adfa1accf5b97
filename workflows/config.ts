import type { ScheduleConfig } from './schedule-config';
import type { LoadRequest } from './load-request';
import type { TableContract } from './table-contract';

/** A value that is read from the environment or a file when a worker starts, never written down. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/**
 * Refers to an environment variable. The value is read by the worker; it never enters workflow history.
 *
 * @example
 * ```ts
 * postgres({ url: env('DATABASE_URL') })
 * ```
 */
export function env(name: string): SecretRef {
  return { env: name };
}

/** Refers to a file whose trimmed content is the value, such as a mounted secret. */
export function secretFile(path: string): SecretRef {
  return { file: path };
}

/**
 * The roles of a warehouse that `loadline provision` makes and gives their rights. Roles that do not exist are made without
 * a login and without a password.
 */
export interface ProvisionRoles {
  /** What workers connect as: it loads, rolls back and sweeps stages, and may do nothing else. */
  readonly loader: string;
  /** Reads receipts, states, checks and metrics; no row of a table. @default none */
  readonly reader?: string;
  /** Archives the ledger and drops stages that are left: the only one that may delete a receipt. @default none */
  readonly sweeper?: string;
  /** Owns the ledger, so that whoever is a member of it can bring it to a later version. @default the administrator's own */
  readonly owner?: string;
}

/**
 * What `loadline provision` needs to prepare a warehouse. Workers read none of it.
 *
 * @example
 * ```ts
 * postgres({
 *   url: env('DATABASE_URL'),
 *   provision: { admin: env('ADMIN_DATABASE_URL'), roles: { loader: 'loadline_loader', reader: 'loadline_reader' } },
 * })
 * ```
 */
export interface ProvisionOptions {
  /** The administrator's URL of the same database, by reference. A literal may be given only if it holds no password. */
  readonly admin: SecretRef | string;
  readonly roles: ProvisionRoles;
  /** Whether roles that are made may log in. They get no password: give them one, or a certificate, by your own means. @default false */
  readonly login?: boolean;
  /** Whether the loader may create schemas, as the canary of `loadline deploy` does. @default false */
  readonly canary?: boolean;
}

/** Options of {@link postgres}. Durations are text such as `30s`, `10m`, `2h`. */
export interface PostgresOptions {
  /** A `postgres://` URL, by reference. A literal may be given only if it holds no password. */
  readonly url: SecretRef | string;
  /** The schema of the ledger. @default '_loadline' */
  readonly ledgerSchema?: string;
  /** The schema that holds stages. @default '_loadline_stage' */
  readonly stageSchema?: string;
  /** How many publishes run at once from one worker. @default 4 */
  readonly maxPublishing?: number;
  /** How many loads copy into stages at once from one worker. @default 4 */
  readonly maxStaging?: number;
  /** How many sessions copy one large file into its stage, side by side. @default 2 */
  readonly copySessions?: number;
  /** How long one publish transaction may take before the server ends it. @default '1h' */
  readonly publishTimeout?: string;
  /** How long copying one batch into its stage may take. @default '6h' */
  readonly stageTimeout?: string;
  /** How long a client that stopped answering inside a transaction keeps its locks. @default '15s' */
  readonly frozenTimeout?: string;
  /** How long a publish waits for the target's lock before it is retried. @default '1m' */
  readonly lockTimeout?: string;
  /** How long a load key stays claimed after the last sign of life of its load. @default '1m' */
  readonly claimLease?: string;
  /**
   * The server's memory for each sort and hash of a load, such as `512MB`; each publish and each stage at work may take
   * it once or twice. More makes large merges faster.
   * @default an eighth of the server's `effective_cache_size`, at least `64MB` and at most `512MB`
   */
  readonly workMem?: string;
  /** What `loadline provision` makes of roles and rights; see {@link ProvisionOptions}. @default nothing: you make them */
  readonly provision?: ProvisionOptions;
}
/** A PostgreSQL warehouse as written in the configuration. */
export interface PostgresConfig extends PostgresOptions {
  readonly kind: 'postgres';
}

/** Describes a PostgreSQL warehouse. */
export function postgres(options: PostgresOptions): PostgresConfig {
  return { kind: 'postgres', ...options };
}

/** Options of {@link snowflake}. Durations are text such as `30s`, `10m`, `2h`. Names are spelled as they are stored. */
export interface SnowflakeOptions {
  /** The account identifier, such as `myorg-account1`. */
  readonly account: string;
  readonly user: string;
  /** Exactly one way to log in: a password, … */
  readonly password?: SecretRef;
  /** … a private key in PEM, … */
  readonly privateKey?: SecretRef;
  /** What the private key is encrypted with. */
  readonly passphrase?: SecretRef;
  /** … an OAuth token, … */
  readonly oauthToken?: SecretRef;
  /** … or a programmatic access token. */
  readonly token?: SecretRef;
  /** The database of ledger, stages and tables. */
  readonly database: string;
  /** The schema of tables whose contract names none. @default 'PUBLIC' */
  readonly schema?: string;
  /** The virtual warehouse that loads run on. @default the user's own */
  readonly warehouse?: string;
  /** @default the user's own */
  readonly role?: string;
  /** The schema of the ledger. @default '_LOADLINE' */
  readonly ledgerSchema?: string;
  /** The schema that holds stages. @default '_LOADLINE_STAGE' */
  readonly stageSchema?: string;
  /** How many publishes run at once from one worker. @default 4 */
  readonly maxPublishing?: number;
  /** How many loads copy into stages at once from one worker. @default 4 */
  readonly maxStaging?: number;
  /** How long one publish may take before it is ended. @default '1h' */
  readonly publishTimeout?: string;
  /** How long copying one batch into its stage may take. @default '6h' */
  readonly stageTimeout?: string;
  /** How long a publish waits for the target's lock before it is retried. @default '1m' */
  readonly lockTimeout?: string;
  /** How long a load key stays claimed after the last sign of life of its load. @default '1m' */
  readonly claimLease?: string;
  /** A URL to reach the service at, such as a private link. @default the account's own address */
  readonly endpoint?: string;
  /** What `loadline provision` makes of roles and rights; see {@link SnowflakeProvisionOptions}. @default nothing: you make them */
  readonly provision?: SnowflakeProvisionOptions;
}

/** Who `loadline provision` is to a Snowflake account. Exactly one way to log in, as in {@link SnowflakeOptions}. */
export interface SnowflakeAdmin {
  readonly user: string;
  /** A role that may create roles, schemas and grants. @default the user's own */
  readonly role?: string;
  /** The virtual warehouse that the version of the ledger is read with. @default the user's own */
  readonly warehouse?: string;
  readonly password?: SecretRef;
  readonly privateKey?: SecretRef;
  readonly passphrase?: SecretRef;
  readonly oauthToken?: SecretRef;
  readonly token?: SecretRef;
}

/**
 * What `loadline provision` needs to prepare a Snowflake database. Workers read none of it.
 *
 * @example
 * ```ts
 * snowflake({
 *   account: 'myorg-account1',
 *   user: 'LOADER',
 *   privateKey: secretFile('/run/secrets/loader.pem'),
 *   database: 'SHOP',
 *   role: 'LOADLINE_LOADER',
 *   provision: {
 *     admin: { user: 'PROVISIONER', role: 'ACCOUNTADMIN', privateKey: secretFile('/run/secrets/provisioner.pem') },
 *     roles: { loader: 'LOADLINE_LOADER', reader: 'LOADLINE_READER' },
 *   },
 * })
 * ```
 */
export interface SnowflakeProvisionOptions {
  readonly admin: SnowflakeAdmin;
  /** Names as they are stored. Stages are swept by the loader, which makes them. */
  readonly roles: Omit<ProvisionRoles, 'sweeper'>;
}
/** A Snowflake warehouse as written in the configuration. */
export interface SnowflakeConfig extends SnowflakeOptions {
  readonly kind: 'snowflake';
}

/**
 * Describes a Snowflake database. Needs the package `snowflake-sdk` where the worker runs.
 *
 * @example
 * ```ts
 * snowflake({ account: 'myorg-account1', user: 'LOADER', privateKey: secretFile('/run/secrets/loader.pem'), database: 'SHOP' })
 * ```
 */
export function snowflake(options: SnowflakeOptions): SnowflakeConfig {
  return { kind: 'snowflake', ...options };
}

/** Options of {@link bigquery}. Durations are text such as `30s`, `10m`, `2h`. */
export interface BigQueryOptions {
  /** The id of the project of ledger, stages and tables. */
  readonly project: string;
  /** The project that runs the jobs and pays for them. @default project */
  readonly jobProject?: string;
  /** The dataset of tables whose contract names none. @default none: each contract names its own */
  readonly dataset?: string;
  /** Where datasets are and jobs run, such as `EU` or `europe-west3`. @default where the ledger is; for a new one, as BigQuery chooses */
  readonly location?: string;
  /**
   * The key of a service account as JSON, by reference; `'none'` for a stand-in that asks for none.
   * @default the application default credentials
   */
  readonly credentials?: SecretRef | 'none';
  /** The dataset of the ledger. @default 'loadline' */
  readonly ledgerDataset?: string;
  /** The dataset that holds stages. @default 'loadline_stage' */
  readonly stageDataset?: string;
  /** `gs://bucket/prefix`, to which files are uploaded before they are loaded. @default they are sent with the load job */
  readonly stagingBucket?: string;
  /**
   * Whether CSV in Cloud Storage is loaded by BigQuery itself instead of by way of the worker: faster, with BigQuery's own
   * reading of values. @default false
   */
  readonly referCsv?: boolean;
  /** The most bytes that one statement may be billed for, at least 10485760; one that would be billed for more is refused. @default as the project allows */
  readonly maximumBytesBilled?: number;
  /** Labels of every job, and of the datasets that are made, for the bill. @default none but Loadline's own */
  readonly labels?: Readonly<Record<string, string>>;
  /** How many publishes run at once from one worker. @default 4 */
  readonly maxPublishing?: number;
  /** How many loads copy into stages at once from one worker. @default 4 */
  readonly maxStaging?: number;
  /** How long one publish may take before BigQuery ends it. @default '1h' */
  readonly publishTimeout?: string;
  /** How long copying one batch into its stage may take. @default '6h' */
  readonly stageTimeout?: string;
  /** How long a publish that BigQuery has cancelled for another is done again before it fails. @default '1m' */
  readonly lockTimeout?: string;
  /** How long a load key stays claimed after the last sign of life of its load. @default '1m' */
  readonly claimLease?: string;
  /** The URL of another server of BigQuery's API, such as a private endpoint or a stand-in. @default Google's own */
  readonly apiEndpoint?: string;
  /** The same for the staging bucket. @default Google's own */
  readonly storageEndpoint?: string;
  /** What `loadline provision` makes of datasets and their access; see {@link BigQueryProvisionOptions}. @default nothing: you make them */
  readonly provision?: BigQueryProvisionOptions;
}

/**
 * What `loadline provision` needs to prepare a BigQuery project. Workers read none of it.
 *
 * @example
 * ```ts
 * bigquery({
 *   project: 'acme-shop',
 *   provision: { roles: { loader: 'serviceAccount:loader@acme-shop.iam.gserviceaccount.com', reader: 'group:data@acme.com' } },
 * })
 * ```
 */
export interface BigQueryProvisionOptions {
  /**
   * The key of the administrator's service account as JSON, by reference; `'none'` for a stand-in that asks for none.
   * @default the application default credentials
   */
  readonly admin?: SecretRef | 'none';
  /** Members as Google Cloud writes them: `serviceAccount:…`, `user:…`, `group:…` or `domain:…`. A reader sees rows that were set aside too. */
  readonly roles: Pick<ProvisionRoles, 'loader' | 'reader'>;
  /**
   * After how long BigQuery deletes a table of the stage dataset, such as `90d`. Longer than a load may be held, and a replaced table
   * taken back. @default never: workers sweep
   */
  readonly stageExpiration?: string;
}
/** A BigQuery warehouse as written in the configuration. */
export interface BigQueryConfig extends BigQueryOptions {
  readonly kind: 'bigquery';
}

/**
 * Describes a BigQuery project. Needs the package `@google-cloud/bigquery` where the worker runs.
 *
 * @example
 * ```ts
 * bigquery({ project: 'acme-shop', dataset: 'sales', location: 'EU', credentials: secretFile('/run/secrets/loader.json') })
 * ```
 */
export function bigquery(options: BigQueryOptions): BigQueryConfig {
  return { kind: 'bigquery', ...options };
}

/** A folder whose files are loaded. */
export interface LocalFilesConfig {
  readonly kind: 'local-files';
  /** The folder, absolute or relative to the configuration file. */
  readonly root: string;
}

/** Describes a store of files in a folder that every worker can read. */
export function localFiles(options: { readonly root: string }): LocalFilesConfig {
  return { kind: 'local-files', ...options };
}

/** A key pair for {@link s3}, by reference. */
export interface S3Credentials {
  readonly accessKeyId: SecretRef;
  readonly secretAccessKey: SecretRef;
  /** Of temporary credentials. */
  readonly sessionToken?: SecretRef;
}

/** Options of {@link s3}. */
export interface S3Options {
  readonly bucket: string;
  /** What all keys begin with; paths and globs are relative to it. @default none */
  readonly prefix?: string;
  /** @default as the AWS SDK finds it, in AWS_REGION or the shared configuration */
  readonly region?: string;
  /** The URL of another service that speaks S3. @default AWS */
  readonly endpoint?: string;
  /** Whether the bucket is part of the path rather than of the host. @default true with an `endpoint` */
  readonly pathStyle?: boolean;
  /** @default the default chain of the AWS SDK: variables, shared files, the role of the machine or the container */
  readonly credentials?: S3Credentials;
  /**
   * How batches that are written are encrypted: `'s3'` by keys of S3 (SSE-S3), `{ kmsKey }` by a key of KMS (SSE-KMS).
   * Objects that are read are decrypted by S3. @default as the bucket says
   */
  readonly encryption?: 's3' | { readonly kmsKey: string };
}
/** A store of objects in S3 as written in the configuration. */
export interface S3Config extends S3Options {
  readonly kind: 's3';
}

/**
 * Describes a store of objects in S3, or in a service that speaks its protocol. Needs the packages
 * `@aws-sdk/client-s3` and `@aws-sdk/lib-storage` beside Loadline.
 *
 * @example
 * ```ts
 * stores: { raw: s3({ bucket: 'acme-landing', prefix: 'orders', region: 'eu-central-1' }) }
 * ```
 */
export function s3(options: S3Options): S3Config {
  return { kind: 's3', ...options };
}

/** Options of {@link gcs}. */
export interface GcsOptions {
  readonly bucket: string;
  /** What all names begin with; paths and globs are relative to it. @default none */
  readonly prefix?: string;
  /** @default the project of the credentials */
  readonly projectId?: string;
  /** The URL of another service that speaks the JSON API. @default Google Cloud Storage */
  readonly endpoint?: string;
  /** A key as JSON, by reference. @default the application default credentials */
  readonly credentials?: SecretRef;
  /** The key of Cloud KMS that batches are encrypted by, when they are written. @default as the bucket says */
  readonly encryption?: { readonly kmsKey: string };
}
/** A store of objects in Google Cloud Storage as written in the configuration. */
export interface GcsConfig extends GcsOptions {
  readonly kind: 'gcs';
}

/**
 * Describes a store of objects in Google Cloud Storage. Needs the package `@google-cloud/storage` beside Loadline.
 *
 * @example
 * ```ts
 * stores: { raw: gcs({ bucket: 'acme-landing', prefix: 'orders' }) }
 * ```
 */
export function gcs(options: GcsOptions): GcsConfig {
  return { kind: 'gcs', ...options };
}

/** Any warehouse. */
export type WarehouseConfig = PostgresConfig | SnowflakeConfig | BigQueryConfig;
/** Any store. */
export type StoreConfig = LocalFilesConfig | S3Config | GcsConfig;

/** Options of the worker. */
export interface WorkerOptions {
  /** @default 'loadline' */
  readonly taskQueue?: string;
  /** The module that exports your workflows, relative to the configuration file. */
  readonly workflows?: string;
  /** The module that exports your activities, relative to the configuration file. */
  readonly activities?: string;
  /** Names the build in receipts and in Worker Versioning. @default LOADLINE_BUILD_ID, else the package version */
  readonly buildId?: string;
  /**
   * The name of a Worker Deployment: `loadline worker` then runs as one version of it, and `loadline deploy` decides which
   * version new runs go to. Without it there are no versions. `loadline dev` never has any.
   */
  readonly deployment?: string;
  /**
   * Where a run goes when another build becomes current: a `pinned` one ends on the build that it began on, an
   * `auto-upgrade` one goes on with the new code, which must replay it. @default 'pinned'
   */
  readonly versioning?: WorkerVersioning;
}

/** See {@link WorkerOptions.versioning}. */
export type WorkerVersioning = 'pinned' | 'auto-upgrade';

/** What a deploy runs on a new build before anything else does. At most one of the two. */
export interface CanaryOptions {
  /** A workflow of yours and its input, which names a fixture: it runs twice, against scratch tables. */
  readonly workflow?: string;
  readonly input?: unknown;
  /** A load of a fixture into one table of yours: it runs twice, against a scratch table. */
  readonly load?: LoadRequest;
}

/** What `loadline deploy` shall do for this project. */
export interface DeployConfig {
  /** @default rows of every common type, written by the new build itself, into each warehouse */
  readonly canary?: CanaryOptions;
}

/** Connection to Temporal. Everything absent comes from the same variables and profile file as the Temporal CLI. */
export interface TemporalOptions {
  readonly address?: string;
  readonly namespace?: string;
  /** A profile of the Temporal configuration file. */
  readonly profile?: string;
}

/** Everything Loadline must know, as plain data. */
export interface LoadlineConfig {
  readonly warehouses: Readonly<Record<string, WarehouseConfig>>;
  readonly stores: Readonly<Record<string, StoreConfig>>;
  /** Contracts, or paths and globs of YAML or TypeScript files that hold them. */
  readonly contracts: readonly (TableContract | string)[];
  readonly worker?: WorkerOptions;
  readonly temporal?: TemporalOptions;
  readonly deploy?: DeployConfig;
  /** Where batch manifests and batches written by `writeBatch` are kept. @default '.loadline' */
  readonly state?: string;
  /**
   * The name of a store of objects (S3 or GCS) in which manifests and batches written by `writeBatch` are kept as well,
   * under `.loadline/`. Then the steps of a load may run on workers that share no folder. @default the state folder alone
   */
  readonly batchStore?: string;
  /** What runs when, on the server once `loadline schedules apply` has put it there. */
  readonly schedules?: readonly ScheduleConfig[];
  /** Named overrides, chosen by `--profile` or LOADLINE_PROFILE: merged over the rest, key by key. */
  readonly profiles?: Readonly<Record<string, ConfigOverride>>;
}

/** What a profile may override. */
export interface ConfigOverride {
  readonly warehouses?: Readonly<Record<string, Partial<WarehouseConfig>>>;
  readonly stores?: Readonly<Record<string, Partial<StoreConfig>>>;
  readonly worker?: WorkerOptions;
  readonly temporal?: TemporalOptions;
  readonly state?: string;
  readonly batchStore?: string;
}

/** Declares the configuration. Returns its argument, so that names complete in the editor. */
export function defineConfig<const C extends LoadlineConfig>(config: C): C {
  return config;
}
