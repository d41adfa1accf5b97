import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { Client as PgClient } from 'pg';
import { createClient, type LoadlineClient } from '../../../client/create-client';
import type { HeldLoad, LoadReceipt, LoadRequest, LoadVerdict } from '../../../workflows/contract';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import { resolveConfig } from '../../../workers/config';
import { createDatabase, services } from '../../services/services';
import { builtBundle } from './built';
import { contentOfTable, expectedContent, writeDay, type Content } from './oracle';
import { contracts, tableOf, type CrashMode } from './tables';
import { startWorker, type Failpoint, type WorkerProcess } from './worker-process';
import { until } from './until';

/** Short times, so that a test need not wait long for a crash to be noticed. */
const quick = { claimLease: '10s', frozenTimeout: '15s', lockTimeout: '20s', publishTimeout: '2m', stageTimeout: '2m' };

export interface ScenarioOptions {
  readonly temporalAddress?: string;
  readonly databaseUrl?: string;
  readonly warehouse?: Partial<typeof quick>;
}

/** A load of one day's file. */
export interface CrashLoad {
  readonly mode: CrashMode;
  readonly file: string;
  readonly request: LoadRequest;
  readonly workflowId: string;
}

/** A load that was started. */
export interface StartedLoad extends CrashLoad {
  readonly handle: WorkflowHandle;
  result(): Promise<LoadReceipt>;
  /** Names of the activities that the run has scheduled, without their prefix. */
  steps(): Promise<string[]>;
}

