import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Client as PgClient } from 'pg';
import { createDatabase, services } from '../../../services/services';
import { createWorker } from '../../../../workers';
import { bundleForReplay } from '../../../../workers/replay';
import { resolveConfig, type ResolvedConfig } from '../../../../workers/config';
import { deploy, deploymentStatus, rollback } from '../../../../client';
import type {
  DeployOptions,
  DeploymentStatus,
  DeployResult,
  RollbackOptions,
  RollbackResult,
} from '../../../../client';
import type { DeployConfig } from '../../../../workflows/config';

/** A worker of one build. */
export interface BuildWorker {
  stop(): Promise<void>;
}

/** A deployment of its own, with workers of several builds in this process. */
export interface Fleet {
  readonly deployment: string;
  readonly taskQueue: string;
  readonly client: Client;
  readonly folder: string;
  config(buildId: string, workflows?: string): Promise<ResolvedConfig>;
  /** Starts a worker of a build, with the workflows of a module of `builds/`. */
  worker(buildId: string, workflows?: string): Promise<BuildWorker>;
  /** Resolves once the server knows a build. */
  known(buildId: string): Promise<void>;
  stopWorkers(buildId: string): Promise<void>;
  start(workflow: string, args: readonly unknown[], workflowId?: string): Promise<WorkflowHandle>;
  deploy(buildId: string, options?: DeployOptions, workflows?: string): Promise<DeployResult>;
  rollback(options?: RollbackOptions): Promise<RollbackResult>;
  status(): Promise<DeploymentStatus>;
  /** What the server itself says: the routing, as `current/ramping@percent`. */
  routing(): Promise<string>;
  file(path: string, content: string): Promise<void>;
  rows<R = Record<string, unknown>>(sql: string): Promise<R[]>;
  stop(): Promise<void>;
}

/** What differs between the tests. */
export interface FleetOptions {
  readonly versioning?: 'pinned' | 'auto-upgrade';
  readonly canary?: DeployConfig['canary'];
}

const builds = join(__dirname, 'builds');
/** Workers in one process share where batches are kept. */
const stateDir = join(tmpdir(), `loadline-fleet-state-${randomUUID()}`);
const bundles = new Map<string, Promise<{ code: string }>>();

export async function openFleet(name: string, options: FleetOptions = {}): Promise<Fleet> {
  installRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'loadline-fleet-'));
  const url = await createDatabase(name);
  const variable = `LOADLINE_FLEET_${randomUUID().replaceAll('-', '_')}`;
  process.env[variable] = url;
  const { temporalAddress: address } = services();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const db = new PgClient({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();
  await mkdir(join(folder, 'raw'));
  const id = randomUUID().slice(0, 8);
  const deployment = `${name}-${id}`;
  const taskQueue = `${name}-${id}`;
  const workers: (BuildWorker & { readonly buildId: string })[] = [];
  const config: Fleet['config'] = (buildId, workflows = 'good') =>
    resolveConfig(
      {
        warehouses: { main: { kind: 'postgres', url: { env: variable } } },
        stores: { raw: { kind: 'local-files', root: 'raw' } },
        contracts: [
          {
            name: 'orders',
            table: 'main/public.orders',
            columns: { id: { type: 'text' }, amount: { type: 'integer' } },
            key: ['id'],
            create: 'if-missing',
          },
          {
            name: 'lines',
            table: 'main/public.lines',
            columns: { id: { type: 'text' }, amount: { type: 'integer' } },
            create: 'if-missing',
          },
        ],
        worker: {
          taskQueue,
          buildId,
          deployment,
          versioning: options.versioning ?? 'pinned',
          workflows: join(builds, `${workflows}.ts`),
        },
        temporal: { address },
        state: stateDir,
        ...(options.canary && { deploy: { canary: options.canary } }),
      },
      join(folder, 'loadline.config.ts'),
      null,
    );
  const fleet: Fleet = {
    deployment,
    taskQueue,
    client,
    folder,
    config,
    async worker(buildId, workflows = 'good') {
      const resolved = await config(buildId, workflows);
      const made = bundles.get(workflows) ?? bundleForReplay(resolved);
      bundles.set(workflows, made);
      const worker = { workflowBundle: await made, shutdownGraceTime: '200ms', shutdownForceTime: '5s' } as const;
      const created = await createWorker(resolved, { worker });
      const running = created.worker.run();
      let stopped: Promise<void> | undefined;
      const own: BuildWorker = {
        stop: () =>
          (stopped ??= (async () => {
            created.worker.shutdown();
            await running;
            await created.close();
          })()),
      };
      workers.push({ ...own, buildId });
      return own;
    },
    async known(buildId) {
      while (!(await fleet.status()).builds.some((build) => build.buildId === buildId))
        await new Promise((resolve) => setTimeout(resolve, 100));
    },
    stopWorkers: async (buildId) =>
      void (await Promise.all(workers.filter((w) => w.buildId === buildId).map((w) => w.stop()))),
    start: (workflow, args, workflowId = `${name}-${randomUUID()}`) =>
      client.workflow.start(workflow, { taskQueue, workflowId, args: [...args], workflowTaskTimeout: '10s' }),
    deploy: async (buildId, given = {}, workflows) => deploy({ ...quick, ...given }, await config(buildId, workflows)),
    rollback: async (given = {}) => rollback({ wait: '10s', ...given }, await config('none')),
    status: async () => deploymentStatus(await config('none')),
    async routing() {
      const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
        namespace: 'default',
        deploymentName: deployment,
      });
      const routing = workerDeploymentInfo?.routingConfig;
      const ramping = routing?.rampingDeploymentVersion?.buildId;
      const current = routing?.currentDeploymentVersion?.buildId ?? 'none';
      return ramping ? `${current}/${ramping}@${routing?.rampingVersionPercentage ?? 0}` : current;
    },
    async file(path, content) {
      await mkdir(dirname(join(folder, 'raw', path)), { recursive: true });
      await writeFile(join(folder, 'raw', path), content);
    },
    rows: async <R>(sql: string) => (await db.query(sql)).rows as R[],
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.allSettled([db.end(), connection.close()]);
      for (const left of [folder, stateDir]) await rm(left, { recursive: true, force: true });
    },
  };
  return fleet;
}

/** Times of tests, not of pipelines. */
const quick: DeployOptions = { ramp: [10, 50], observe: '1s', minRuns: 2, wait: '20s', canaryTimeout: '30s' };

function installRuntime(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
    });
  } catch {
    // Installed by another fleet of this file.
  }
}
