// Snowflake's stand-in.
import { createRequire } from 'node:module';
import { columns } from '../day-sql.mjs';
import { fingerprintOf, fingerprintSql, jiti, mergeSql, steps } from './standins.mjs';

const require = createRequire(import.meta.url);
const { SnowflakeClient } = require('../../dist/activities/warehouses/snowflake/client.js');
const { snowflakeDefaults } = require('../../dist/activities/warehouses/snowflake/config.js');

const types = {
  uuid: 'VARCHAR(36)',
  'numeric(12,2)': 'NUMBER(12,2)',
  timestamptz: 'TIMESTAMP_TZ(6)',
  integer: 'NUMBER(38,0)',
  jsonb: 'VARIANT',
};
const database = 'BENCH';
const quote = (name) => `"${name}"`;
const table = (name) => `${database}.PUBLIC.${quote(name)}`;
const definitions = columns.map(([name, type]) => `${quote(name)} ${types[type] ?? type}`).join(', ');
const names = columns.map(([name]) => name);

/** Starts it with a database for the benchmark. */
export async function openPlace() {
  const { startSnowflake } = await jiti.import('../../test/services/snowflake/start.ts');
  const standin = await startSnowflake();
  process.env.BENCH_SNOWFLAKE_URL = standin.url;
  process.env.BENCH_SNOWFLAKE_PASSWORD = 'anything';
  const client = new SnowflakeClient({
    ...snowflakeDefaults,
    account: 'standin',
    user: 'loader',
    login: { by: 'password', password: 'anything' },
    database,
    endpoint: standin.url,
  });
  const run = (sql) => client.session((session) => session.run('bench', sql));
  for (const sql of [`CREATE DATABASE IF NOT EXISTS ${database}`, `CREATE SCHEMA IF NOT EXISTS ${database}.PUBLIC`])
    await run(sql);
  return {
    floor: (path) => client.session((session) => floor((sql) => session.run('bench', sql), path)),
    drop: (name) => run(`DROP TABLE IF EXISTS ${table(name)}`),
    fingerprint: async (name) => fingerprintOf((await run(fingerprintSql(table(name), quote, 'VARCHAR')))[0]),
    async close() {
      await client.close();
      await standin.stop();
    },
  };
}

function floor(run, path) {
  const stage = table('floor_stage');
  const values = columns.map(([, type], i) => (type === 'jsonb' ? `PARSE_JSON($${i + 1})` : `$${i + 1}`));
  const format = `TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '"' EMPTY_FIELD_AS_NULL = TRUE NULL_IF = () COMPRESSION = GZIP`;
  return steps({
    make: async () => {
      for (const name of ['floor_stage', 'floor_target'])
        await run(`CREATE OR REPLACE TABLE ${table(name)} (${definitions})`);
      await run(`CREATE STAGE IF NOT EXISTS ${database}.PUBLIC.FLOOR`);
    },
    put: () => run(`PUT 'file://${path}' @${database}.PUBLIC.FLOOR AUTO_COMPRESS = TRUE OVERWRITE = TRUE`),
    copy: () =>
      run(
        `COPY INTO ${stage} (${names.map(quote).join(', ')}) FROM (SELECT ${values.join(', ')} FROM @${database}.PUBLIC.FLOOR) FILE_FORMAT = (${format}) ON_ERROR = ABORT_STATEMENT`,
      ),
    merge: async () => {
      await run('BEGIN');
      await run(mergeSql(table('floor_target'), stage, names, quote));
      await run('COMMIT');
    },
    drop: () => run(`DROP TABLE ${stage}`),
  });
}
