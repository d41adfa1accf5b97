/**
 * Records a history of every path of the protocol, against real servers, into
 * test/histories/<version>/protocol-<n>.<path>.json. Replay tests run the current workflow code against them for ever:
 * record new paths, protocols and versions, and never record again what is there (`--all` does so before the version's
 * release).
 *
 *     npx tsc -b && node scripts/record-histories.mjs [--all] [path …]
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = (path) => require(join(root, 'dist', path));
const { Client, Connection } = require('@temporalio/client');
const { historyToJSON } = require('@temporalio/common/lib/proto-utils');
const { NativeConnection, Runtime, Worker, DefaultLogger } = require('@temporalio/worker');
const { Client: PgClient } = require('pg');
const { startStack } = dist('workers/embedded/stack.js');
const { resolveConfig } = dist('workers/config/index.js');
const { loadline } = dist('workers/plugin.js');
const { emittedProtocol } = dist('activities/open-load.js');

const { version } = require(join(root, 'package.json'));
const histories = join(root, 'test', 'histories', version);
const isReleased = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version}`);
// Part of the targets' names and so of the histories: always the same.
const database = 'loadline_histories';
const contracts = [
  {
    name: 'orders',
    table: 'main/public.orders',
    columns: { id: { type: 'integer' }, name: { type: 'text' } },
    key: ['id'],
    create: 'if-missing',
  },
  {
    name: 'lines',
    table: 'main/public.lines',
    columns: { id: { type: 'integer' }, name: { type: 'text' } },
    create: 'if-missing',
  },
  judged('judged', '7 days'),
  judged('judged_briefly', '1s'),
];

/** A contract that the row 1,a breaks. */
function judged(name, patience) {
  return {
    name,
    table: `main/public.${name}`,
    columns: { id: { type: 'integer', range: { min: 2 } }, name: { type: 'text' } },
    key: ['id'],
    create: 'if-missing',
    hold: { for: patience },
  };
}
const interval = { start: '2026-01-01T00:00:00.000Z', end: '2026-01-02T00:00:00.000Z' };
const from = (glob) => ({ kind: 'files', store: 'raw', glob });

/** The paths, each by what it does to get there. */
const paths = {
  loaded: (lab) => lab.run('loadTable', orders('loaded')),
  'loaded-with-step-retries': async (lab) => {
    const held = await lab.holdLocks();
    const handle = await lab.start('loadTable', orders('retried'));
    await lab.waiting(1);
    await lab.endWaiting();
    await lab.waiting(1);
    await held.release();
    return lab.ended(handle);
  },
  'already-loaded': async (lab) => {
    await sleep(1_100);
    await lab.run('loadTable', orders('loaded'));
    return lab.run('loadTable', orders('loaded'));
  },
  'already-loaded-by-content': async (lab) => {
    await lab.run('loadTable', orders('by-content'));
    await lab.file('by-content.csv', 'id,name\n1,a\n');
    return lab.run('loadTable', orders('by-content'));
  },
  'already-loaded-by-files': async (lab) => {
    await lab.run('loadTable', lines('by-files'));
    await lab.file('by-files.csv', 'id,name\n1,a\n');
    return lab.run('loadTable', lines('by-files'));
  },
  failed: async (lab) => {
    await lab.file('failed.csv', 'id,name\nx,a\n');
    return lab.run('loadTable', orders('failed'));
  },
  refused: (lab) => lab.run('loadTable', { ...orders('refused'), mode: 'upsert' }),
  cancelled: async (lab) => {
    const held = await lab.holdLocks();
    const handle = await lab.start('loadTable', orders('cancelled'));
    await lab.waiting(1);
    await handle.cancel();
    const history = await lab.ended(handle);
    await held.release();
    return history;
  },
  'stage-lost': async (lab) => {
    const held = await lab.holdLocks();
    const handle = await lab.start('loadTable', orders('stage-lost'));
    await lab.waiting(1);
    const [{ stage }] = await lab.rows(`SELECT stage FROM _loadline.stages WHERE load_key LIKE '%stage-lost%'`);
    await lab.rows(`DELETE FROM ${stage}`);
    await held.release();
    return lab.ended(handle);
  },
  'source-overlap': async (lab) => {
    await lab.file('overlap-1.csv', 'id,name\n3,c\n');
    await lab.file('overlap-2.csv', 'id,name\n4,d\n');
    const held = await lab.holdLocks();
    const first = await lab.start('loadTable', { ...lines('overlap-1'), from: from('overlap-1.csv') });
    await lab.waiting(1);
    const second = await lab.start('loadTable', { ...lines('overlap-2'), from: from('overlap-*.csv') });
    await lab.waiting(2);
    await held.release();
    await lab.ended(first);
    return lab.ended(second);
  },
  'schema-moved': async (lab) => {
    const held = await lab.holdLocks();
    const handle = await lab.start('loadTable', orders('schema-moved'));
    await lab.waiting(1);
    await lab.rows('ALTER TABLE orders ADD COLUMN IF NOT EXISTS extra text');
    await held.release();
    return lab.ended(handle);
  },
  'batch-changed': async (lab) => {
    await lab.run('loadTable', orders('changed'));
    await lab.file('changed.csv', 'id,name\n1,b\n');
    return lab.run('loadTable', orders('changed'));
  },
  'load-set': async (lab) => {
    await lab.file('set.csv', 'id,name\n1,a\n');
    return lab.run('loadTables', [orders('set'), { ...lines('set'), interval }]);
  },
  'load-beside': (lab) => lab.run('loadInTurn', [orders('beside-1'), lines('beside-2')]),
  'held-and-released': (lab) => lab.decided('released', 'release'),
  'held-and-quarantined': (lab) => lab.decided('quarantined', 'quarantine'),
  'held-and-rejected': (lab) => lab.decided('rejected', 'reject'),
  'held-until-time-was-over': (lab) => lab.run('loadTable', { ...orders('late'), into: 'judged_briefly' }),
  'held-and-lost': async (lab) => {
    const handle = await lab.held('held-lost');
    const [{ stage }] = await lab.rows(`SELECT stage FROM _loadline.stages WHERE load_key LIKE '%held-lost%'`);
    await lab.rows(`DELETE FROM ${stage}`);
    await lab.decide(handle, 'release');
    return lab.ended(handle);
  },
  'held-and-cancelled': async (lab) => {
    const handle = await lab.held('held-cancelled');
    await handle.cancel();
    return lab.ended(handle);
  },
  'fan-out': (lab) => lab.run('fanOut', [orders('fan-1'), lines('fan-2')], [orders('fan-3'), lines('fan-4')]),
  // The run that ends by it, and the one that it starts.
  'continued-as-new': async (lab) => lab.first(await lab.start('loadOneByOne', [orders('turn-1'), orders('turn-2')])),
  continued: async (lab) => lab.ended(await lab.start('loadOneByOne', [orders('turn-1'), orders('turn-2')])),
  'search-attributes-absent': (lab) => lab.run('loadTable', orders('bare')),
};

