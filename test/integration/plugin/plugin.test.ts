import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type BundleOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import { Client as PgClient } from 'pg';
import { defineConfig, env, localFiles, postgres, type LoadReceipt, type LoadRequest } from '../../../workflows/root';
import { loadline } from '../../../workers';
import { createDatabase, services } from '../../services/services';
import { activities } from './support/user-activities';
import { until } from '../../crash/support/until';

const workflowsPath = require.resolve('./support/user-workflows');
/** What the user tells their bundler, which Loadline must leave in place. */
const bundling = {
  ignoreModules: ['os'],
  webpackConfigHook: (config: Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]) => ({
    ...config,
    resolve: {
      ...config.resolve,
      alias: { ...config.resolve?.alias, 'only-in-the-bundle': require.resolve('./support/word') },
    },
  }),
};
const config = defineConfig({
  warehouses: { main: postgres({ url: env('LOADLINE_PLUGIN_DATABASE') }) },
  stores: { raw: localFiles({ root: './raw' }) },
  contracts: [
    {
      name: 'orders',
      table: 'main/public.orders',
      columns: { id: { type: 'text' } },
      key: ['id'],
      create: 'if-missing',
    },
  ],
  worker: { buildId: 'test' },
});

let folder: string;
let client: Client;
let native: NativeConnection;
let db: PgClient;
const file = (): string => join(folder, 'loadline.config.ts');
const plugin = () => loadline(config, { file: file() });

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  folder = await mkdtemp(join(tmpdir(), 'loadline-plugin-'));
  await mkdir(join(folder, 'raw'));
  const { temporalAddress: address } = services();
  const url = (process.env['LOADLINE_PLUGIN_DATABASE'] = await createDatabase('plugin'));
  db = new PgClient({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();
  native = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  await Promise.all([native.close(), client.connection.close(), db.end()]);
  await rm(folder, { recursive: true, force: true });
});

type Run = (workflow: string, ...args: unknown[]) => Promise<unknown>;

/** Runs workflows on a worker until they are done, and the worker with them. */
async function onWorker(
  options: Partial<WorkerOptions>,
  body: (run: Run, taskQueue: string) => Promise<void>,
): Promise<void> {
  const taskQueue = `plugin-${randomUUID()}`;
  const worker = await Worker.create({ connection: native, taskQueue, ...options });
  const run: Run = (workflow, ...args) =>
    client.workflow.execute(workflow, { taskQueue, workflowId: `${taskQueue}-${randomUUID()}`, args });
  await worker.runUntil(body(run, taskQueue));
}

/** A request that loads one row that no other load has. */
async function request(): Promise<LoadRequest> {
  const id = randomUUID();
  await writeFile(join(folder, 'raw', `${id}.csv`), `id\n${id}\n`);
  return {
    pipeline: 'plugin',
    into: 'orders',
    mode: 'merge',
    from: { kind: 'files', store: 'raw', glob: `${id}.csv` },
  };
}

const loaded = { outcome: 'loaded', buildId: 'test', tables: [{ read: 1, inserted: 1 }] };

test('a worker keeps its own workflows, activities and bundler options, and loads besides', async () => {
  await onWorker({ workflowsPath, activities, bundlerOptions: bundling, plugins: [plugin()] }, async (run) => {
    expect(await run('greeting', 'you')).toBe('hello you and the word');
    expect(await run('daily', await request())).toMatchObject(loaded);
    expect(await run('loadTable', await request())).toMatchObject(loaded);
  });
});

test('a worker without workflows of its own has the ready ones', async () => {
  await onWorker({ plugins: [plugin()] }, async (run) => {
    expect(await run('loadTable', await request())).toMatchObject(loaded);
  });
});

test('given to the connection and twice to the worker it works once, and ends with the worker', async () => {
  const one = plugin();
  const connection = await NativeConnection.connect({ address: services().temporalAddress, plugins: [one] });
  try {
    await onWorker(
      { connection, workflowsPath, activities, bundlerOptions: bundling, plugins: [one, plugin()] },
      async (run) => {
        expect(await run('greeting', 'you')).toBe('hello you and the word');
        expect(await run('loadTable', await request())).toMatchObject(loaded);
      },
    );
    // A backend ends a moment after its client has said goodbye.
    const others = 'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
    await until('no session is left', async () => (await db.query(others)).rows.length === 0);
  } finally {
    await connection.close();
  }
});

test('a prebuilt bundle has the ready workflows beside those of the user', async () => {
  const one = plugin();
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    ...bundling,
    plugins: [one],
    logger: new DefaultLogger('ERROR'),
  });
  await onWorker({ workflowBundle, activities, plugins: [one] }, async (run) => {
    expect(await run('greeting', 'you')).toBe('hello you and the word');
    expect(await run('loadTable', await request())).toMatchObject(loaded);
  });
});

test('one plugin serves one worker after another', async () => {
  const one = plugin();
  for (let n = 0; n < 2; n++) {
    await onWorker({ plugins: [one] }, async (run) => {
      expect(((await run('loadTable', await request())) as LoadReceipt).outcome).toBe('loaded');
    });
  }
});

test('the histories of the user and of Loadline replay with it', async () => {
  const options = { workflowsPath, bundlerOptions: bundling, plugins: [plugin()] };
  const ids: string[] = [];
  await onWorker({ ...options, activities }, async (_, taskQueue) => {
    for (const [workflow, args] of [
      ['daily', [await request()]],
      ['loadTable', [await request()]],
    ] as const) {
      const workflowId = `${taskQueue}-${workflow}`;
      await client.workflow.execute(workflow, { taskQueue, workflowId, args: [...args] });
      ids.push(workflowId);
    }
  });
  const histories = await Promise.all(
    ids.map(async (workflowId) => ({
      workflowId,
      history: await client.workflow.getHandle(workflowId).fetchHistory(),
    })),
  );
  const results = [];
  for await (const result of Worker.runReplayHistories(options, histories)) results.push(result.error);
  expect(results).toEqual([undefined, undefined]);
});

test('an activity of the user under a name of Loadline is refused', async () => {
  const clash = onWorker(
    { activities: { ...activities, 'loadline.stage': activities.greet }, plugins: [plugin()] },
    async () => undefined,
  );
  await expect(clash).rejects.toMatchObject({
    type: 'NameClash',
    message: expect.stringContaining('[loadline.stage]'),
  });
});

test('a configuration that cannot be used is refused when the worker is made', async () => {
  const bad = loadline({ ...config, stores: { raw: { kind: 'nothing' } } } as never, { file: file() });
  await expect(onWorker({ plugins: [bad] }, async () => undefined)).rejects.toMatchObject({ type: 'InvalidConfig' });
  delete process.env['LOADLINE_PLUGIN_MISSING'];
  const secretless = loadline(
    { ...config, warehouses: { main: postgres({ url: env('LOADLINE_PLUGIN_MISSING') }) } },
    { file: file() },
  );
  await expect(onWorker({ plugins: [secretless] }, async () => undefined)).rejects.toMatchObject({
    type: 'SecretMissing',
  });
});
