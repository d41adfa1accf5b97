import type { HealthFinding } from '../warehouse';
import type { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { ledgerReady, prepareLedger } from './ledger-schema';

interface Facts extends Record<string, unknown> {
  readonly version: string;
  readonly number: number;
  readonly role: string;
  readonly database: string;
  readonly may_create: boolean;
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
              has_database_privilege(current_database(), 'CREATE') AS may_create`,
    ),
  );
  if (!facts) return [];
  const ready = await ledgerReady(client, config);
  const schemas = `${config.ledgerSchema} and ${config.stageSchema}`;
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
    {
      check: 'ledger',
      ok: ready,
      found: ready ? `in schema ${config.ledgerSchema}` : 'not made yet',
      // The first load makes it by itself, where it may.
      ...(!ready && {
        optional: facts.may_create,
        remedy: facts.may_create
          ? 'Run `loadline doctor --fix`, or let the first load make it.'
          : `As an owner: CREATE SCHEMA … AUTHORIZATION ${facts.role} for ${schemas}, or GRANT CREATE ON DATABASE ${facts.database}.`,
        ...(facts.may_create && { fix: () => prepareLedger(client, config) }),
      }),
    },
  ];
}
