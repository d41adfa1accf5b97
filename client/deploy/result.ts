/** What a deploy goes through, in this order. */
export type DeployPhaseName = 'workers' | 'canary' | 'backward-replay' | 'ramp' | 'observe' | 'promote';

/** One phase that has ended. */
export interface DeployPhase {
  readonly phase: DeployPhaseName;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'insufficient' | 'skip';
  /** What is known now, as a sentence or two. Never holds values of rows. */
  readonly text: string;
  /** Of `ramp` and `observe`: the share of new runs that the build gets. */
  readonly percent?: number;
}

/** How a deploy has ended. */
export interface DeployResult {
  readonly outcome: 'promoted' | 'already-current' | 'failed' | 'insufficient-evidence';
  readonly deployment: string;
  readonly buildId: string;
  /** The build that new runs went to before. */
  readonly previous: string | null;
  readonly phases: readonly DeployPhase[];
}
