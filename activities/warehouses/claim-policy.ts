import { loadFailure } from '../../workflows/load-error';
import type { Actor, ClaimRequest } from './warehouse';

/** The claim of a load key as the warehouse stores it. */
export interface ClaimRow {
  readonly state: 'open' | 'held' | 'applied' | 'rejected' | 'rolled-back' | 'superseded';
  readonly generation: number;
  readonly appliedGeneration: number | null;
  readonly fence: number;
  readonly sourceIdentity: string | null;
  /** Whether nothing is applied because it was rolled back: so it stays, whoever has claimed the key since and failed. */
  readonly rolledBack: boolean;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly activityId: string | null;
  readonly scheduledAtMs: number | null;
  /** Milliseconds until the lease ends, by the warehouse's clock; 0 or less when it has ended. */
  readonly leaseLeftMs: number;
}

/** What to do with a request for a claim. */
export type ClaimDecision =
  | { readonly do: 'answer-applied' }
  | { readonly do: 'keep' }
  | { readonly do: 'take'; readonly generation: number; readonly fence: number };

/**
 * Decides who holds a load key. Every warehouse stores claims its own way and asks here.
 *
 * @throws `LoadInProgress`, `Fenced`, `Rejected`, `RolledBack`
 */
export function decideClaim(row: ClaimRow, request: ClaimRequest): ClaimDecision {
  const { actor, loadKey } = request;
  const applied = row.appliedGeneration !== null;
  if (
    applied &&
    row.state === 'applied' &&
    request.sourceIdentity !== null &&
    request.sourceIdentity === row.sourceIdentity
  ) {
    return { do: 'answer-applied' };
  }
  const open = row.state === 'open' || row.state === 'held';
  if (open && row.workflowId !== null) {
    if (row.workflowId !== actor.workflowId) refuseWhileLive(row, loadKey);
    else if (sameAttempt(row, actor)) return { do: 'keep' };
  }
  // An attempt that froze before it claimed must not fence the one that has taken its place.
  if (row.workflowId === actor.workflowId && (row.scheduledAtMs ?? 0) > actor.scheduledAtMs) {
    throw loadFailure('Fenced', { object: loadKey, loadKey });
  }
  if (request.onChanged !== 'reprocess') {
    if (row.state === 'rejected') throw loadFailure('Rejected', { object: loadKey, loadKey });
    if (row.state === 'rolled-back' || row.rolledBack) throw loadFailure('RolledBack', { object: loadKey, loadKey });
  }
  return { do: 'take', generation: nextGeneration(row), fence: row.fence + 1 };
}

/** The generation that the next holder of a key makes. */
export function nextGeneration(row: ClaimRow): number {
  if (row.state === 'open' || row.state === 'held') return Math.max(row.generation, 1);
  return row.generation + 1;
}

/** A held claim waits for a person and has no lease. */
function refuseWhileLive(row: ClaimRow, loadKey: string): void {
  if (row.state !== 'held' && row.leaseLeftMs <= 0) return;
  throw loadFailure('LoadInProgress', {
    object: loadKey,
    loadKey,
    got: `workflow ${row.workflowId}${row.state === 'held' ? ', held for a verdict' : ''}`,
    retryAfterMs: row.state === 'held' ? 30_000 : Math.min(Math.max(row.leaseLeftMs, 500), 5_000),
  });
}

function sameAttempt(row: ClaimRow, actor: Actor): boolean {
  return row.runId === actor.runId && row.activityId === actor.activityId;
}

/** What publish may do with a claim, under the target's lock. */
export type PublishDecision = 'go' | 'answer-applied';

/**
 * Decides whether an attempt may still publish.
 *
 * @throws `Fenced`, `Rejected`, `RolledBack`
 */
export function decidePublish(
  row: Pick<ClaimRow, 'state' | 'generation' | 'appliedGeneration' | 'fence'> | undefined,
  mine: { readonly loadKey: string; readonly generation: number; readonly fence: number; readonly held?: boolean },
): PublishDecision {
  const object = mine.loadKey;
  // Before the answer: a publish that is tried again after a rollback must not say that its rows are there.
  if (row?.state === 'rejected') throw loadFailure('Rejected', { object, loadKey: object });
  if (row?.state === 'rolled-back') throw loadFailure('RolledBack', { object, loadKey: object });
  if (row && row.appliedGeneration !== null && row.appliedGeneration >= mine.generation) return 'answer-applied';
  // A held load is published under a verdict, and under none another.
  const state = mine.held ? 'held' : 'open';
  if (!row || row.fence !== mine.fence || row.state !== state) {
    const got = row ? `fence ${row.fence}, state ${row.state}` : 'no claim';
    throw loadFailure('Fenced', { object, loadKey: object, expected: `fence ${mine.fence}, state ${state}`, got });
  }
  return 'go';
}
