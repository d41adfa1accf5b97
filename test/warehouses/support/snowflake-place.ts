import { randomBytes } from 'node:crypto';
import { openSnowflake } from '../../../activities/warehouses/snowflake';
import { SnowflakeClient } from '../../../activities/warehouses/snowflake/client';
import { snowflakeDefaults, type ResolvedSnowflakeConfig } from '../../../activities/warehouses/snowflake/config';
import { ident } from '../../../activities/warehouses/snowflake/dialect';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import { variable } from '../../services/services';
import type { Place } from './place';

/** A database in the stand-in of Snowflake. */
export async function openSnowflakePlace(name: string): Promise<Place> {
  const database = `${name.toUpperCase().replace(/\W+/g, '_').slice(0, 40)}_${randomBytes(4).toString('hex').toUpperCase()}`;
  const config = snowflakeAt(variable('snowflakeUrl'), database);
  const client = new SnowflakeClient(config);
  const opened: Warehouse[] = [];
  const run = async (sql: string): Promise<Record<string, unknown>[]> => client.session((s) => s.run('test', sql));
  const ask = async (what: string): Promise<void> =>
    void (await fetch(`${config.endpoint}/standin/${what}database=${database}`, { method: 'POST' }));
  for (const sql of [`CREATE DATABASE IF NOT EXISTS ${database}`, `CREATE SCHEMA IF NOT EXISTS ${database}.PUBLIC`])
    await run(sql);
  return {
    schema: 'PUBLIC',
    relation: (table) => `${ident(database)}.PUBLIC.${ident(table)}`,
    ledger: (table) => [database, config.ledgerSchema, table].map(ident).join('.'),
    warehouse(tune = {}) {
      const warehouse = openSnowflake('main', { ...config, ...tune });
      opened.push(warehouse);
      return warehouse;
    },
    rows: async <R>(sql: string) => (await run(sql)) as R[],
    run: async (sql) => void (await run(sql)),
    lose: (match, when) => ask(`lose?match=${encodeURIComponent(match)}&when=${when}&`),
    async hold(match, when) {
      await ask(`hold?match=${encodeURIComponent(match)}&when=${when}&`);
      return {
        async reached() {
          for (;;) {
            const { held } = (await (await fetch(`${config.endpoint}/standin/health`)).json()) as { held: string[] };
            if (held.includes(match)) return;
            await new Promise((done) => setTimeout(done, 20));
          }
        },
      };
    },
    release: () => ask('release?'),
    env: { PLACE: 'snowflake', PLACE_URL: config.endpoint!, PLACE_DATABASE: database },
    async close() {
      await Promise.allSettled(opened.map((w) => w.close()));
      await run(`DROP DATABASE IF EXISTS ${database}`).catch(() => undefined);
      await client.close();
    },
  };
}

/** The configuration of a database in the stand-in at this URL. */
export const snowflakeAt = (endpoint: string, database: string): ResolvedSnowflakeConfig => ({
  ...snowflakeDefaults,
  kind: 'snowflake',
  account: 'standin',
  user: 'loader',
  login: { by: 'password', password: 'anything' },
  database,
  endpoint,
});
