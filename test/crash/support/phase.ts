import type { Line } from './worker-process';

/** Where a load was when the process that worked on it was killed. */
export interface Phase {
  readonly text: string;
  /** After the first byte went into the stage, before COMMIT was sent. */
  readonly betweenStageAndCommit: boolean;
  /** With the target's lock in hand, before COMMIT was sent. */
  readonly insidePublish: boolean;
}

/** The phase of every load that had an activity running in the process, from what the process had written. */
export function phaseOf(lines: readonly Line[]): Phase[] {
  const byLoad = new Map<string, Line[]>();
  for (const line of lines) {
    if (!line.workflowId || line.activity === undefined) continue;
    // An outcome ends an activity: what came before it is over.
    if (line.kind === 'log') byLoad.delete(line.workflowId);
    else byLoad.set(line.workflowId, [...(byLoad.get(line.workflowId) ?? []), line]);
  }
  return [...byLoad.values()].map(phaseOfLoad);
}

function phaseOfLoad(lines: readonly Line[]): Phase {
  const last = lines.at(-1)!;
  const activity = last.activity!.replace('loadline.', '');
  const seen = (tag: string, moment: string): boolean => lines.some((l) => l.tag === tag && l.moment === moment);
  const committing = activity === 'publish' && seen('commit', 'before');
  const staged = activity === 'audit' || activity === 'publish' || seen('stage:copy', 'first-chunk');
  return {
    text: `${activity} ${last.moment} ${last.tag}`,
    betweenStageAndCommit: staged && !committing,
    insidePublish: activity === 'publish' && seen('publish:lock', 'after') && !committing,
  };
}
