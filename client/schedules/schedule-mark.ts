import type { Hashes } from './spec-hash';

/** What we write into the memo of a schedule's action: whose it is, and what was declared when it was last applied. */
export interface ScheduleMark {
  readonly version: 1;
  /** Whose it is; see {@link ownerOf}. */
  readonly owner: string;
  readonly declared: Hashes;
  /** Of what the server answered right after: what somebody changes there by hand shows. */
  readonly served?: Hashes;
  /** One text for each time that it was applied, to tell a fresh answer of the server's from a former one. */
  readonly write?: string;
  /** Whether it was declared as paused. */
  readonly paused: boolean;
}

/** The memo of the action, and of each run that it starts. */
export const markName = 'loadlineSchedule';

/** The mark in a memo; `null` where there is none of ours. */
export function markIn(memo: Readonly<Record<string, unknown>> | undefined): ScheduleMark | null {
  const mark = memo?.[markName];
  return typeof mark === 'object' && mark !== null && 'owner' in mark && 'declared' in mark
    ? (mark as ScheduleMark)
    : null;
}
