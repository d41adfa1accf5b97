import { loadFailure } from '../../workflows/load-error';
import type { LoadIdentity, LoadMode, PartitionRange } from '../../workflows/contract';
import type { ClaimRow } from './claim-policy';

/** What a person may not interrupt: a load that is under way under this key. @throws `LoadInProgress` */
export function refuseWhileUnderWay(
  row: Pick<ClaimRow, 'state' | 'workflowId' | 'leaseLeftMs'>,
  loadKey: string,
): void {
  const held = row.state === 'held';
  const live = row.state === 'open' && row.workflowId !== null && row.leaseLeftMs > 0;
  if (!held && !live) return;
  throw loadFailure('LoadInProgress', {
    object: loadKey,
    loadKey,
    got: `workflow ${row.workflowId ?? 'unknown'}${held ? ', held for a verdict' : ''}`,
  });
}

/** What one load did to one table, as far as another's rollback must know it. */
export interface Write {
  readonly loadKey: string;
  readonly mode: LoadMode;
  /** The partitions it replaced; `null` where it was not by partition, or nobody knows. */
  readonly ranges: readonly PartitionRange[] | null;
  /** Rows that it brought or that it found there: zero when it had nothing to do with any row. */
  readonly rows: number;
  /** Of them those that the table held already, or newer ones of: taking away the table's would lose them. */
  readonly known: number;
}

/**
 * Whether a load has built on an earlier one of the same table, so that the earlier one cannot be rolled back any more:
 * the table would not be what it was before, or would lose what the later load found there.
 */
export function hasBuiltOn(later: Write, earlier: Write, identity: LoadIdentity): boolean {
  // The next generation of a key takes the place of the one before; with files it adds to it.
  if (later.loadKey === earlier.loadKey && identity !== 'files') return true;
  if (later.rows === 0) return false;
  if (earlier.mode === 'append') return later.mode !== 'append' || later.known > 0;
  if (earlier.ranges && later.ranges) return overlap(earlier.ranges, later.ranges);
  return true;
}

function overlap(some: readonly PartitionRange[], others: readonly PartitionRange[]): boolean {
  // ISO instants in UTC, which sort as text.
  return some.some((a) => others.some((b) => a.start < b.end && b.start < a.end));
}
