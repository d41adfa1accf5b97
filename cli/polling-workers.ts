import { loadFailure } from '../workflows/load-error';
import type { Client } from '@temporalio/client';

/** A worker asks for tasks at least once a minute; one that has been silent for longer is gone. */
const silentAfterMs = 130_000;
const workflowTasks = 1;

/** How many workers poll the task queue for workflow tasks. */
export async function pollingWorkers(client: Client, taskQueue: string): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  const since = Date.now() - silentAfterMs;
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since).length;
}

/**
 * Makes sure that somebody would do the work, and gives a worker that has just been started a moment.
 *
 * @throws `NoWorker`
 */
export async function requireWorker(client: Client, taskQueue: string, patienceMs = 2000): Promise<void> {
  for (const until = Date.now() + patienceMs; ;) {
    if ((await pollingWorkers(client, taskQueue)) > 0) return;
    if (Date.now() >= until) break;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  throw loadFailure('NoWorker', {
    object: `task queue ${taskQueue}, namespace ${client.options.namespace}`,
    expected: 'a worker that polls it',
    got: 'none',
    remedy:
      'Start `loadline worker` or `loadline dev`; or start the load now with --detach, and it waits for a worker.',
  });
}
