import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import { Client as PgClient } from 'pg';
import { createDatabase, services } from '../../services/services';
import { validateContract } from '../../../activities/contracts';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import type { StoreConfig } from '../../../workflows/config';
import type { TableContract } from '../../../workflows/table-contract';
import { resolveConfig, type ResolvedConfig } from '../../../workers/config';
import { openDeps } from '../../../workers/open-deps';
import { loadline } from '../../../workers/plugin';
import * as activities from './activities';
import { expectBalanced } from './receipts';
import { workflowBundle } from './workflow-bundle';

/** A database, a store, a worker and a client for one test file. */
export interface Lab {
  readonly url: string;
  readonly root: string;
  readonly stateDir: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly config: ResolvedConfig;
  /** Another hand on the same warehouse, as the CLI has. */
  readonly warehouse: Warehouse;
  /** Everything that workers have logged. */
  readonly logs: readonly LogEntry[];
  /** Makes a contract known to the worker. Table `main/public.<name>`, if none is named. */
  contract(contract: Omit<TableContract, 'table'> & { readonly table?: string }): string;
  /** Writes a source file that nobody has touched for an hour. Returns its path in the store. */
  file(path: string, content: string | Uint8Array): Promise<string>;
  /** Names a file that a test wrote by itself. */
  path(path: string): string;
  rows<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Loads and checks the receipt's invariant. */
  load(request: LoadRequest, options?: RunOptions): Promise<LoadReceipt>;
  /** Starts a workflow of `workflows.ts`. */
  start(workflow: string, args: readonly unknown[], options?: RunOptions): Promise<WorkflowHandle>;
  /** Runs a workflow to its end. */
  run<R>(workflow: string, args: readonly unknown[], options?: RunOptions): Promise<R>;
  /** Stages that are left once the sweeper has been: those of running loads. */
  leftStages(): Promise<string[]>;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly workflowId?: string;
}

export interface LabOptions {
  /** Further warehouses, by name and URL. */
  readonly warehouses?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  /** Changes of the warehouses' resolved options. */
  readonly tune?: {
    readonly claimLeaseMs?: number;
    readonly lockTimeoutMs?: number;
    readonly frozenTimeoutMs?: number;
    readonly workMem?: string;
  };
  /** An existing database to work on. */
  readonly url?: string;
  /** Further stores, or others than the folder `raw`. */
  readonly stores?: Readonly<Record<string, StoreConfig>>;
  readonly batchStore?: string;
}

const logs: LogEntry[] = [];

/** One runtime per process: it cannot be installed twice. */
function installRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('INFO', (entry) => void logs.push(entry)),
      telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
    });
  } catch {
    // Installed by another lab of this file.
  }
}

export async function openLab(name: string, options: LabOptions = {}): Promise<Lab> {
  installRuntime();
  const [bundle, url, folder] = await Promise.all([
    workflowBundle(),
    options.url ?? createDatabase(name),
    mkdtemp(join(tmpdir(), 'loadline-lab-')),
  ]);
  const root = join(folder, 'raw');
  await mkdir(root);
  const urls = { main: url, ...options.warehouses };
  const config = await configOf(folder, urls, options);
  const contracts = config.contracts as Map<string, TableContract>;
  const { temporalAddress: address } = services();
  const namespace = options.namespace ?? 'default';
  const [native, connection] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
  ]);
  const client = new Client({ connection, namespace });
  const taskQueue = `${name}-${randomUUID()}`;
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities },
    plugins: [loadline(config)],
    shutdownGraceTime: '1s',
    shutdownForceTime: '5s',
    maxHeartbeatThrottleInterval: '1s',
  });
  const running = worker.run();
  const deps = openDeps(config);
  const warehouse = deps.warehouses.get('main')!;
  const db = new PgClient({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();
  await db.query("SET timezone = 'UTC'");
  await warehouse.prepare();

  const start: Lab['start'] = (workflow, args, { workflowId = `${name}-${randomUUID()}` } = {}) =>
    client.workflow.start(workflow, { taskQueue, workflowId, args: [...args], workflowTaskTimeout: '10s' });
  const run: Lab['run'] = async <R>(workflow: string, args: readonly unknown[], o?: RunOptions) =>
    (await start(workflow, args, o)).result() as Promise<R>;
  const path = (p: string): string => join(root, p);
  return {
    url,
    root,
    stateDir: config.stateDir,
    client,
    taskQueue,
    config,
    warehouse,
    logs,
    path,
    contract({ table, ...rest }) {
      const contract = validateContract({ table: table ?? `main/public.${rest.name}`, ...rest }, 'the test');
      contracts.set(contract.name, contract);
      return contract.name;
    },
    async file(to, content) {
      await mkdir(dirname(path(to)), { recursive: true });
      await writeFile(path(to), content);
      return to;
    },
    rows: async <R>(sql: string, values: readonly unknown[] = []) => (await db.query(sql, [...values])).rows as R[],
    start,
    run,
    load: async (request, o) => expectBalanced(await run<LoadReceipt>('loadTable', [request], o)),
    async leftStages() {
      await warehouse.sweep(async (workflowId, runId) => {
        const { status } = await client.workflow.getHandle(workflowId, runId).describe();
        return status.name !== 'RUNNING';
      });
      const left = await db.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '_loadline_stage' AND relkind = 'r'
         UNION SELECT stage FROM _loadline.stages`,
      );
      return left.rows.map((r) => r.name);
    },
    async stop() {
      worker.shutdown();
      await running;
      await Promise.allSettled([db.end(), deps.close(), connection.close(), native.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configOf(
  folder: string,
  urls: Readonly<Record<string, string>>,
  { tune = {}, stores = {}, batchStore }: LabOptions,
): Promise<ResolvedConfig> {
  const warehouses: Record<string, unknown> = {};
  for (const [name, url] of Object.entries(urls)) {
    const variable = `LOADLINE_LAB_${randomUUID().replaceAll('-', '_')}`;
    process.env[variable] = url;
    warehouses[name] = { kind: 'postgres', url: { env: variable } };
  }
  const written = {
    warehouses,
    stores: { raw: { kind: 'local-files', root: 'raw' }, ...stores },
    ...(batchStore !== undefined && { batchStore }),
    contracts: [],
    worker: { buildId: 'test-build' },
    state: 'state',
  };
  const config = await resolveConfig(written, join(folder, 'loadline.config.ts'), null);
  const tuned = new Map([...config.warehouses].map(([name, w]) => [name, { ...w, ...tune }]));
  return { ...config, warehouses: tuned };
}

/** Lets a file look as if nobody had touched it since; only its ctime tells. */
export async function backdate(path: string, seconds = 3600): Promise<void> {
  const at = Date.now() / 1000 - seconds;
  await utimes(path, at, at);
}

/** Waits until a file is old enough to be known by its listing. */
export async function untilSettled(path: string): Promise<void> {
  const { ctimeMs } = await stat(path);
  await new Promise((done) => setTimeout(done, Math.max(0, ctimeMs + 1_050 - Date.now())));
}
