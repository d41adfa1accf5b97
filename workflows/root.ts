/**
 * Contracts, configuration and error codes: plain data and pure functions, safe to import anywhere, workflows
 * included.
 *
 * @module
 */
export type * from './contract';
export type { Interval, UtcInstant } from './interval';
export type { Register, ContractName, StoreName } from './register';
export { defineContract } from './table-contract';
export type {
  TableContract,
  ColumnContract,
  RowsContract,
  TableCheck,
  TablePartition,
  AnomalyPolicy,
  HoldPolicy,
  Severity,
} from './table-contract';
export type { Verdict } from './checks';
export { defineConfig, env, secretFile, postgres, snowflake, bigquery, localFiles, s3, gcs } from './config';
export type {
  LoadlineConfig,
  ConfigOverride,
  WarehouseConfig,
  StoreConfig,
  PostgresConfig,
  PostgresOptions,
  ProvisionOptions,
  ProvisionRoles,
  SnowflakeConfig,
  SnowflakeOptions,
  SnowflakeAdmin,
  SnowflakeProvisionOptions,
  BigQueryConfig,
  BigQueryOptions,
  BigQueryProvisionOptions,
  LocalFilesConfig,
  S3Config,
  S3Options,
  S3Credentials,
  GcsConfig,
  GcsOptions,
  WorkerOptions,
  TemporalOptions,
  SecretRef,
  WorkerVersioning,
  DeployConfig,
  CanaryOptions,
} from './config';
export type {
  CalendarDay,
  CalendarField,
  CalendarMonth,
  CalendarRange,
  ScheduleCalendar,
  ScheduleConfig,
  ScheduledLoad,
  ScheduleOverlap,
} from './schedule-config';
export { loadErrors, loadErrorCodes, type LoadErrorCode, type LoadErrorMeaning } from './load-error-code';
export { isLoadError, loadErrorOf, type LoadFailure, type LoadFailureDetails } from './load-error';