/** How a worker process is started. */
export interface WorkerOptions {
  readonly failpoints?: readonly Failpoint[];
  readonly activities?: number;
  /** @default as of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

/** A database, a store and worker processes of one test. */
export interface Scenario {
  readonly temporal: Client;
  readonly warehouse: Warehouse;
  rows<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Decides about a load once it is held. Needs a worker. */
  decide(load: StartedLoad, verdict: LoadVerdict): Promise<void>;
  /** Writes a day's file, once. */
  day(mode: CrashMode, rows?: number): Promise<CrashLoad>;
  /** A day of `append` whose contract is broken by some of its rows, so that it is held. */
  judgedDay(): Promise<CrashLoad>;
  start(load: CrashLoad, workflowId?: string): Promise<StartedLoad>;
  worker(options?: WorkerOptions): Promise<WorkerProcess>;
  /**
   * What must hold whatever crashed: each table is what its files make it, each load key has one row in the ledger, the
   * sweeper leaves no stage, no session waits in a transaction.
   */
  expectExactlyOnce(loads: readonly CrashLoad[]): Promise<void>;
  stop(): Promise<void>;
}

export async function openScenario(name: string, options: ScenarioOptions = {}): Promise<Scenario> {
  const databaseUrl = options.databaseUrl ?? (await createDatabase(name));
  const address = options.temporalAddress ?? services().temporalAddress;
  const [bundle, folder] = await Promise.all([builtBundle(), mkdtemp(join(tmpdir(), 'loadline-crash-'))]);
  await mkdir(join(folder, 'raw'));
  const taskQueue = `${name.replace(/\W+/g, '-').slice(0, 40)}-${randomUUID().slice(0, 8)}`;
  const variable = `LOADLINE_CRASH_${randomUUID().replaceAll('-', '_')}`;
  process.env[variable] = databaseUrl;
  const config = {
    warehouses: { main: { kind: 'postgres', url: { env: variable }, ...quick, ...options.warehouse } },
    stores: { raw: { kind: 'local-files', root: 'raw' } },
    contracts,
    worker: { taskQueue, buildId: 'crash-test' },
    temporal: { address, namespace: 'default' },
    state: 'state',
  };
  const configFile = join(folder, 'loadline.config.ts');
  const client: LoadlineClient = await createClient(await resolveConfig(config, configFile, null));
  const workers: WorkerProcess[] = [];
  let days = 0;

  const rows: Scenario['rows'] = (sql, values) => query(databaseUrl, sql, values);
  const scenario: Scenario = {
    temporal: client.temporal,
    warehouse: client.warehouse('main'),
    rows,
    async day(mode, rowCount = 3_000) {
      const number = days++;
      const path = `${mode}-${number}.csv`;
      await writeDay(join(folder, 'raw', path), number, rowCount);
      const at = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
      const request = {
        pipeline: 'crash',
        into: tableOf[mode],
        mode,
        from: { kind: 'files', store: 'raw', glob: path },
        interval: { start: at(number), end: at(number + 1) },
      } as LoadRequest;
      return { mode, file: join(folder, 'raw', path), request, workflowId: `${taskQueue}-${number}` };
    },
    async judgedDay() {
      const load = await scenario.day('append');
      return { ...load, request: { ...load.request, into: 'judged' } };
    },
    async decide({ handle }, verdict) {
      await until('a held load', async () => {
        const held = await handle.query<HeldLoad[]>('heldLoads').catch(() => []);
        return held.some(({ given }) => !given);
      });
      await handle.executeUpdate('verdict', { args: [{ verdict, by: 'ann', reason: 'the test' }] });
    },
    async start(load, workflowId = load.workflowId) {
      const handle = await client.temporal.workflow.start('loadTable', {
        taskQueue,
        workflowId,
        args: [load.request],
        // A workflow task that a dead worker held is given to another.
        workflowTaskTimeout: '3s',
      });
      return {
        ...load,
        workflowId,
        handle,
        result: () => handle.result() as Promise<LoadReceipt>,
        steps: () => stepsOf(handle),
      };
    },
    async worker({ failpoints = [], activities = 40, env = process.env, node = [] } = {}) {
      const logFile = join(folder, `worker-${workers.length}-${randomUUID().slice(0, 4)}.log`);
      const task = { config, configFile, bundle, logFile, failpoints, activities };
      const worker = await startWorker(task, { ...env, [variable]: databaseUrl }, node);
      workers.push(worker);
      return worker;
    },
    expectExactlyOnce: (loads) => expectExactlyOnce({ rows, client, loads }),
    async stop() {
      await Promise.all(workers.map((w) => w.stop()));
      await client.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return scenario;
}

async function stepsOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const names = events?.map((e) =>
    e.activityTaskScheduledEventAttributes?.activityType?.name?.replace('loadline.', ''),
  );
  return names?.filter((name) => name !== undefined) ?? [];
}

async function query<R>(url: string, sql: string, values: readonly unknown[] = []): Promise<R[]> {
  const client = new PgClient({ connectionString: url, application_name: 'crash-test' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows as R[];
  } finally {
    await client.end();
  }
}

interface Check {
  readonly rows: Scenario['rows'];
  readonly client: LoadlineClient;
  readonly loads: readonly CrashLoad[];
}

async function expectExactlyOnce({ rows, client, loads }: Check): Promise<void> {
  await expectContent(rows, loads);
  const ledger = await rows<{ load_key: string; n: string }>(
    'SELECT load_key, count(*) AS n FROM _loadline.ledger GROUP BY 1',
  );
  expect(ledger.map((l) => Number(l.n))).toEqual(loads.map(() => 1));
  const claims = await rows<{ state: string }>(`SELECT DISTINCT state FROM _loadline.claims`);
  expect(claims).toEqual([{ state: 'applied' }]);
  await client.warehouse('main').sweep(async (workflowId, runId) => {
    const { status } = await client.temporal.workflow.getHandle(workflowId, runId).describe();
    return status.name !== 'RUNNING';
  });
  expect(
    await rows(
      `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '_loadline_stage' AND relkind = 'r'`,
    ),
  ).toEqual([]);
  expect(await rows('SELECT stage FROM _loadline.stages')).toEqual([]);
  // The server may need a moment to notice that a killed client is gone.
  await until('the end of every transaction', async () => (await openTransactions(rows)) === 0);
}

async function openTransactions(rows: Scenario['rows']): Promise<number> {
  const [found] = await rows<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
     AND backend_type = 'client backend'`,
  );
  return Number(found!.n);
}

async function expectContent(rows: Scenario['rows'], loads: readonly CrashLoad[]): Promise<void> {
  for (const mode of Object.keys(tableOf) as CrashMode[]) {
    const files = loads.filter((l) => l.mode === mode).map((l) => l.file);
    if (!files.length) continue;
    const [found] = await rows<{ rows: string; hash: string }>(contentOfTable(tableOf[mode]));
    const content: Content = { rows: Number(found!.rows), hash: found!.hash };
    expect({ mode, ...content }).toEqual({ mode, ...(await expectedContent(mode, files)) });
  }
}
