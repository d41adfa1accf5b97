import { loadFailure } from '../workflows/load-error';
import type { Client } from '@temporalio/client';

/** A worker asks for tasks at least once a minute; one that has been silent for longer is gone. */
const silentAfterMs = 130_000;
const workflowTasks = 1;
const versioned = 2;

/** Who asks a task queue for workflow tasks. */
export interface Polling {
  readonly workers: number;
  /** The build that new runs go to, as `orders / v2`; `null`: to workers that have no version. */
  readonly current: string | null;
  /** Whether new runs wait, because all who poll are versions and none of them is current. */
  readonly waits: boolean;
}

/** Looks at the pollers of a task queue, and at which of them get new runs. */
export async function polling(client: Client, taskQueue: string): Promise<Polling> {
  const { pollers, versioningInfo } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  const since = Date.now() - silentAfterMs;
  const alive = (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since);
  const version = versioningInfo?.currentDeploymentVersion;
  const unversioned = alive.some(({ deploymentOptions }) => deploymentOptions?.workerVersioningMode !== versioned);
  return {
    workers: alive.length,
    current: version ? `${version.deploymentName} / ${version.buildId}` : null,
    waits: alive.length > 0 && !version && !unversioned,
  };
}

/**
 * Makes sure that somebody would do the work, and gives a worker that has just been started a moment.
 *
 * @throws `NoWorker`
 */
export async function requireWorker(client: Client, taskQueue: string, patienceMs = 2000): Promise<void> {
  for (const until = Date.now() + patienceMs; ;) {
    const { workers, waits } = await polling(client, taskQueue);
    if (workers > 0 && !waits) return;
    if (Date.now() >= until) break;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  if ((await polling(client, taskQueue)).waits) throw noCurrentBuild(taskQueue);
  throw loadFailure('NoWorker', {
    object: `task queue ${taskQueue}, namespace ${client.options.namespace}`,
    expected: 'a worker that polls it',
    got: 'none',
    remedy:
      'Start `loadline worker` or `loadline dev`; or start the load now with --detach, and it waits for a worker.',
  });
}

/** Workers are there, and get nothing. */
function noCurrentBuild(taskQueue: string): Error {
  return loadFailure('NoWorker', {
    what: 'No build is current: runs would wait without a task.',
    object: `task queue ${taskQueue}`,
    expected: 'a current build of its Worker Deployment',
    got: 'workers of builds that new runs do not go to',
    remedy: 'Run `loadline deploy`.',
  });
}
