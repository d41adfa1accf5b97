import type { HealthFinding } from '../warehouse';
import type { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { foundVersion, ledgerVersion, prepareLedger } from './ledger-schema';

interface Facts extends Record<string, unknown> {
  readonly version: string;
  readonly number: number;
  readonly role: string;
  readonly database: string;
  readonly may_create: boolean;
  readonly may_alter: boolean;
  readonly read_only: boolean;
  readonly fsync: string;
}

/** See `Warehouse.health`: everything a load needs of this database. */
export async function postgresHealth(client: PostgresClient, config: ResolvedPostgresConfig): Promise<HealthFinding[]> {
  const [facts] = await client.session((s) =>
    s.rows<Facts>(
      'health:facts',
      `SELECT split_part(version(), ' ', 2) AS version, current_setting('server_version_num')::int AS number,
              current_user AS role, current_database() AS database, pg_is_in_recovery() AS read_only, current_setting('fsync') AS fsync,
              has_database_privilege(current_database(), 'CREATE') AS may_create,
              coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1), false) AS may_alter`,
      [config.ledgerSchema],
    ),
  );
  if (!facts) return [];
  const version = await foundVersion(client, config);
  return [
    {
      check: 'server version',
      ok: facts.number >= 130000,
      found: `PostgreSQL ${facts.version}`,
      ...(facts.number < 130000 && { remedy: 'Use PostgreSQL 13 or later.' }),
    },
    {
      check: 'accepts writes',
      ok: !facts.read_only,
      found: facts.read_only ? 'a standby' : 'a primary',
      ...(facts.read_only && { remedy: 'Point the URL at the primary.' }),
    },
    {
      check: 'survives a crash',
      ok: facts.fsync === 'on',
      found: `fsync ${facts.fsync}`,
      ...(facts.fsync !== 'on' && { remedy: 'Set fsync = on: without it a crash can lose committed loads.' }),
    },
    ledgerFinding(client, config, version, facts),
  ];
}

/** The first load makes the ledger by itself, or brings it up to date, where it may. */
function ledgerFinding(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  version: number,
  { role, database, may_create, may_alter }: Facts,
): HealthFinding {
  const check = 'ledger';
  const { ledgerSchema, stageSchema } = config;
  if (version === ledgerVersion) return { check, ok: true, found: `in schema ${ledgerSchema}` };
  const may = version === 0 ? may_create : may_alter;
  const asOwner =
    version === 0
      ? `CREATE SCHEMA … AUTHORIZATION ${role} for ${ledgerSchema} and ${stageSchema}, or GRANT CREATE ON DATABASE ${database}.`
      : `GRANT CREATE ON SCHEMA ${ledgerSchema} TO ${role}.`;
  return {
    check,
    ok: false,
    found: version === 0 ? 'not made yet' : `of version ${version}; this release needs ${ledgerVersion}`,
    optional: may,
    remedy: may ? 'Run `loadline doctor --fix`, or let the first load do it.' : `As an owner: ${asOwner}`,
    ...(may && { fix: () => prepareLedger(client, config) }),
  };
}
