import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import { canaryIdOf } from '../../workflows/canary-run';
import { loadFailure } from '../../workflows/load-error';
import type { CanaryInput } from '../../workflows/contract';
import type { DeploymentAccess } from './access';
import { pause } from './pause';

/** The server still lists the pollers of a worker that was killed: only an answer shows that there is one. */
const answers = ['workflowTaskCompletedEventAttributes', 'workflowTaskFailedEventAttributes'] as const;

/**
 * Waits until a worker of the build takes a task and answers.
 *
 * @throws `BuildNotPolling` when none has within the time
 */
export async function awaitLife(
  at: DeploymentAccess,
  buildId: string,
  waitMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const until = Date.now() + waitMs;
  let probe: WorkflowHandle | undefined;
  try {
    for (;;) {
      probe ??= await startProbe(at, buildId, waitMs);
      if (probe && (await hasAnswer(probe))) return;
      if (Date.now() >= until) break;
      await pause(Math.min(500, Math.max(until - Date.now(), 1)), signal);
    }
  } finally {
    // It may have ended by itself.
    await probe?.terminate('It has shown what it was asked').catch(() => undefined);
  }
  throw loadFailure('BuildNotPolling', {
    object: `${at.deployment} / ${buildId}, task queue ${at.taskQueue}, namespace ${at.namespace}`,
    expected: `an answer of a worker of this build within ${Math.round(waitMs / 1000)} s`,
    got: probe ? 'none, though such workers have polled' : 'none has ever polled',
  });
}

/** Starts a run that only a worker of the build can take; `undefined` while the server does not know the build. */
async function startProbe(
  { client, deployment, taskQueue }: DeploymentAccess,
  buildId: string,
  waitMs: number,
): Promise<WorkflowHandle | undefined> {
  const input: CanaryInput = { probe: true };
  try {
    return await client.workflow.start('runCanary', {
      taskQueue,
      workflowId: `${canaryIdOf(deployment, buildId)}/probe-${randomUUID()}`,
      args: [input],
      staticSummary: `Is a worker of ${buildId} there?`,
      workflowExecutionTimeout: waitMs + 60_000,
      versioningOverride: { pinnedTo: { deploymentName: deployment, buildId } },
    });
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw error;
    const grpc = isGrpcServiceError(error) ? error : isGrpcServiceError(cause) ? cause : null;
    if (grpc && /pinned version/i.test(grpc.details)) return undefined;
    throw error;
  }
}

async function hasAnswer(probe: WorkflowHandle): Promise<boolean> {
  const { events } = await probe.fetchHistory();
  return (events ?? []).some((event) => answers.some((answer) => event[answer]));
}
