import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../workflows/load-error';
import type { OpenLoad, OpenTarget, PartitionRange } from '../../workflows/contract';
import type { PublishStage } from './warehouse';

/** Exactly the targets that were opened, each once. */
export function checkSet(open: OpenLoad, stages: readonly PublishStage[]): void {
  const indexes = stages.map((s) => s.audited.index).sort((a, b) => a - b);
  if (!isDeepStrictEqual(indexes, [...open.targets.keys()])) {
    throw loadFailure('PublishSetChanged', {
      object: open.loadKey,
      expected: `${open.targets.length} targets`,
      got: `stages of targets ${indexes.join(', ')}`,
    });
  }
}

/** Stages as their targets were opened. */
export function inOpenOrder(stages: readonly PublishStage[]): PublishStage[] {
  return [...stages].sort((a, b) => a.audited.index - b.audited.index);
}

/** Whether an older interval would overwrite a newer one's rows. */
export function orderMatters(target: OpenTarget): boolean {
  if (target.outOfOrder === 'allow') return false;
  return target.mode === 'replace' || (target.mode === 'merge' && target.contract.newest === undefined);
}

/** Adjacent ranges as one: a year of days is one condition, not 365. */
export function joinRanges(ranges: readonly PartitionRange[]): PartitionRange[] {
  const joined: PartitionRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && last.end === range.start) joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}
