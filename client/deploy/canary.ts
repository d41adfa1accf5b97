import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { canaryIdOf } from '../../workflows/canary-run';
import { loadErrorOf } from '../../workflows/load-error';
import type { CanaryInput, CanaryResult } from '../../workflows/contract';
import type { CanaryOptions } from '../../workflows/config';
import { codeTrouble } from '../code-trouble';
import type { DeploymentAccess } from './access';
import type { RunHistory, SeenCanary } from './judge-canary';
import { pause } from './pause';

const closingMs = 15_000;

/** Runs the canary on a build, or waits for the one that runs already. Tells what it saw, or why it came to no end. */
export async function runCanary(
  at: DeploymentAccess,
  buildId: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<SeenCanary> {
  const { client, deployment, taskQueue, config } = at;
  const workflowId = canaryIdOf(deployment, buildId);
  const handle = await client.workflow.start('runCanary', {
    taskQueue,
    workflowId,
    args: [inputOf(config.canary)],
    staticSummary: `Canary of ${buildId}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowExecutionTimeout: timeoutMs,
    versioningOverride: { pinnedTo: { deploymentName: deployment, buildId } },
  });
  try {
    const result = await resultOf(at, handle, workflowId, signal);
    if (typeof result === 'string') return { trouble: result };
    const runs = [{ workflowId, runId: handle.firstExecutionRunId }, ...result.runs];
    return { result, histories: await Promise.all(runs.map((run) => historyOf(at, run))) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { trouble: loadErrorOf(error)?.message ?? innermost(error) };
  }
}

const inputOf = ({ workflow, input, load }: CanaryOptions): CanaryInput =>
  workflow !== undefined ? { workflow, ...(input === undefined ? {} : { input }) } : load === undefined ? {} : { load };

/** Temporal has a run wait for corrected code as long as it takes; a canary whose code fails has failed. */
async function resultOf(
  at: DeploymentAccess,
  handle: WorkflowHandle,
  workflowId: string,
  signal: AbortSignal | undefined,
): Promise<CanaryResult | string> {
  const ended = new AbortController();
  let trouble: string | undefined;
  const result = (handle.result() as Promise<CanaryResult>)
    .catch((error: unknown) => {
      // It has been ended for it.
      if (trouble !== undefined) return trouble;
      throw error;
    })
    .finally(() => ended.abort());
  // Whichever comes first is told; the other may fail unheard.
  result.catch(() => undefined);
  const watch = async (): Promise<CanaryResult | string> => {
    while (!ended.signal.aborted) {
      trouble = await troubleOf(at, [workflowId, `${workflowId}/first`, `${workflowId}/second`]);
      if (trouble !== undefined) await end(handle, ended.signal);
      else await pause(500, signal);
    }
    return result;
  };
  return Promise.race([result, watch()]);
}

async function troubleOf({ client }: DeploymentAccess, workflowIds: readonly string[]): Promise<string | undefined> {
  for (const workflowId of workflowIds) {
    try {
      const description = await client.workflow.getHandle(workflowId).describe();
      const trouble = description.status.name === 'RUNNING' ? await codeTrouble(client, description) : undefined;
      if (trouble !== undefined) return `The code of ${description.type} fails: ${trouble}`;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return undefined;
}

/** Lets it remove its scratch tables, if it still can. */
async function end(handle: WorkflowHandle, ended: AbortSignal): Promise<void> {
  await handle.cancel().catch(() => undefined);
  await pause(closingMs, ended).catch(() => undefined);
  if (!ended.aborted) await handle.terminate('The canary has failed').catch(() => undefined);
}

async function historyOf(
  { client }: DeploymentAccess,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
): Promise<RunHistory> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  return { workflowId, runId, workflowType: started?.workflowType?.name ?? '', history };
}

function innermost(error: Error): string {
  let at = error;
  while (at.cause instanceof Error) at = at.cause;
  return at.message;
}
