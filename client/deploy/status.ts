import type { LoadlineConfig } from '../../workflows/config';
import type { ConnectOverrides, ResolvedConfig } from '../../workers/config';
import { withDeployment, type DeploymentAccess } from './access';
import { countOpen } from './open-runs';
import { readRouting, millis, type BuildState } from './routing';
import { readNotes } from './version-notes';

/** One build of a deployment. */
export interface BuildStatus {
  readonly buildId: string;
  readonly state: BuildState;
  /** The share of new runs that go to it, in percent. */
  readonly percent: number;
  /** Workers that have asked for workflow tasks within the last two minutes. */
  readonly pollers: number;
  /** Open runs that end on this build, whatever becomes current. */
  readonly pinnedRuns: number;
  /** Open runs that go on with whatever is current. */
  readonly autoUpgradeRuns: number;
  /** The build that was current before it, as far as a deploy has noted that. */
  readonly previous: string | null;
  /** Whether a rollback has taken new runs away from it. */
  readonly rolledBack: boolean;
}

/** A deployment, as the server has it. */
export interface DeploymentStatus {
  readonly deployment: string;
  readonly taskQueue: string;
  readonly current: string | null;
  readonly ramping: string | null;
  readonly percent: number;
  /** The current build first, then the ramping one, then by when they were current. */
  readonly builds: readonly BuildStatus[];
}

/**
 * Which builds there are, which of them new runs go to, and how many runs are open on each. Changes nothing.
 *
 * @throws `InvalidConfig`, `TemporalUnreachable`
 */
export function deploymentStatus(
  config?: LoadlineConfig | ResolvedConfig,
  overrides: ConnectOverrides = {},
): Promise<DeploymentStatus> {
  return withDeployment(config, overrides, readStatus);
}

/** As {@link deploymentStatus}, for who is connected already. */
export async function readStatus(at: DeploymentAccess): Promise<DeploymentStatus> {
  const { deployment, taskQueue } = at;
  const [routing, pollers] = await Promise.all([readRouting(at), pollersByBuild(at)]);
  const { current = null, ramping = null, percent = 0, builds = [] } = routing ?? {};
  const share = (buildId: string): number => {
    if (buildId === ramping) return percent;
    return buildId === current ? 100 - percent : 0;
  };
  const known = await Promise.all(
    builds.map(async ({ buildId, state, currentAtMs }) => {
      const [open, notes] = await Promise.all([countOpen(at, buildId), readNotes(at, buildId)]);
      const { pinned: pinnedRuns, autoUpgrade: autoUpgradeRuns } = open;
      const previous = notes.previous ?? null;
      const rolledBack = notes.rolledBack !== undefined;
      const counts = { percent: share(buildId), pollers: pollers.get(buildId) ?? 0, pinnedRuns, autoUpgradeRuns };
      return { currentAtMs, status: { buildId, state, ...counts, previous, rolledBack } };
    }),
  );
  const rank = (buildId: string): number => (buildId === current ? 0 : buildId === ramping ? 1 : 2);
  known.sort((a, b) => rank(a.status.buildId) - rank(b.status.buildId) || (b.currentAtMs ?? 0) - (a.currentAtMs ?? 0));
  return { deployment, taskQueue, current, ramping, percent, builds: known.map(({ status }) => status) };
}

/** A worker asks at least once a minute. */
const silentAfterMs = 130_000;

async function pollersByBuild(at: DeploymentAccess): Promise<Map<string, number>> {
  const { client, namespace, deployment, taskQueue } = at;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
  });
  const counts = new Map<string, number>();
  for (const { deploymentOptions: options, lastAccessTime } of pollers ?? []) {
    if (options?.deploymentName !== deployment || !options.buildId) continue;
    if ((millis(lastAccessTime) ?? 0) < Date.now() - silentAfterMs) continue;
    counts.set(options.buildId, (counts.get(options.buildId) ?? 0) + 1);
  }
  return counts;
}
