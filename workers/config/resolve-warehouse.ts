import { postgresDefaults, type ResolvedPostgresConfig } from '../../activities/warehouses/postgres/config';
import type { ResolvedBigQueryConfig } from '../../activities/warehouses/bigquery/config';
import type { ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import { loadFailure } from '../../workflows/load-error';
import { anchored, checkLiteralUrl, resolveSecret, secretText } from './secret';
import type { SecretRef } from '../../workflows/config';
import type { ConfigShape } from './config-schema';
import { readBigQuerySecrets, resolveBigQuery } from './resolve-bigquery';
import { readSnowflakeSecrets, resolveSnowflake } from './resolve-snowflake';
import type { ResolvedPostgres, ResolvedProvision, ResolvedWarehouse } from './resolved-config';
import { durationsOf, refuseOnePlace, rolesOf, usualDurations } from './warehouse-options';

type WarehouseShape = ConfigShape['warehouses'][string];

/** The file that options are written in, and the folder that paths in it are relative to. */
export interface ConfigOrigin {
  readonly file: string;
  readonly rootDir: string;
}

/** Decides every option of a warehouse. @throws `InvalidConfig` */
export function resolveWarehouse(name: string, shape: WarehouseShape, origin: ConfigOrigin): ResolvedWarehouse {
  switch (shape.kind) {
    case 'postgres':
      return resolvePostgres(name, shape, origin);
    case 'snowflake':
      return resolveSnowflake(name, shape, origin);
    case 'bigquery':
      return resolveBigQuery(name, shape, origin);
  }
}

function resolvePostgres(name: string, shape: PostgresShape, { file, rootDir }: ConfigOrigin): ResolvedPostgres {
  const place = { at: `warehouses.${name}`, file };
  checkLiteralUrl(shape.url, `${place.at}.url`, file);
  const resolved: ResolvedPostgres = {
    kind: shape.kind,
    name,
    url: anchored(shape.url, rootDir),
    ledgerSchema: shape.ledgerSchema ?? postgresDefaults.ledgerSchema,
    stageSchema: shape.stageSchema ?? postgresDefaults.stageSchema,
    maxPublishing: shape.maxPublishing ?? postgresDefaults.maxPublishing,
    maxStaging: shape.maxStaging ?? postgresDefaults.maxStaging,
    copySessions: shape.copySessions ?? postgresDefaults.copySessions,
    ...durationsOf(shape, postgresDefaults, [...usualDurations, 'frozenTimeout'], place),
    workMem: shape.workMem ?? postgresDefaults.workMem,
    provision: shape.provision ? resolveProvision(name, shape.provision, { file, rootDir }) : null,
  };
  refuseOnePlace('Schema', resolved.ledgerSchema, resolved.stageSchema, place);
  return resolved;
}

type PostgresShape = Extract<WarehouseShape, { kind: 'postgres' }>;
type ProvisionShape = NonNullable<PostgresShape['provision']>;

function resolveProvision(name: string, shape: ProvisionShape, { file, rootDir }: ConfigOrigin): ResolvedProvision {
  const option = (field: string): string => `warehouses.${name}.provision.${field}`;
  checkLiteralUrl(shape.admin, option('admin'), file);
  const roles = rolesOf(shape.roles, option('roles'), file);
  return {
    admin: anchored(shape.admin, rootDir),
    roles,
    login: shape.login ?? false,
    canary: shape.canary ?? false,
  };
}

/** Where the secret of a warehouse is; `null`: the configuration refers to none. */
export function secretOf(warehouse: ResolvedWarehouse): SecretRef | string | null {
  switch (warehouse.kind) {
    case 'postgres':
      return warehouse.url;
    case 'snowflake':
      return warehouse.login.secret;
    case 'bigquery':
      return warehouse.credentials.kind === 'key' ? warehouse.credentials.secret : null;
  }
}

/** A warehouse as its adapter takes it. */
type ReadWarehouse = ResolvedPostgresConfig | ResolvedSnowflakeConfig | ResolvedBigQueryConfig;

/**
 * A warehouse as its adapter takes it, with its secret read.
 *
 * @throws `SecretMissing`; `InvalidConfig` when the secret is no URL of this warehouse. Neither tells the value.
 */
export function readWarehouseSecrets(warehouse: ResolvedPostgres): ResolvedPostgresConfig;
export function readWarehouseSecrets(warehouse: ResolvedWarehouse): ReadWarehouse;
export function readWarehouseSecrets(warehouse: ResolvedWarehouse): ReadWarehouse {
  if (warehouse.kind === 'snowflake') return readSnowflakeSecrets(warehouse);
  if (warehouse.kind === 'bigquery') return readBigQuerySecrets(warehouse);
  const { name, provision: _later, ...rest } = warehouse;
  return { ...rest, url: readUrl(rest.url, `warehouses.${name}.url`) };
}

/** The same warehouse as its administrator sees it. @throws as {@link readWarehouseSecrets} does */
export function readAdminSecrets(warehouse: ResolvedPostgres, { admin }: ResolvedProvision): ResolvedPostgresConfig {
  const { name, provision: _done, ...rest } = warehouse;
  return { ...rest, url: readUrl(admin, `warehouses.${name}.provision.admin`) };
}

function readUrl(ref: SecretRef | string, option: string): string {
  const url = resolveSecret(ref, option);
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw loadFailure('InvalidConfig', {
    object: option,
    expected: 'a URL that starts with postgres://',
    got: `another text in ${secretText(ref)}`,
    remedy: 'Correct the variable or the file.',
  });
}
