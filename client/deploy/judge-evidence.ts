/** What runs of a build came to since the ramp began. Runs that are held or still at work count as nothing yet. */
export interface Evidence {
  /** Completed, failed or timed out. */
  readonly finished: number;
  /** Of those, how many did not complete. */
  readonly failed: number;
  /** Runs whose code fails over and over, so that they never end. */
  readonly stuck: number;
}

/** What is asked of a build before it gets more. */
export interface Demands {
  /** How many runs must have finished on the new build before it gets all. */
  readonly minRuns: number;
  /** The share of failures that is too much, unless the current build has as many. */
  readonly maxFailureRate: number;
}

/** How far the observation is. */
export interface Observed extends Demands {
  /** Whether the time of this step is over. */
  readonly over: boolean;
  /** Whether the build gets all runs after this step. */
  readonly last: boolean;
}

/** What to do: look again, go on, or stop. */
export type EvidenceVerdict =
  | { readonly verdict: 'wait' }
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'fail' | 'insufficient'; readonly reason: string };

/** Failures of all runs that have come to something. */
export function failureRate({ finished, failed, stuck }: Evidence): number {
  return finished + stuck === 0 ? 0 : (failed + stuck) / (finished + stuck);
}

/** Judges the new build by its own runs, and by those of the current build over the same time. */
export function judgeEvidence(fresh: Evidence, current: Evidence, observed: Observed): EvidenceVerdict {
  const { minRuns, maxFailureRate, over, last } = observed;
  const failures = fresh.failed + fresh.stuck;
  // Until enough have finished, those that lack are taken as good: one early failure of many to come proves nothing.
  const tooMany = failures / Math.max(fresh.finished + fresh.stuck, minRuns, 1) > maxFailureRate;
  const worse = failureRate(fresh) > failureRate(current);
  if (tooMany && worse) return { verdict: 'fail', reason: failText(fresh, current, maxFailureRate) };
  if (!over) return { verdict: 'wait' };
  if (tooMany)
    return {
      verdict: 'insufficient',
      reason: `${evidenceText(fresh)}, but the current build fails as often: that says nothing of the new one.`,
    };
  if (last && fresh.finished < minRuns)
    return {
      verdict: 'insufficient',
      reason: `${fresh.finished} of at least ${minRuns} runs have finished on the new build.`,
    };
  return { verdict: 'pass' };
}

function failText(fresh: Evidence, current: Evidence, max: number): string {
  return `The new build: ${evidenceText(fresh)}; the current one: ${evidenceText(current)}. At most ${percentText(max)} may fail.`;
}

/** `3 of 20 runs failed, 1 is stuck` */
export function evidenceText({ finished, failed, stuck }: Evidence): string {
  const ended = `${failed} of ${finished} runs failed`;
  return stuck === 0 ? ended : `${ended}, ${stuck} ${stuck === 1 ? 'is' : 'are'} stuck in failing code`;
}

const percentText = (share: number): string => `${Math.round(share * 1000) / 10} %`;
