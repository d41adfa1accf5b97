import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { DeploymentAccess } from './access';
import { notCanary, quoted, versionName } from './evidence';

const openOf = ({ deployment }: DeploymentAccess, buildId: string, behavior: 'Pinned' | 'AutoUpgrade'): string =>
  `TemporalWorkerDeploymentVersion = ${quoted(versionName(deployment, buildId))} AND ExecutionStatus = 'Running'
   AND TemporalWorkflowVersioningBehavior = '${behavior}' AND ${notCanary}`;

/** How many runs are open on a build, by what becomes of them when another is current. */
export async function countOpen(
  at: DeploymentAccess,
  buildId: string,
): Promise<{ readonly pinned: number; readonly autoUpgrade: number }> {
  const count = async (behavior: 'Pinned' | 'AutoUpgrade'): Promise<number> =>
    (await at.client.workflow.count(openOf(at, buildId, behavior))).count;
  const [pinned, autoUpgrade] = await Promise.all([count('Pinned'), count('AutoUpgrade')]);
  return { pinned, autoUpgrade };
}

/** The open runs of a build that go on with whatever is current. */
export function autoUpgradeRuns(at: DeploymentAccess, buildId: string): AsyncIterable<WorkflowExecutionInfo> {
  return at.client.workflow.list({ query: openOf(at, buildId, 'AutoUpgrade') });
}
