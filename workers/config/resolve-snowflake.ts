import path from 'node:path';
import { snowflakeDefaults, type ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import type { SecretRef } from '../../workflows/config';
import { refuseOption } from './config-refusal';
import type { ConfigShape } from './config-schema';
import { durationMs, type DurationRange } from './duration';
import type { ConfigOrigin } from './resolve-warehouse';
import type { ResolvedSnowflake, SnowflakeLoginRef } from './resolved-config';
import { resolveSecret } from './secret';

type SnowflakeShape = Extract<ConfigShape['warehouses'][string], { kind: 'snowflake' }>;

const accepted = {
  publishTimeout: { min: '1s', max: '24h' },
  stageTimeout: { min: '1s', max: '48h' },
  lockTimeout: { min: '1s', max: '1h' },
  claimLease: { min: '10s', max: '1h' },
} as const satisfies Record<string, DurationRange>;

/** Decides every option of a Snowflake warehouse. @throws `InvalidConfig` */
export function resolveSnowflake(
  name: string,
  shape: SnowflakeShape,
  { file, rootDir }: ConfigOrigin,
): ResolvedSnowflake {
  const option = (field: string): string => `warehouses.${name}.${field}`;
  const timeout = (field: keyof typeof accepted): number => {
    const written = shape[field];
    return written === undefined
      ? snowflakeDefaults[`${field}Ms`]
      : durationMs(written, option(field), accepted[field], file);
  };
  const ledgerSchema = shape.ledgerSchema ?? snowflakeDefaults.ledgerSchema;
  const stageSchema = shape.stageSchema ?? snowflakeDefaults.stageSchema;
  if (ledgerSchema === stageSchema)
    throw refuseOption(file, {
      option: option('stageSchema'),
      expected: 'another schema than ledgerSchema',
      got: `"${stageSchema}"`,
      remedy: 'Keep stages apart from the ledger, so that sweeping the one never touches the other.',
    });
  return {
    kind: 'snowflake',
    name,
    account: shape.account,
    user: shape.user,
    login: loginOf(option('password'), shape, { file, rootDir }),
    database: shape.database,
    schema: shape.schema ?? snowflakeDefaults.schema,
    warehouse: shape.warehouse ?? snowflakeDefaults.warehouse,
    role: shape.role ?? snowflakeDefaults.role,
    ledgerSchema,
    stageSchema,
    maxPublishing: shape.maxPublishing ?? snowflakeDefaults.maxPublishing,
    maxStaging: shape.maxStaging ?? snowflakeDefaults.maxStaging,
    publishTimeoutMs: timeout('publishTimeout'),
    stageTimeoutMs: timeout('stageTimeout'),
    lockTimeoutMs: timeout('lockTimeout'),
    claimLeaseMs: timeout('claimLease'),
    endpoint: shape.endpoint ?? snowflakeDefaults.endpoint,
  };
}

const logins = { password: 'password', privateKey: 'key-pair', oauthToken: 'oauth', token: 'token' } as const;

/** Exactly one way to log in. */
function loginOf(option: string, shape: SnowflakeShape, { file, rootDir }: ConfigOrigin): SnowflakeLoginRef {
  const anchored = (ref: SecretRef): SecretRef => ('file' in ref ? { file: path.resolve(rootDir, ref.file) } : ref);
  const found = Object.keys(logins).filter((field) => shape[field as keyof typeof logins] !== undefined);
  const [field, another] = found as (keyof typeof logins)[];
  if (field === undefined || another !== undefined)
    throw refuseOption(file, {
      option,
      expected: `one of ${Object.keys(logins).join(', ')}`,
      got: found.length ? found.join(' and ') : 'none',
      remedy: "Name one way to log in, such as privateKey: secretFile('loader.pem').",
    });
  const secret = anchored(shape[field]!);
  const by = logins[field];
  return by === 'key-pair'
    ? { by, secret, passphrase: shape.passphrase ? anchored(shape.passphrase) : null }
    : { by, secret };
}

/** A Snowflake warehouse as its adapter takes it, with its secret read. @throws `SecretMissing` */
export function readSnowflakeSecrets({ name, login, ...warehouse }: ResolvedSnowflake): ResolvedSnowflakeConfig {
  const secret = resolveSecret(login.secret, `warehouses.${name}`);
  switch (login.by) {
    case 'password':
      return { ...warehouse, login: { by: 'password', password: secret } };
    case 'key-pair': {
      const passphrase = login.passphrase && resolveSecret(login.passphrase, `warehouses.${name}.passphrase`);
      return { ...warehouse, login: { by: 'key-pair', privateKey: secret, passphrase } };
    }
    case 'oauth':
    case 'token':
      return { ...warehouse, login: { by: login.by, token: secret } };
  }
}
