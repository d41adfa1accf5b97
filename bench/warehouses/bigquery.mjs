// BigQuery's stand-in.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { createGzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { columns } from '../day-sql.mjs';
import { fingerprintOf, fingerprintSql, jiti, mergeSql, steps } from './standins.mjs';

const require = createRequire(import.meta.url);
const { bigQueryBackend } = require('../../dist/activities/warehouses/bigquery/index.js');
const { BigQueryClient } = require('../../dist/activities/warehouses/bigquery/client.js');
const { bigQueryDefaults } = require('../../dist/activities/warehouses/bigquery/config.js');
const { raw, sql } = require('../../dist/activities/warehouses/sql/port.js');

const project = 'test-project';
const dataset = 'bench';
const types = {
  uuid: 'STRING', timestamptz: 'TIMESTAMP', integer: 'INT64', 'numeric(12,2)': 'NUMERIC(12,2)', text: 'STRING', jsonb: 'JSON', boolean: 'BOOL',
}; // prettier-ignore
const quote = (name) => `\`${name}\``;
const table = (name) => `\`${project}\`.\`${dataset}\`.\`${name}\``;
const names = columns.map(([name]) => name);
const definitions = columns.map(([name, type]) => `${quote(name)} ${types[type]}`).join(', ');

/** Starts it with a dataset for the benchmark. */
export async function openPlace() {
  const { startBigQueryStandin } = await jiti.import('../../test/services/bigquery/start.ts');
  const standin = await startBigQueryStandin();
  process.env.BENCH_BIGQUERY_ENDPOINT = standin.endpoint;
  const config = {
    ...bigQueryDefaults,
    kind: 'bigquery',
    project,
    jobProject: project,
    credentials: { kind: 'none' },
    apiEndpoint: standin.endpoint,
    storageEndpoint: standin.endpoint,
  };
  const client = new BigQueryClient(config);
  await client.makeDataset(dataset);
  const backend = bigQueryBackend(config);
  const run = (text) => backend.run('bench', sql`${raw(text)}`);
  return {
    floor: (path) => floor(client, run, path),
    drop: (name) => run(`DROP TABLE IF EXISTS ${table(name)}`),
    fingerprint: async (name) =>
      fingerprintOf((await backend.rows('bench', sql`${raw(fingerprintSql(table(name), quote, 'STRING'))}`))[0]),
    close: () => standin.stop(),
  };
}

function floor(client, run, path) {
  return steps({
    make: async () => {
      for (const name of ['floor_stage', 'floor_target'])
        await run(`CREATE OR REPLACE TABLE ${table(name)} (${definitions})`);
    },
    load: () => loadFile(client, path),
    merge: () => run(mergeSql(table('floor_target'), table('floor_stage'), names, quote)),
    drop: () => run(`DROP TABLE ${table('floor_stage')}`),
  });
}

/** One load job, to which the file is sent packed. */
async function loadFile(client, path) {
  const jobId = randomUUID();
  const load = {
    destinationTable: { projectId: project, datasetId: dataset, tableId: 'floor_stage' },
    createDisposition: 'CREATE_NEVER',
    writeDisposition: 'WRITE_TRUNCATE',
    sourceFormat: 'CSV',
    skipLeadingRows: '1',
    allowQuotedNewlines: true,
    schema: { fields: columns.map(([name, type]) => ({ name, type: types[type].replace(/\(.*/, '') })) },
  };
  const packed = pipeline(createReadStream(path), createGzip({ level: 1 }), () => {});
  await client.uploadJob(jobId, load, { labels: {} }, packed);
  for (;;) {
    const { status } = await client.getJob(jobId);
    if (status.errorResult) throw new Error(status.errorResult.message);
    if (status.state === 'DONE') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
