import type { LoadlineConfig } from '../../workflows/config';
import { loadFailure } from '../../workflows/load-error';
import type { ConnectOverrides, ResolvedConfig } from '../../workers/config';
import { withDeployment, type DeploymentAccess } from './access';
import { replayOn } from './backward';
import { awaitLife } from './sign-of-life';
import { durationOf } from './options';
import { countOpen, autoUpgradeRuns } from './open-runs';
import { previousOf } from './previous';
import { changeRouting, readRouting, type Routing } from './routing';
import { readNotes, writeNotes } from './version-notes';
import type { RunHistory } from './judge-canary';

/** Options of {@link rollback}. */
export interface RollbackOptions {
  /** The build to go back to. @default the ramp is taken back; without a ramp, the build that was current before */
  readonly buildId?: string;
  /** The folder of workflow bundles: runs that would follow are replayed on the old build's. */
  readonly bundles?: string;
  /** How long to wait for a worker of the old build. @default '30s' */
  readonly wait?: string;
  /** Asked before anything is changed. @default it is agreed to */
  readonly confirm?: (plan: RollbackPlan) => Promise<boolean>;
}

/** A run that would follow to the old build. */
export interface FollowingRun {
  readonly workflowId: string;
  readonly workflowType: string;
  /** Why it cannot go on there; `null`: it can. Absent where that is not known. */
  readonly trouble?: string | null;
}

/** What a rollback will do, and break. */
export interface RollbackPlan {
  readonly deployment: string;
  /** The build that new runs are taken away from. */
  readonly from: string;
  /** The build that they go to. */
  readonly to: string;
  /** Whether the build has a share of the new runs only. */
  readonly ramping: boolean;
  /** Open runs that stay on `from`: its workers must stay up until they have ended. */
  readonly pinnedRuns: number;
  /** How many open runs follow to `to`. */
  readonly followingRuns: number;
  /** The first of them. */
  readonly following: readonly FollowingRun[];
  /** Whether they were replayed on the old build's bundle. */
  readonly replayed: boolean;
}

/** How a rollback has ended. */
export type RollbackResult =
  | { readonly outcome: 'nothing-to-roll-back'; readonly deployment: string; readonly current: string | null }
  | ({ readonly outcome: 'rolled-back' | 'declined' } & RollbackPlan);

/**
 * Has new runs go where they went before: a build that is ramped loses its share; the current build gives way to the
 * one before it, also long after the promotion. Tells first what that will break.
 *
 * @throws `BuildNotPolling` when no worker of the build before is there any more, unless a ramp is taken back; `DeployConflict`
 *
 * @example
 * ```ts
 * const done = await rollback({ confirm: async (plan) => plan.following.every((run) => run.trouble === null) });
 * ```
 */
export function rollback(
  options: RollbackOptions = {},
  config?: LoadlineConfig | ResolvedConfig,
  overrides: ConnectOverrides = {},
): Promise<RollbackResult> {
  return withDeployment(config, overrides, (at) => rollBack(at, options));
}

async function rollBack(at: DeploymentAccess, options: RollbackOptions): Promise<RollbackResult> {
  const { deployment } = at;
  const routing = await readRouting(at);
  const way = routing && (await wayBack(at, routing, options.buildId));
  if (!routing || !way) return { outcome: 'nothing-to-roll-back', deployment, current: routing?.current ?? null };
  const waitMs = durationOf('wait', options.wait ?? '30s');
  // A ramp is taken back whatever the current build does: it has most of the new runs already.
  if (!way.ramping) await awaitLife(at, way.to, waitMs);
  const plan = await planOf(at, way, options.bundles);
  if (options.confirm && !(await options.confirm(plan))) return { outcome: 'declined', ...plan };
  if (way.ramping) await changeRouting(at, routing, { ramp: 0, buildId: way.from });
  else await takeBack(at, routing, way);
  return { outcome: 'rolled-back', ...plan };
}

type Way = Pick<RollbackPlan, 'from' | 'to' | 'ramping'>;

async function wayBack(at: DeploymentAccess, routing: Routing, asked: string | undefined): Promise<Way | null> {
  const { current, ramping, percent, builds } = routing;
  if (asked !== undefined) refuseStranger(at.deployment, asked, builds);
  if (ramping !== null && percent > 0 && current !== null && (asked === undefined || asked === current))
    return { from: ramping, to: current, ramping: true };
  if (current === null || asked === current) return null;
  const to = asked ?? (await previousOf(at, routing));
  return to === null ? null : { from: current, to, ramping: false };
}

/** A build that was never current has shown nothing: bringing it in is for a deploy. @throws `InvalidRequest` */
export function refuseStranger(deployment: string, asked: string, builds: Routing['builds']): void {
  const before = builds.filter(({ currentAtMs }) => currentAtMs !== null).map(({ buildId }) => buildId);
  if (before.includes(asked)) return;
  throw loadFailure('InvalidRequest', {
    what: 'There is no such build to go back to.',
    object: `${deployment} / ${asked}`,
    expected: before.length === 0 ? 'a build that was current before' : `one of ${before.join(', ')}`,
    got: builds.some(({ buildId }) => buildId === asked) ? 'one that was never current' : 'no such build',
    remedy: 'See `loadline deploy status`; a new build is brought in by `loadline deploy`.',
  });
}

/** A ramp of a third build would go on beside it: it is taken back first. */
async function takeBack(at: DeploymentAccess, seen: Routing, { from, to }: Way): Promise<void> {
  const now = seen.ramping === null ? seen : await changeRouting(at, seen, { ramp: 0, buildId: seen.ramping });
  await changeRouting(at, now, { promote: true, buildId: to });
  await writeNotes(at, from, { rolledBack: new Date().toISOString() });
  const { rolledBack } = await readNotes(at, to);
  if (rolledBack !== undefined) await writeNotes(at, to, { rolledBack: null });
}

/** So many runs are named, and replayed. */
const named = 50;

async function planOf(at: DeploymentAccess, way: Way, bundles: string | undefined): Promise<RollbackPlan> {
  const open = await countOpen(at, way.from);
  const runs: RunHistory[] = [];
  for await (const run of autoUpgradeRuns(at, way.from)) {
    const { workflowId, runId, type } = run;
    const history = bundles === undefined ? {} : await at.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.push({ workflowId, runId, workflowType: type, history });
    if (runs.length >= named) break;
  }
  const verdicts = bundles === undefined ? null : await replayOn(bundles, way.to, runs);
  const following = runs.map(({ workflowId, workflowType }, i): FollowingRun => {
    const verdict = verdicts?.[i];
    if (!verdict) return { workflowId, workflowType };
    const found = verdict.divergences.find(({ code }) => code === 'Nondeterminism' || code === 'ReplayFailed');
    return { workflowId, workflowType, trouble: found?.message.split('\n')[0] ?? null };
  });
  return {
    deployment: at.deployment,
    ...way,
    pinnedRuns: open.pinned,
    followingRuns: open.autoUpgrade,
    following,
    replayed: verdicts !== null,
  };
}