const orders = (name) => ({
  pipeline: name,
  into: 'orders',
  mode: 'merge',
  from: from(`${name}.csv`),
  interval,
  outOfOrder: 'allow',
});
const lines = (name) => ({ pipeline: name, into: 'lines', mode: 'append', from: from(`${name}.csv`) });
const names = [
  'loaded',
  'retried',
  'by-content',
  'by-files',
  'cancelled',
  'stage-lost',
  'schema-moved',
  'changed',
  'beside-1',
  'beside-2',
  'bare',
  'released',
  'quarantined',
  'rejected',
  'late',
  'held-lost',
  'held-cancelled',
  'fan-1',
  'fan-2',
  'fan-3',
  'fan-4',
  'turn-1',
  'turn-2',
];

async function main(args) {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const unknown = wanted.filter((path) => !(path in paths));
  if (unknown.length)
    throw new Error(`No such path: ${unknown.join(', ')}. There are ${Object.keys(paths).join(', ')}.`);
  if (isReleased) throw new Error(`${version} is released, and its histories are promises: first raise the version.`);
  const file = (path) => join(histories, `protocol-${emittedProtocol}.${path}.json`);
  const todo = Object.keys(paths).filter((path) =>
    wanted.length ? wanted.includes(path) : args.includes('--all') || !existsSync(file(path)),
  );
  if (!todo.length) return console.log('Every path is recorded.');
  await mkdir(histories, { recursive: true });
  for (const path of todo) {
    const lab = await openLab({ searchAttributes: path !== 'search-attributes-absent' });
    try {
      const text = textOf(await paths[path](lab));
      await writeFile(file(path), text);
      console.log(`${file(path).slice(root.length + 1)}: ${text.split('\n').length - 3} events, ${text.length} bytes`);
    } finally {
      await lab.close();
    }
  }
}

let stack;
async function servers() {
  const temporalAddress = process.env.LOADLINE_TEST_TEMPORAL_ADDRESS;
  const databaseUrl = process.env.LOADLINE_TEST_DATABASE_URL;
  if (temporalAddress && databaseUrl) return { temporalAddress, databaseUrl };
  stack ??= await mkdtemp(join(tmpdir(), 'loadline-record-')).then((stateDir) =>
    startStack({ stateDir, onProgress: console.log, env: {} }),
  );
  return { temporalAddress: stack.temporal.address, databaseUrl: stack.postgres.url };
}

