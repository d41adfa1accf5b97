import type { CanaryOptions, SecretRef, WorkerVersioning } from '../../workflows/config';
import type { ResolvedPostgresConfig } from '../../activities/warehouses/postgres/config';
import type { ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import type { ContractPlace } from '../../activities/contracts';
import type { ScheduleCalendar, ScheduledLoad, ScheduleOverlap } from '../../workflows/schedule-config';
import type { TableContract } from '../../workflows/table-contract';

/** A PostgreSQL warehouse with every option decided. The secret is still a reference. */
export interface ResolvedPostgres extends Omit<ResolvedPostgresConfig, 'url'> {
  readonly name: string;
  readonly url: SecretRef | string;
}
/** A Snowflake warehouse with every option decided. The secrets are still references. */
export interface ResolvedSnowflake extends Omit<ResolvedSnowflakeConfig, 'login'> {
  readonly name: string;
  readonly login: SnowflakeLoginRef;
}
/** How to log in, and where the secret is. */
export type SnowflakeLoginRef =
  | { readonly by: 'password' | 'oauth' | 'token'; readonly secret: SecretRef }
  | { readonly by: 'key-pair'; readonly secret: SecretRef; readonly passphrase: SecretRef | null };
/** Any warehouse with every option decided. */
export type ResolvedWarehouse = ResolvedPostgres | ResolvedSnowflake;

/** A folder of files with an absolute root. */
export interface ResolvedLocalFiles {
  readonly kind: 'local-files';
  readonly name: string;
  readonly rootDir: string;
}
/** Any store with every option decided. */
export type ResolvedStore = ResolvedLocalFiles;

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
