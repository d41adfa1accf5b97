import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { validateContract } from '../../../activities/contracts';
import { openPostgres } from '../../../activities/warehouses/postgres';
import { postgresDefaults } from '../../../activities/warehouses/postgres/config';
import { openPostgresProvisioner } from '../../../activities/warehouses/postgres/provision';
import type {
  AppliedProvision,
  Provisioner,
  ProvisionPlan,
  WantedProvision,
} from '../../../activities/warehouses/provision';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { TableContract } from '../../../workflows/table-contract';
import { createDatabase, services } from '../../services/services';

type Role = 'loader' | 'reader' | 'sweeper' | 'owner' | 'admin' | 'stranger';

/** A database to provision, roles of its own, and whoever connects to it. */
export interface Place {
  readonly url: string;
  readonly wanted: WantedProvision;
  /** The names of roles, which belong to the whole server. */
  readonly role: Readonly<Record<Role, string>>;
  /** As a superuser. */
  rows<R = Record<string, unknown>>(sql: string): Promise<R[]>;
  plan(wanted?: Partial<WantedProvision>, url?: string): Promise<ProvisionPlan>;
  apply(wanted?: Partial<WantedProvision>, prune?: boolean, url?: string): Promise<AppliedProvision>;
  /** The URL of a role, which may log in from now on. */
  urlOf(role: Role): Promise<string>;
  /** Runs a statement as a role; resolves to `done`, or to the SQLSTATE. */
  tries(role: Role, sql: string): Promise<string>;
  /** A warehouse of whoever has this URL. */
  warehouse(url: string): Warehouse;
  close(): Promise<void>;
}

const password = 'hunter2-hunter2';

export async function openPlace(name: string, tables: readonly TableContract[] = []): Promise<Place> {
  const url = await createDatabase(name);
  const end = randomBytes(4).toString('hex');
  const named = (role: Role): string => `${role}_${end}`;
  const role = { loader: named('loader'), reader: named('reader'), sweeper: named('sweeper'), owner: named('owner'), admin: named('admin'), stranger: named('stranger') }; // prettier-ignore
  const wanted: WantedProvision = {
    roles: { loader: role.loader, reader: role.reader, sweeper: role.sweeper, owner: null },
    login: false,
    canary: false,
    makeTables: true,
    tables: tables.map((contract) => ({ contract, appends: !contract.key?.length })),
  };
  const db = await connect(url);
  const clients = new Map<Role, Promise<Client>>();
  const closers: { close(): Promise<void> }[] = [];
  const provisioner = (of: string): Provisioner => {
    const opened = openPostgresProvisioner('main', { kind: 'postgres', ...postgresDefaults, url: of });
    closers.push(opened);
    return opened;
  };
  const place: Place = {
    url,
    wanted,
    role,
    rows: async <R>(sql: string) => (await db.query(sql)).rows as R[],
    plan: (more = {}, of = url) => provisioner(of).plan({ ...wanted, ...more }),
    apply: (more = {}, prune = false, of = url) => provisioner(of).apply({ ...wanted, ...more }, { prune }),
    async urlOf(who) {
      await db.query(`ALTER ROLE ${role[who]} LOGIN PASSWORD '${password}'`);
      const changed = new URL(url);
      [changed.username, changed.password] = [role[who], password];
      return changed.href;
    },
    async tries(who, sql) {
      if (!clients.has(who)) clients.set(who, place.urlOf(who).then(connect));
      const client = await clients.get(who)!;
      return client.query(sql).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    },
    warehouse(of) {
      const opened = openPostgres('main', { kind: 'postgres', ...postgresDefaults, url: of });
      closers.push(opened);
      return opened;
    },
    async close() {
      const open = await Promise.all(clients.values());
      await Promise.allSettled([...closers.map((one) => one.close()), ...open.map((one) => one.end()), db.end()]);
      // With the database goes what the roles have there.
      const server = await connect(services().databaseUrl);
      await server.query(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
      for (const name of Object.values(role)) await server.query(`DROP ROLE IF EXISTS ${name}`);
      await server.end();
    },
  };
  return place;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export const contractOf = (name: string, more: object): TableContract =>
  validateContract({ name, table: `main/public.${name}`, ...more }, 'the test');

/** Changed objects with their statements. */
export const changes = ({ steps }: Pick<ProvisionPlan, 'steps'>): string[] =>
  steps.flatMap(({ sql, prunes }) => sql.map((one) => (prunes ? `prune: ${one}` : one)));
