import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SnowflakeClient } from '../../../activities/warehouses/snowflake/client';
import type { LoadReceipt } from '../../../workflows/contract';
import { startBigQueryStandin } from '../../services/bigquery/start';
import { startSnowflake } from '../../services/snowflake/start';
import { snowflakeAt } from '../../warehouses/support/snowflake-place';
import { openProject, type CliProject } from './support/cli-project';

const repository = join(__dirname, '../../..');
const example = join(repository, 'examples/quickstart');

/** A warehouse of the example: its line in the configuration, and how many rows its table has. */
interface Chosen {
  readonly line: string;
  count(project: CliProject): Promise<number>;
}

const ends: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));

const warehouses: Readonly<Record<string, () => Promise<Chosen>>> = {
  PostgreSQL: async () => ({
    line: `warehouses: { main: postgres({ url: env('DATABASE_URL') }) },`,
    count: async ({ db }) => (await db.query<{ n: number }>('SELECT count(*)::int AS n FROM earthquakes')).rows[0]!.n,
  }),
  Snowflake: async () => {
    const { url, stop } = await startSnowflake();
    const client = new SnowflakeClient(snowflakeAt(url, 'RAW'));
    ends.push(async () => (await client.close(), stop()));
    const rows = (sql: string): Promise<Record<string, unknown>[]> => client.session((s) => s.run('test', sql));
    for (const sql of ['CREATE DATABASE IF NOT EXISTS RAW', 'CREATE SCHEMA IF NOT EXISTS RAW.PUBLIC']) await rows(sql);
    return {
      line: `warehouses: { main: snowflake({ account: 'a', user: 'u', password: env('SECRET'), database: 'RAW', endpoint: '${url}' }) },`,
      count: async () => Number((await rows('SELECT count(*) AS "n" FROM RAW.PUBLIC."earthquakes"'))[0]!['n']),
    };
  },
  BigQuery: async () => {
    const { endpoint, stop } = await startBigQueryStandin();
    ends.push(stop);
    const ask = async (path: string, body: unknown): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const url = `${endpoint}/bigquery/v2/projects/one-line/${path}`;
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    };
    await ask('datasets', { datasetReference: { projectId: 'one-line', datasetId: 'raw' } });
    return {
      line: `warehouses: { main: bigquery({ project: 'one-line', dataset: 'raw', credentials: 'none', apiEndpoint: '${endpoint}' }) },`,
      async count() {
        const found = await ask('queries', {
          query: 'SELECT COUNT(*) FROM `one-line`.raw.earthquakes',
          useLegacySql: false,
        });
        return Number((found as { rows: { f: { v: string }[] }[] }).rows[0]!.f[0]!.v);
      },
    };
  },
};

/** The project of the example, of which one line says where its tables are. */
async function exampleOn({ line }: Chosen, name: string): Promise<CliProject> {
  const project = await openProject(`one-line-${name.toLowerCase()}`);
  for (const own of ['contracts.yml', 'workflows.ts']) rmSync(join(project.folder, own));
  for (const part of ['activities', 'contracts', 'workflows'])
    cpSync(join(example, part), join(project.folder, part), { recursive: true });
  for (const used of ['@temporalio', 'vega-datasets'])
    symlinkSync(join(repository, 'node_modules', used), join(project.folder, 'node_modules', used));
  const config = readFileSync(join(example, 'loadline.config.ts'), 'utf8');
  expect(config).toMatch(/^ *warehouses: .*$/m);
  await project.file(
    'loadline.config.ts',
    config
      .replace(/^ *warehouses: .*$/m, line)
      .replace(
        '{ defineConfig, env, localFiles, postgres }',
        '{ bigquery, defineConfig, env, localFiles, postgres, snowflake }',
      )
      .replace(
        "'../../node_modules/vega-datasets/data'",
        JSON.stringify(join(repository, 'node_modules/vega-datasets/data')),
      )
      .replace('worker: {', `worker: { taskQueue: '${project.taskQueue}',`),
  );
  Object.assign(project.env, { SECRET: 'anything' });
  return project;
}

test.each(Object.keys(warehouses))(
  'the example loads into %s when one line of its configuration says so, once',
  async (name) => {
    const chosen = await warehouses[name]!();
    const project = await exampleOn(chosen, name);
    try {
      await project.worker();
      const first = await project.json<LoadReceipt>('run', 'earthquakes');
      expect(first).toMatchObject({
        outcome: 'loaded',
        pipeline: 'earthquakes',
        tables: [{ mode: 'merge', read: 1707, inserted: 1707 }],
      });
      expect(await chosen.count(project)).toBe(1707);
      const again = await project.json<LoadReceipt>('run', 'earthquakes');
      expect(again).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });
      expect(await chosen.count(project)).toBe(1707);
    } finally {
      await project.close();
    }
  },
);
