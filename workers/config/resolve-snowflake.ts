import { snowflakeDefaults, type ResolvedSnowflakeConfig } from '../../activities/warehouses/snowflake/config';
import type { SecretRef } from '../../workflows/config';
import { refuseOption } from './config-refusal';
import type { ConfigShape } from './config-schema';
import type { ConfigOrigin } from './resolve-warehouse';
import type { ResolvedSnowflake, ResolvedSnowflakeProvision, SnowflakeLoginRef } from './resolved-config';
import { anchored, resolveSecret } from './secret';
import { durationsOf, refuseOnePlace, rolesOf, usualDurations } from './warehouse-options';

type SnowflakeShape = Extract<ConfigShape['warehouses'][string], { kind: 'snowflake' }>;

/** Decides every option of a Snowflake warehouse. @throws `InvalidConfig` */
export function resolveSnowflake(
  name: string,
  shape: SnowflakeShape,
  { file, rootDir }: ConfigOrigin,
): ResolvedSnowflake {
  const place = { at: `warehouses.${name}`, file };
  const ledgerSchema = shape.ledgerSchema ?? snowflakeDefaults.ledgerSchema;
  const stageSchema = shape.stageSchema ?? snowflakeDefaults.stageSchema;
  refuseOnePlace('Schema', ledgerSchema, stageSchema, place);
  return {
    kind: 'snowflake',
    name,
    account: shape.account,
    user: shape.user,
    login: loginOf(`${place.at}.password`, shape, { file, rootDir }),
    database: shape.database,
    schema: shape.schema ?? snowflakeDefaults.schema,
    warehouse: shape.warehouse ?? snowflakeDefaults.warehouse,
    role: shape.role ?? snowflakeDefaults.role,
    ledgerSchema,
    stageSchema,
    maxPublishing: shape.maxPublishing ?? snowflakeDefaults.maxPublishing,
    maxStaging: shape.maxStaging ?? snowflakeDefaults.maxStaging,
    ...durationsOf(shape, snowflakeDefaults, usualDurations, place),
    endpoint: shape.endpoint ?? snowflakeDefaults.endpoint,
    provision: shape.provision ? resolveProvision(`${place.at}.provision`, shape.provision, { file, rootDir }) : null,
  };
}

function resolveProvision(
  option: string,
  { admin, roles }: NonNullable<SnowflakeShape['provision']>,
  origin: ConfigOrigin,
): ResolvedSnowflakeProvision {
  const { user, role = null, warehouse = null } = admin;
  const login = loginOf(`${option}.admin.password`, admin, origin);
  return { admin: { user, role, warehouse, login }, roles: rolesOf(roles, `${option}.roles`, origin.file) };
}

const logins = { password: 'password', privateKey: 'key-pair', oauthToken: 'oauth', token: 'token' } as const;

/** Exactly one way to log in. */
function loginOf(
  option: string,
  shape: Pick<SnowflakeShape, keyof typeof logins | 'passphrase'>,
  { file, rootDir }: ConfigOrigin,
): SnowflakeLoginRef {
  const found = Object.keys(logins).filter((field) => shape[field as keyof typeof logins] !== undefined);
  const [field, another] = found as (keyof typeof logins)[];
  if (field === undefined || another !== undefined)
    throw refuseOption(file, {
      option,
      expected: `one of ${Object.keys(logins).join(', ')}`,
      got: found.length ? found.join(' and ') : 'none',
      remedy: "Name one way to log in, such as privateKey: secretFile('loader.pem').",
    });
  const secret: SecretRef = anchored(shape[field]!, rootDir);
  const by = logins[field];
  return by === 'key-pair'
    ? { by, secret, passphrase: shape.passphrase ? anchored(shape.passphrase, rootDir) : null }
    : { by, secret };
}

/** A Snowflake warehouse as its adapter takes it, with its secret read. @throws `SecretMissing` */
export function readSnowflakeSecrets({
  name,
  login,
  provision: _later,
  ...warehouse
}: ResolvedSnowflake): ResolvedSnowflakeConfig {
  return { ...warehouse, login: readLogin(login, `warehouses.${name}`) };
}

/** The same warehouse as its administrator sees it. @throws `SecretMissing` */
export function readSnowflakeAdmin(
  { name, login: _workers, provision: _done, ...warehouse }: ResolvedSnowflake,
  { admin }: ResolvedSnowflakeProvision,
): ResolvedSnowflakeConfig {
  return { ...warehouse, ...admin, login: readLogin(admin.login, `warehouses.${name}.provision.admin`) };
}

function readLogin(login: SnowflakeLoginRef, option: string): ResolvedSnowflakeConfig['login'] {
  const secret = resolveSecret(login.secret, option);
  switch (login.by) {
    case 'password':
      return { by: 'password', password: secret };
    case 'key-pair': {
      const passphrase = login.passphrase && resolveSecret(login.passphrase, `${option}.passphrase`);
      return { by: 'key-pair', privateKey: secret, passphrase };
    }
    case 'oauth':
    case 'token':
      return { by: login.by, token: secret };
  }
}