async function openLab({ searchAttributes }) {
  const { temporalAddress, databaseUrl } = await servers();
  await administer(databaseUrl, [`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`, `CREATE DATABASE ${database}`]);
  const url = Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;
  const folder = await mkdtemp(join(tmpdir(), 'loadline-record-'));
  await mkdir(join(folder, 'raw'));
  for (const name of names) await writeFile(join(folder, 'raw', `${name}.csv`), 'id,name\n1,a\n');
  process.env.LOADLINE_RECORD_URL = url;
  const config = await resolveConfig(
    {
      warehouses: { main: { kind: 'postgres', url: { env: 'LOADLINE_RECORD_URL' } } },
      stores: { raw: { kind: 'local-files', root: 'raw' } },
      contracts,
      worker: { buildId: 'recorded' },
      state: 'state',
    },
    join(folder, 'loadline.config.ts'),
    null,
  );
  const native = await NativeConnection.connect({ address: temporalAddress });
  const connection = await Connection.connect({ address: temporalAddress });
  const namespace = searchAttributes ? 'default' : await bareNamespace(connection);
  const client = new Client({ connection, namespace });
  const taskQueue = `record-${randomUUID()}`;
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    identity: 'recorder',
    workflowsPath: join(root, 'test', 'integration', 'support', 'workflows.ts'),
    plugins: [loadline(config)],
    maxHeartbeatThrottleInterval: '1s',
  });
  const running = worker.run();
  const db = new PgClient({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();
  const rows = async (sql) => (await db.query(sql)).rows;
  const lab = {
    rows,
    file: (name, content) => writeFile(join(folder, 'raw', name), content),
    start: (workflow, ...args) =>
      client.workflow.start(workflow, {
        taskQueue,
        workflowId: `${args[0].pipeline ?? workflow}-${randomUUID()}`,
        args,
      }),
    async ended(handle) {
      await handle.result().catch(() => undefined);
      return handle.fetchHistory();
    },
    run: async (workflow, ...args) => lab.ended(await lab.start(workflow, ...args)),
    /** The history of the first run of a chain. */
    async first(handle) {
      await handle.result();
      return client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).fetchHistory();
    },
    /** Starts a load whose contract fails, and waits until it is held. */
    async held(name) {
      const handle = await lab.start('loadTable', { ...orders(name), into: 'judged' });
      for (let tries = 0; tries < 500; tries++) {
        const loads = await handle.query('heldLoads').catch(() => []);
        if (loads.some(({ given }) => !given)) return handle;
        await sleep(20);
      }
      throw new Error('No load is held.');
    },
    decide: (handle, verdict) =>
      handle.executeUpdate('verdict', { args: [{ verdict, by: 'ann', reason: 'known fault' }] }),
    async decided(name, verdict) {
      const handle = await lab.held(name);
      await lab.decide(handle, verdict);
      return lab.ended(handle);
    },
    /** Holds the locks of all targets, so that every publish waits. */
    async holdLocks() {
      await lab.run('loadTable', orders('loaded'));
      await lab.run('loadTable', lines('beside-2'));
      const holder = new PgClient({ connectionString: url });
      // When a recording fails its database is dropped under it.
      holder.on('error', () => undefined);
      await holder.connect();
      await holder.query('BEGIN; SELECT 1 FROM _loadline.locks FOR UPDATE');
      return {
        async release() {
          await holder.query('COMMIT');
          await holder.end();
        },
      };
    },
    async waiting(sessions) {
      const sql = `SELECT pid FROM pg_stat_activity WHERE query LIKE '/* loadline:publish:lock%' AND wait_event_type = 'Lock' AND datname = current_database()`;
      for (let tries = 0; tries < 500; tries++) {
        const found = await rows(sql);
        if (found.length === sessions) return found.map((r) => r.pid);
        await sleep(20);
      }
      throw new Error('No publish came to the lock.');
    },
    async endWaiting() {
      const [pid] = await lab.waiting(1);
      await rows(`SELECT pg_terminate_backend(${pid})`);
    },
    async close() {
      worker.shutdown();
      await running;
      await Promise.allSettled([db.end(), native.close(), connection.close()]);
      await administer(databaseUrl, [`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return lab;
}

async function bareNamespace(connection) {
  const namespace = `record-${randomUUID().slice(0, 8)}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 },
  });
  for (let tries = 0; tries < 100; tries++) {
    if (
      await connection.workflowService.listWorkflowExecutions({ namespace }).then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  return namespace;
}

async function administer(url, statements) {
  const db = new PgClient({ connectionString: url });
  await db.connect();
  for (const statement of statements) await db.query(statement);
  await db.end();
}

// Not `sdkMetadata`: its flags say in which order the SDK of that time went on.
const noise = new Set([
  'identity',
  'stackTrace',
  'workerVersion',
  'binaryChecksum',
  'meteringMetadata',
  'taskId',
  'requestId',
  'historySizeBytes',
  'source',
]);

/** One event per line, without what replay does not look at and what tells of this machine. */
function textOf(history) {
  const { events } = JSON.parse(historyToJSON(history), (key, value) => (noise.has(key) ? undefined : value));
  return `{"events": [\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});
try {
  await main(process.argv.slice(2));
} finally {
  await stack?.stop();
}
