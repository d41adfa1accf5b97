import { gatherEvidence } from './evidence';
import { judgeEvidence, evidenceText, type EvidenceVerdict } from './judge-evidence';
import { pause } from './pause';
import { conflict, readRouting, sameRouting, type Routing } from './routing';
import type { DeploymentAccess } from './access';
import type { ResolvedDeploy } from './options';

/** How an observation has ended. */
export type Observation = Exclude<EvidenceVerdict, { readonly verdict: 'wait' }> & { readonly text: string };

const slowestMs = 10_000;
const fastestMs = 250;

/**
 * Watches the runs of the new build beside those of the current one, from the beginning of the ramp, until the time of
 * this share is over or too many have failed.
 *
 * @throws `DeployConflict` when somebody changes the routing meanwhile
 */
export async function observe(
  at: DeploymentAccess,
  plan: ResolvedDeploy,
  seen: Routing,
  last: boolean,
): Promise<Observation> {
  const { buildId, observeMs, signal } = plan;
  const stepAt = seen.percentSinceMs ?? Date.now();
  const rampAt = seen.builds.find((build) => build.buildId === buildId)?.rampingSinceMs ?? stepAt;
  for (;;) {
    const over = Date.now() >= stepAt + observeMs;
    const [fresh, current] = await Promise.all(
      [buildId, seen.current!].map((build) => gatherEvidence(at, build, rampAt)),
    );
    const text = evidenceText(fresh!);
    const found = judgeEvidence(fresh!, current!, { ...plan, over, last });
    if (found.verdict !== 'wait') return found.verdict === 'pass' ? { verdict: 'pass', text } : { ...found, text };
    plan.onProgress?.(`${seen.percent} % of new runs: ${text}; ${left(stepAt + observeMs)}`);
    await pause(Math.min(slowestMs, Math.max(fastestMs, observeMs / 20)), signal);
    const now = await readRouting(at);
    if (!now || !sameRouting(now, seen)) throw conflict(at, seen, now);
  }
}

function left(until: number): string {
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  return `${seconds >= 120 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`} left`;
}
