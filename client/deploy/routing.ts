import { isGrpcServiceError } from '@temporalio/client';
import { loadFailure } from '../../workflows/load-error';
import type { DeploymentAccess } from './access';

/** What becomes of a build. `inactive`: no run was ever routed to it. */
export type BuildState = 'inactive' | 'current' | 'ramping' | 'draining' | 'drained';

/** One build that the server knows. Times are in milliseconds since 1970, by the server's clock. */
export interface KnownBuild {
  readonly buildId: string;
  readonly state: BuildState;
  readonly currentAtMs: number | null;
  readonly rampingSinceMs: number | null;
}

/** Which builds new runs go to, as the server says. */
export interface Routing {
  readonly current: string | null;
  readonly ramping: string | null;
  /** Of new runs, how many go to the ramping build. */
  readonly percent: number;
  /** When the percentage was changed last, by the server's clock. */
  readonly percentSinceMs: number | null;
  readonly builds: readonly KnownBuild[];
  /** Counts the changes: a share that was set to and fro is another. */
  readonly revision: number;
  /** Names this state of things: who changes it has to know it. */
  readonly token: Uint8Array;
}

const grpcNotFound = 5;
const grpcPrecondition = 9;
const states: readonly BuildState[] = ['inactive', 'inactive', 'current', 'ramping', 'draining', 'drained'];

/** The routing, or `null` while no worker of the deployment has ever polled. */
export async function readRouting({ client, namespace, deployment }: DeploymentAccess): Promise<Routing | null> {
  try {
    const { workerDeploymentInfo: info, conflictToken } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName: deployment,
    });
    const { routingConfig: routing, versionSummaries } = info ?? {};
    return {
      current: routing?.currentDeploymentVersion?.buildId ?? null,
      ramping: routing?.rampingDeploymentVersion?.buildId ?? null,
      percent: routing?.rampingDeploymentVersion ? (routing.rampingVersionPercentage ?? 0) : 0,
      percentSinceMs: millis(routing?.rampingVersionPercentageChangedTime),
      builds: (versionSummaries ?? []).map((summary) => ({
        buildId: summary.deploymentVersion?.buildId ?? '',
        state: states[summary.status ?? 0] ?? 'inactive',
        currentAtMs: millis(summary.lastCurrentTime),
        rampingSinceMs: millis(summary.rampingSinceTime),
      })),
      revision: Number(routing?.revisionNumber ?? 0),
      token: conflictToken,
    };
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === grpcNotFound) return null;
    throw error;
  }
}

/** A change of the routing: the share of new runs that a build gets, or that it gets all of them. */
export type RoutingChange =
  { readonly ramp: number; readonly buildId: string } | { readonly promote: true; readonly buildId: string };

/** The server may not have heard of the build's task queue yet, which it says in several ways. */
const unheardMs = 15_000;

/**
 * Changes the routing, if it is still as it was when it was read last.
 *
 * @throws `DeployConflict` when it is not; `BuildNotPolling` when the server does not know the build
 */
export async function changeRouting(at: DeploymentAccess, seen: Routing, change: RoutingChange): Promise<Routing> {
  for (const until = Date.now() + unheardMs; ;) {
    const found = await readRouting(at);
    if (!found || !sameRouting(found, seen)) throw conflict(at, seen, found);
    try {
      await send(at, found, change);
      return await afterChange(at, found, change);
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      const code = Number(error.code);
      if (code === grpcPrecondition && /conflict token/i.test(error.details))
        throw conflict(at, seen, await readRouting(at));
      if (code !== grpcPrecondition && code !== grpcNotFound) throw error;
      if (Date.now() >= until) {
        const object = `${at.deployment} / ${change.buildId}`;
        throw loadFailure('BuildNotPolling', { object, expected: 'a build that runs can go to', got: error.details });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Reads what has become of a change. @throws `DeployConflict` when there is another on top of it */
async function afterChange(at: DeploymentAccess, before: Routing, change: RoutingChange): Promise<Routing> {
  const { buildId } = change;
  const expected =
    'promote' in change
      ? { current: buildId, ramping: null, percent: 0 }
      : { current: before.current, ramping: change.ramp === 0 ? null : buildId, percent: change.ramp };
  const found = await readRouting(at);
  const { current, ramping, percent } = expected;
  if (found?.current === current && found.ramping === ramping && found.percent === percent) return found;
  throw conflict(at, { ...before, ...expected }, found);
}

async function send(at: DeploymentAccess, { token }: Routing, change: RoutingChange): Promise<void> {
  const { client, namespace, deployment: deploymentName } = at;
  const request = { namespace, deploymentName, conflictToken: token, identity: client.options.identity };
  const { workflowService } = client;
  if ('promote' in change)
    await workflowService.setWorkerDeploymentCurrentVersion({ ...request, buildId: change.buildId });
  // Without a build there is no ramp, and the build that was ramped drains.
  else if (change.ramp === 0)
    await workflowService.setWorkerDeploymentRampingVersion({ ...request, buildId: '', percentage: 0 });
  else
    await workflowService.setWorkerDeploymentRampingVersion({
      ...request,
      buildId: change.buildId,
      percentage: change.ramp,
    });
}

/** Whether new runs still go where they went. */
export const sameRouting = (a: Routing, b: Routing): boolean =>
  a.current === b.current && a.ramping === b.ramping && a.percent === b.percent && a.revision === b.revision;

/** The failure of whoever finds the routing changed by another. */
export function conflict({ deployment }: DeploymentAccess, expected: Routing, got: Routing | null): Error {
  return loadFailure('DeployConflict', {
    object: deployment,
    expected: routingText(expected),
    got: got ? routingText(got) : 'no such deployment',
  });
}

/** `current v1, v2 at 10 %` */
export function routingText({ current, ramping, percent }: Routing): string {
  const now = current === null ? 'no current build' : `current ${current}`;
  return ramping === null ? now : `${now}, ${ramping} at ${percent} %`;
}

/** A timestamp of the server's in milliseconds. */
export function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number | null {
  const seconds = Number(time?.seconds ?? 0);
  return seconds > 0 ? seconds * 1000 + Math.floor((time?.nanos ?? 0) / 1e6) : null;
}
