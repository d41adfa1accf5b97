import path from 'node:path';
import { postgresDefaults, type ResolvedPostgresConfig } from '../../activities/warehouses/postgres/config';
import type { ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import { loadFailure } from '../../workflows/load-error';
import { durationMs, type DurationRange } from './duration';
import { checkLiteralUrl, resolveSecret, secretText } from './secret';
import { refuseOption } from './config-refusal';
import type { SecretRef } from '../../workflows/config';
import type { ConfigShape } from './config-schema';
import { readSnowflakeSecrets, resolveSnowflake } from './resolve-snowflake';
import type { ResolvedPostgres, ResolvedWarehouse } from './resolved-config';

type WarehouseShape = ConfigShape['warehouses'][string];

const accepted = {
  publishTimeout: { min: '1s', max: '24h' },
  stageTimeout: { min: '1s', max: '48h' },
  frozenTimeout: { min: '1s', max: '10m' },
  lockTimeout: { min: '1s', max: '1h' },
  claimLease: { min: '10s', max: '1h' },
} as const satisfies Record<string, DurationRange>;

/** The file that options are written in, and the folder that paths in it are relative to. */
export interface ConfigOrigin {
  readonly file: string;
  readonly rootDir: string;
}

/** Decides every option of a warehouse. @throws `InvalidConfig` */
export function resolveWarehouse(name: string, shape: WarehouseShape, origin: ConfigOrigin): ResolvedWarehouse {
  return shape.kind === 'postgres' ? resolvePostgres(name, shape, origin) : resolveSnowflake(name, shape, origin);
}

function resolvePostgres(
  name: string,
  shape: Extract<WarehouseShape, { kind: 'postgres' }>,
  { file, rootDir }: ConfigOrigin,
): ResolvedPostgres {
  const option = (field: string): string => `warehouses.${name}.${field}`;
  const timeout = (field: keyof typeof accepted): number => {
    const written = shape[field];
    return written === undefined
      ? postgresDefaults[`${field}Ms`]
      : durationMs(written, option(field), accepted[field], file);
  };
  checkLiteralUrl(shape.url, option('url'), file);
  const resolved: ResolvedPostgres = {
    kind: shape.kind,
    name,
    url: anchored(shape.url, rootDir),
    ledgerSchema: shape.ledgerSchema ?? postgresDefaults.ledgerSchema,
    stageSchema: shape.stageSchema ?? postgresDefaults.stageSchema,
    maxPublishing: shape.maxPublishing ?? postgresDefaults.maxPublishing,
    maxStaging: shape.maxStaging ?? postgresDefaults.maxStaging,
    copySessions: shape.copySessions ?? postgresDefaults.copySessions,
    publishTimeoutMs: timeout('publishTimeout'),
    stageTimeoutMs: timeout('stageTimeout'),
    frozenTimeoutMs: timeout('frozenTimeout'),
    lockTimeoutMs: timeout('lockTimeout'),
    claimLeaseMs: timeout('claimLease'),
    workMem: shape.workMem ?? postgresDefaults.workMem,
  };
  if (resolved.ledgerSchema === resolved.stageSchema)
    throw oneSchema(option('stageSchema'), resolved.stageSchema, file);
  return resolved;
}

function anchored(ref: SecretRef | string, rootDir: string): SecretRef | string {
  return typeof ref === 'object' && 'file' in ref ? { file: path.resolve(rootDir, ref.file) } : ref;
}

function oneSchema(option: string, schema: string, file: string): Error {
  const remedy = 'Keep stages apart from the ledger, so that sweeping the one never touches the other.';
  return refuseOption(file, { option, expected: 'another schema than ledgerSchema', got: `"${schema}"`, remedy });
}

/** Where the secret of a warehouse is. */
export const secretOf = (warehouse: ResolvedWarehouse): SecretRef | string =>
  warehouse.kind === 'postgres' ? warehouse.url : warehouse.login.secret;

/**
 * A warehouse as its adapter takes it, with its secret read.
 *
 * @throws `SecretMissing`; `InvalidConfig` when the secret is no URL of this warehouse. Neither tells the value.
 */
export function readWarehouseSecrets(warehouse: ResolvedPostgres): ResolvedPostgresConfig;
export function readWarehouseSecrets(warehouse: ResolvedWarehouse): ResolvedPostgresConfig | ResolvedSnowflakeConfig;
export function readWarehouseSecrets(warehouse: ResolvedWarehouse): ResolvedPostgresConfig | ResolvedSnowflakeConfig {
  return warehouse.kind === 'postgres' ? readPostgresUrl(warehouse) : readSnowflakeSecrets(warehouse);
}

function readPostgresUrl({ name, ...warehouse }: ResolvedPostgres): ResolvedPostgresConfig {
  const url = resolveSecret(warehouse.url, `warehouses.${name}.url`);
  if (/^postgres(ql)?:\/\//.test(url)) return { ...warehouse, url };
  throw loadFailure('InvalidConfig', {
    object: `warehouses.${name}.url`,
    expected: 'a URL that starts with postgres://',
    got: `another text in ${secretText(warehouse.url)}`,
    remedy: 'Correct the variable or the file.',
  });
}
