import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { start, type Program } from '../../../integration/cli/support/program';
import { createDatabase, services } from '../../../services/services';
import { keepStarting, type Started } from '../../support/keep-starting';
import { sampleRepository, type Repository } from './repository';
import { succeed } from './run';
import { surroundings } from './surroundings';

const cli = join(__dirname, '../../../../dist/cli/main.js');

/** A repository whose pipeline runs on real servers: workers of its builds, and the histories of a load of the first one. */
export interface Release {
  readonly repository: Repository;
  readonly temporalAddress: string;
  /** Commits what was changed and starts a worker of that build. Resolves to the commit, which is the build's id. */
  build(): Promise<string>;
  /** The routing as the server tells it: `current`, or `current/ramping@percent`. */
  routing(): Promise<string>;
  /** Starts loads as a schedule would, until told to end. */
  loads(): Started;
  close(): Promise<void>;
}

/** Makes the repository. Its first build is current, as the first deploy left it. */
export async function openRelease(name: string): Promise<Release> {
  const repository = await sampleRepository();
  const { temporalAddress } = services();
  const taskQueue = `${name}-${process.pid}`;
  const env = surroundings({ DATABASE_URL: await createDatabase(name), TEMPORAL_ADDRESS: temporalAddress });
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const workers: Program[] = [];
  prepare(repository, taskQueue);
  const command = (...args: string[]): Promise<string> =>
    succeed(process.execPath, [cli, ...args], { cwd: repository.folder, env });
  const release: Release = {
    repository,
    temporalAddress,
    async build() {
      const commit = await repository.commit();
      const worker = start(repository.folder, { ...env, LOADLINE_BUILD_ID: commit }, ['worker']);
      workers.push(worker);
      await worker.until('polling');
      return commit;
    },
    async routing() {
      const { workerDeploymentInfo: info } = await client.workflowService.describeWorkerDeployment({
        namespace: 'default',
        deploymentName: taskQueue,
      });
      const { currentDeploymentVersion, rampingDeploymentVersion, rampingVersionPercentage } =
        info?.routingConfig ?? {};
      const current = currentDeploymentVersion?.buildId ?? 'none';
      const ramping = rampingDeploymentVersion?.buildId;
      return ramping ? `${current}/${ramping}@${rampingVersionPercentage ?? 0}` : current;
    },
    loads: () =>
      keepStarting(client, async (n) => {
        const workflowId = `${taskQueue}-${Date.now()}-${n}`;
        await client.workflow.start('loadOrders', { taskQueue, workflowId });
        return workflowId;
      }),
    async close() {
      for (const { child } of workers) child.kill('SIGTERM');
      await Promise.allSettled(workers.map(({ ended }) => ended));
      await connection.close();
    },
  };
  try {
    const first = await release.build();
    await command('deploy', '--build-id', first);
    await command('run', 'loadOrders');
    await command('history', 'record', '--query', `TaskQueue='${taskQueue}' AND WorkflowType='loadOrders'`);
  } catch (error) {
    await release.close();
    throw error;
  }
  return release;
}

/** The fixture of a canary is a workflow of its own, so that a build can have it broken while all histories replay. */
function prepare(repository: Repository, taskQueue: string): void {
  const versioned = `taskQueue: '${taskQueue}', deployment: '${taskQueue}',`;
  repository.replace(
    'loadline.config.ts',
    'worker: {',
    `deploy: { canary: { workflow: 'tryOrders' } },\n  worker: { ${versioned}`,
  );
  const workflows = repository.read('workflows/orders.ts');
  repository.write('workflows/orders.ts', `${workflows}\nexport const tryOrders = loadOrders;\n`);
}
