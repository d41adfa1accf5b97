import type { Client } from '@temporalio/client';
import { canaryOf } from '../../workflows/canary-run';
import { namedHistory, type NamedHistory } from './history';

/** The query for the runs of a task queue that are open, or closed since. */
export function recentRuns(taskQueue: string, since: Date): string {
  const name = taskQueue.replaceAll("'", "''");
  return `TaskQueue = '${name}' AND (ExecutionStatus = 'Running' OR CloseTime > '${since.toISOString()}')`;
}

/** How many histories are asked for at once. */
const atOnce = 8;

/**
 * The histories of the runs that a query finds, as they come. Left out are canaries, which belong to a deploy and not to the
 * pipelines, and a run that is deleted while it is asked for.
 *
 * @throws what the client throws
 */
export async function* serverHistories(client: Client, query: string): AsyncGenerator<NamedHistory> {
  const waiting: Promise<NamedHistory | undefined>[] = [];
  try {
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (canaryOf(workflowId) !== null) continue;
      const fetching = fetchOne(client, workflowId, runId);
      // It may fail before its turn has come.
      fetching.catch(() => undefined);
      waiting.push(fetching);
      if (waiting.length < atOnce) continue;
      const history = await waiting.shift();
      if (history) yield history;
    }
    while (waiting.length > 0) {
      const history = await waiting.shift();
      if (history) yield history;
    }
  } finally {
    // Whoever stops listening is told of no later failure.
    await Promise.allSettled(waiting);
  }
}

async function fetchOne(client: Client, workflowId: string, runId: string): Promise<NamedHistory | undefined> {
  try {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return { ...namedHistory(history, workflowId), workflowId, runId };
  } catch (error) {
    if ((error as { name?: string }).name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
