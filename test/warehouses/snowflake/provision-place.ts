import { randomBytes } from 'node:crypto';
import { openSnowflake } from '../../../activities/warehouses/snowflake';
import { SnowflakeClient } from '../../../activities/warehouses/snowflake/client';
import type { ResolvedSnowflakeConfig } from '../../../activities/warehouses/snowflake/config';
import { openSnowflakeProvisioner } from '../../../activities/warehouses/snowflake/provision';
import type { Provisioner, WantedProvision } from '../../../activities/warehouses/provision';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { ProvisionPlace } from '../sql/provision';
import { variable } from '../../services/services';
import { openSnowflakePlace, snowflakeAt } from '../support/snowflake-place';

/** A database of a test's own, with roles, a user and a virtual warehouse that no other test has. */
export interface SnowflakeProvisionPlace extends ProvisionPlace {
  readonly role: Readonly<Record<'loader' | 'reader' | 'owner' | 'admin' | 'stranger', string>>;
  readonly database: string;
  /** Plans and applies as another role of the administrator's user. */
  as(role: string): Provisioner;
  /** The warehouse of somebody who owns the ledger, and may use what computes. */
  owner(): Promise<Warehouse>;
  /** Runs a statement as the role of a user; resolves to `done`, or to what it fails with. */
  tries(role: string, sql: string): Promise<string>;
}

export async function openSnowflakeProvisionPlace(name: string): Promise<SnowflakeProvisionPlace> {
  const place = await openSnowflakePlace(name);
  const { PLACE_DATABASE: database = '' } = place.env;
  const end = randomBytes(4).toString('hex').toUpperCase();
  const named = (what: string): string => `${what}_${end}`;
  const role = { loader: named('LOADER'), reader: named('READER'), owner: named('OWNER'), admin: named('ADMIN'), stranger: named('STRANGER') }; // prettier-ignore
  const user = named('WORKER');
  const config: ResolvedSnowflakeConfig = {
    ...snowflakeAt(variable('snowflakeUrl'), database),
    warehouse: named('WH'),
  };
  const workers = { user, role: role.loader, warehouse: config.warehouse };
  for (const sql of [`CREATE USER ${user}`, `CREATE WAREHOUSE ${config.warehouse!}`]) await place.run(sql);
  const opened: { close(): Promise<void> }[] = [];
  const as = (admin: string | null, login = 'ADMIN'): Provisioner => {
    const one = openSnowflakeProvisioner('main', { ...config, user: login, role: admin }, workers);
    opened.push(one);
    return one;
  };
  const admin = as(null);
  const wanted: WantedProvision = {
    roles: { loader: role.loader, reader: role.reader, sweeper: null, owner: role.owner },
    login: false,
    canary: false,
    makeTables: true,
    tables: [],
  };
  const clients = new Map<string, SnowflakeClient>();
  return {
    ...place,
    wanted,
    role,
    database,
    plan: (what) => admin.plan(what),
    apply: (what, prune = false) => admin.apply(what, { prune }),
    as: (one) => as(one, user),
    warehouse(tune = {}) {
      const warehouse = openSnowflake('main', { ...config, ...tune, user, role: role.loader });
      opened.push(warehouse);
      return warehouse;
    },
    async owner() {
      await place.run(`GRANT ROLE ${role.owner} TO USER ${user}`);
      await place.run(`GRANT USAGE ON DATABASE ${database} TO ROLE ${role.owner}`);
      await place.run(`GRANT USAGE ON WAREHOUSE ${config.warehouse!} TO ROLE ${role.owner}`);
      const warehouse = openSnowflake('main', { ...config, user, role: role.owner });
      opened.push(warehouse);
      return warehouse;
    },
    async takeAway() {
      await place.run(`REVOKE INSERT ON TABLE ${place.ledger('ledger')} FROM ROLE ${role.loader}`);
      return `GRANT INSERT ON TABLE ${place.ledger('ledger')} TO ROLE "${role.loader}"`;
    },
    async giveTooMuch() {
      await place.run(`GRANT UPDATE, DELETE ON TABLE ${place.ledger('ledger')} TO ROLE ${role.loader}`);
      await place.run(`GRANT SELECT ON TABLE ${place.ledger('quarantine')} TO ROLE ${role.reader}`);
      await place.run(`GRANT SELECT ON TABLE ${place.ledger('quarantine')} TO ROLE PUBLIC`);
      return [role.loader, role.reader, 'PUBLIC'];
    },
    async tries(who, sql) {
      if (!clients.has(who)) {
        await place.run(`GRANT ROLE ${who} TO USER ${user}`);
        clients.set(who, new SnowflakeClient({ ...config, user, role: who }));
      }
      return clients
        .get(who)!
        .session((s) => s.run('test', sql))
        .then(
          () => 'done',
          (error: { type: string }) => error.type,
        );
    },
    async close() {
      await Promise.allSettled([...opened, ...clients.values()].map((one) => one.close()));
      await place.close();
    },
  };
}
