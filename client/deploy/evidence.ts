import { WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import pLimit from 'p-limit';
import { canaryPrefix } from '../../workflows/canary-run';
import type { DeploymentAccess } from './access';
import type { Evidence } from './judge-evidence';

/** Of runs that are open, so many are looked at one by one. */
const lookedAt = 200;
const looking = pLimit(8);

/** A text within a visibility query. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** Canaries are no runs of anybody. */
export const notCanary = `RootWorkflowId NOT STARTS_WITH ${quoted(canaryPrefix)}`;

/** The value of TemporalWorkerDeploymentVersion. */
export const versionName = (deployment: string, buildId: string): string => `${deployment}:${buildId}`;

/** Counts what runs of a build came to since a time. */
export async function gatherEvidence(at: DeploymentAccess, buildId: string, sinceMs: number): Promise<Evidence> {
  const [counts, stuck] = await Promise.all([countEnded(at, buildId, sinceMs), countStuck(at, buildId, sinceMs)]);
  const of = (status: string): number => counts.get(status) ?? 0;
  // One that somebody has ended says nothing of its build, and one that continues as new has not ended.
  const failed = of('Failed') + of('TimedOut');
  return { finished: of('Completed') + failed, failed, stuck };
}

async function countEnded(at: DeploymentAccess, buildId: string, sinceMs: number): Promise<Map<string, number>> {
  const { client, namespace, deployment } = at;
  const { groups } = await client.workflowService.countWorkflowExecutions({
    namespace,
    query: `TemporalWorkerDeploymentVersion = ${quoted(versionName(deployment, buildId))} AND ExecutionStatus != 'Running'
      AND CloseTime >= ${quoted(new Date(sinceMs).toISOString())} AND ${notCanary} GROUP BY ExecutionStatus`,
  });
  return new Map(
    (groups ?? []).map(({ groupValues, count }) => [
      defaultPayloadConverter.fromPayload<string>(groupValues![0]!),
      Number(count),
    ]),
  );
}

/**
 * Runs whose code fails on this build. The server names the build of a run only once a task of it has succeeded, so that
 * those without a build are looked at too, and those that may move to it.
 */
async function countStuck(at: DeploymentAccess, buildId: string, sinceMs: number): Promise<number> {
  const { client, deployment, taskQueue } = at;
  const query = `TaskQueue = ${quoted(taskQueue)} AND ExecutionStatus = 'Running' AND ${notCanary} AND
    ((TemporalWorkerDeploymentVersion IS NULL AND StartTime >= ${quoted(new Date(sinceMs).toISOString())})
      OR TemporalWorkerDeploymentVersion = ${quoted(versionName(deployment, buildId))}
      OR TemporalWorkflowVersioningBehavior = 'AutoUpgrade')`;
  const looks: Promise<boolean>[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    looks.push(looking(() => isStuck(at, buildId, workflowId, runId)));
    if (looks.length >= lookedAt) break;
  }
  return (await Promise.all(looks)).filter(Boolean).length;
}

async function isStuck(
  { client, deployment }: DeploymentAccess,
  buildId: string,
  workflowId: string,
  runId: string,
): Promise<boolean> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    const { versioningInfo } = raw.workflowExecutionInfo ?? {};
    const on = versioningInfo?.versionTransition?.deploymentVersion ?? versioningInfo?.deploymentVersion;
    if (on?.buildId !== buildId || on.deploymentName !== deployment) return false;
    return (raw.pendingWorkflowTask?.attempt ?? 0) >= 2;
  } catch (error) {
    // It has ended, and been forgotten, since it was listed.
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
