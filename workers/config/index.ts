/** Finds, checks and resolves the configuration. @module */
export { loadConfig, type LoadConfigOptions } from './load-config';
export { resolveConfig } from './resolve-config';
export { readAdminSecrets, readWarehouseSecrets, secretOf } from './resolve-warehouse';
export { readBigQueryAdmin } from './resolve-bigquery';
export { readSnowflakeAdmin } from './resolve-snowflake';
export { readStoreSecrets, storeSecrets } from './resolve-store';
export { resolveSecret, secretText } from './secret';
export { connectOptions, reachTemporal, temporalUnreachable } from './temporal-connection';
export type { ConnectOverrides, ConnectTarget, TemporalConnectionOptions } from './temporal-connection';
export { importModule, type ModuleExports } from './import-module';
export { unreadableModule } from './module-trouble';
export { isResolved } from './resolved-config';
export { configNames } from './find-config';
export { isContractFile, readContracts } from './load-contracts';
export type {
  ResolvedConfig,
  ResolvedWarehouse,
  ResolvedPostgres,
  ResolvedSnowflake,
  ResolvedBigQuery,
  ResolvedStore,
  ResolvedLocalFiles,
  ResolvedS3,
  ResolvedGcs,
  ResolvedTemporal,
  ResolvedSchedule,
  ResolvedProvision,
} from './resolved-config';
