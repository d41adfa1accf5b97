import type { CanaryOptions, S3Credentials, SecretRef, WorkerVersioning } from '../../workflows/config';
import type { ResolvedGcsConfig } from '../../activities/stores/gcs/config';
import type { ResolvedS3Config } from '../../activities/stores/s3/config';
import type { ResolvedBigQueryConfig } from '../../activities/warehouses/bigquery/config';
import type { ResolvedPostgresConfig } from '../../activities/warehouses/postgres/config';
import type { ProvisionRoleNames as ResolvedRoles } from '../../activities/warehouses/provision';
import type { ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import type { ContractPlace } from '../../activities/contracts';
import type { ScheduleCalendar, ScheduledLoad, ScheduleOverlap } from '../../workflows/schedule-config';
import type { TableContract } from '../../workflows/table-contract';

/** A PostgreSQL warehouse with every option decided. The secret is still a reference. */
export interface ResolvedPostgres extends Omit<ResolvedPostgresConfig, 'url'> {
  readonly name: string;
  readonly url: SecretRef | string;
  /** `null`: nothing of it is provisioned. */
  readonly provision: ResolvedProvision | null;
}

/** How a warehouse is provisioned. The administrator's secret is still a reference, which no worker reads. */
export interface ResolvedProvision {
  readonly admin: SecretRef | string;
  readonly roles: ResolvedRoles;
  readonly login: boolean;
  readonly canary: boolean;
}

/** A Snowflake warehouse with every option decided. The secrets are still references. */
export interface ResolvedSnowflake extends Omit<ResolvedSnowflakeConfig, 'login'> {
  readonly name: string;
  readonly login: SnowflakeLoginRef;
  /** `null`: nothing of it is provisioned. */
  readonly provision: ResolvedSnowflakeProvision | null;
}
/** How a Snowflake warehouse is provisioned. The administrator's secret is still a reference, which no worker reads. */
export interface ResolvedSnowflakeProvision {
  readonly admin: Pick<ResolvedSnowflake, 'user' | 'role' | 'warehouse' | 'login'>;
  readonly roles: ResolvedRoles;
}
/** How to log in, and where the secret is. */
export type SnowflakeLoginRef =
  | { readonly by: 'password' | 'oauth' | 'token'; readonly secret: SecretRef }
  | { readonly by: 'key-pair'; readonly secret: SecretRef; readonly passphrase: SecretRef | null };
/** A BigQuery warehouse with every option decided. The key is still a reference. */
export interface ResolvedBigQuery extends Omit<ResolvedBigQueryConfig, 'credentials'> {
  readonly name: string;
  readonly credentials: BigQueryCredentialsRef;
  /** `null`: nothing of it is provisioned. */
  readonly provision: ResolvedBigQueryProvision | null;
}
/** How a BigQuery project is provisioned. The administrator's key is still a reference, which no worker reads. */
export interface ResolvedBigQueryProvision {
  readonly admin: BigQueryCredentialsRef;
  readonly roles: ResolvedRoles;
  /** `null`: tables of the stage dataset do not expire. */
  readonly stageExpirationMs: number | null;
}
/** Who the worker is to Google Cloud, and where the key is if there is one. */
export type BigQueryCredentialsRef =
  { readonly kind: 'default' | 'none' } | { readonly kind: 'key'; readonly secret: SecretRef };
/** Any warehouse with every option decided. */
export type ResolvedWarehouse = ResolvedPostgres | ResolvedSnowflake | ResolvedBigQuery;

/** A folder of files with an absolute root. */
export interface ResolvedLocalFiles {
  readonly kind: 'local-files';
  readonly name: string;
  readonly rootDir: string;
}
/** A store of objects in S3. Its secrets are still references. */
export interface ResolvedS3 extends Omit<ResolvedS3Config, 'credentials'> {
  readonly kind: 's3';
  readonly name: string;
  readonly credentials: S3Credentials | null;
}
/** A store of objects in GCS. Its secret is still a reference. */
export interface ResolvedGcs extends Omit<ResolvedGcsConfig, 'credentials'> {
  readonly kind: 'gcs';
  readonly name: string;
  readonly credentials: SecretRef | null;
}
/** Any store with every option decided. */
export type ResolvedStore = ResolvedLocalFiles | ResolvedS3 | ResolvedGcs;

/** How to reach Temporal. `null`: as the Temporal CLI would. */
export interface ResolvedTemporal {
  readonly address: string | null;
  readonly namespace: string | null;
  readonly profile: string | null;
}

/** A schedule with every option decided. */
export interface ResolvedSchedule {
  readonly id: string;
  readonly workflow: string;
  readonly args: readonly unknown[];
  /** The request, where it is a load. */
  readonly load: ScheduledLoad | null;
  readonly cron: readonly string[];
  readonly everyMs: number | null;
  readonly offsetMs: number;
  readonly calendars: readonly ScheduleCalendar[];
  readonly zone: string;
  readonly jitterMs: number;
  readonly overlap: ScheduleOverlap;
  readonly catchupWindowMs: number;
  readonly pauseOnFailure: boolean;
  readonly paused: boolean;
  readonly note: string | null;
  readonly workflowId: string;
}

/** The Worker Deployment that workers are versions of. */
export interface ResolvedDeployment {
  readonly name: string;
  readonly versioning: WorkerVersioning;
}

/** The configuration as the code uses it: nothing optional, paths absolute, durations in milliseconds. */
export interface ResolvedConfig {
  /** The configuration file. */
  readonly path: string;
  /** The folder of the configuration file. */
  readonly rootDir: string;
  /** The chosen profile. */
  readonly profile: string | null;
  readonly stateDir: string;
  readonly warehouses: ReadonlyMap<string, ResolvedWarehouse>;
  readonly stores: ReadonlyMap<string, ResolvedStore>;
  /** The store in which batches are kept as well. `null`: in the state folder alone. */
  readonly batchStore: string | null;
  readonly contracts: ReadonlyMap<string, TableContract>;
  /** Where each contract is written, by its name. */
  readonly contractPlaces: ReadonlyMap<string, ContractPlace>;
  readonly taskQueue: string;
  readonly buildId: string;
  /** The module of the user's workflows. */
  readonly workflowsPath: string | null;
  /** The module of the user's activities. */
  readonly activitiesPath: string | null;
  readonly temporal: ResolvedTemporal;
  readonly schedules: readonly ResolvedSchedule[];
  /** `null`: workers have no versions. */
  readonly deployment: ResolvedDeployment | null;
  readonly canary: CanaryOptions;
}

/** Whether a configuration is resolved: its contracts are a map. */
export function isResolved(config: object): config is ResolvedConfig {
  return 'contracts' in config && config.contracts instanceof Map;
}
