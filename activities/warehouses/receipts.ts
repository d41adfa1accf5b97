import { createHash } from 'node:crypto';
import type {
  BatchRef,
  GivenVerdict,
  LoadReceipt,
  LoadWarning,
  OpenLoad,
  OpenTarget,
  TableReceipt,
} from '../../workflows/contract';
import { contentOf } from '../../workflows/target-order';
import { verdictOn } from './verdict-policy';
import type { Actor, PublishStage, StepContext } from './warehouse';

/** What a receipt is made of, besides its counts. */
export interface Published {
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  readonly context: Pick<StepContext, 'actor'>;
  /** Of a load that was held. */
  readonly verdict: GivenVerdict | undefined;
}

/** Short, equal for every attempt of one generation of one key. */
export function loadIdOf(loadKey: string, generation: number): string {
  return createHash('sha256').update(`${loadKey}#${generation}`).digest('hex').slice(0, 24);
}

/** Catalogue identities of a load's targets, in the order of locks. */
export const targetsOf = (open: OpenLoad): string[] => open.targets.map((t) => t.target).sort();

/** Whether rows that a load takes away are kept for a rollback. */
export const keepsReplaced = ({ contract }: Pick<OpenTarget, 'contract'>): boolean => contract.keepReplaced !== false;

/** The receipt of a load that is published now. */
export function receiptOf(
  { open, stages, context, verdict }: Published,
  tables: readonly TableReceipt[],
  publishedAt: string,
  warnings: readonly LoadWarning[],
): LoadReceipt {
  const batches = stages.map((s) => s.audited.batch);
  const read = tables.reduce((total, t) => total + t.read + t.removed, 0);
  const { workflowId, runId, buildId } = context.actor;
  const said = verdictOn(stages, verdict);
  return {
    outcome: read === 0 ? 'nothing-to-load' : 'loaded',
    loadId: open.loadId,
    loadKey: open.loadKey,
    pipeline: open.pipeline,
    generation: open.generation,
    fence: open.fence,
    protocol: open.protocol,
    reversible: open.targets.every((t, i) => t.reversible && (keepsReplaced(t) || !tables[i]?.removed)),
    ...(open.interval && { interval: open.interval }),
    ...(said && { verdict: said }),
    tables,
    batch: batchFacts(open.targets, batches),
    batches,
    publishedAt,
    workflowId,
    runId,
    buildId,
    warnings: [...stages.flatMap((s) => s.audited.warnings), ...warnings],
  };
}

/** What a receipt says of the batches of a load. */
export function batchFacts(
  targets: readonly Pick<OpenTarget, 'target'>[],
  batches: readonly BatchRef[],
): LoadReceipt['batch'] {
  const sum = (field: 'files' | 'filesSkipped' | 'filesRejected' | 'bytes'): number =>
    batches.reduce((total, b) => total + (b[field] ?? 0), 0);
  const filesRejected = sum('filesRejected');
  return {
    sha256: contentOf(targets, batches),
    files: sum('files'),
    filesSkipped: sum('filesSkipped'),
    ...(filesRejected && { filesRejected }),
    bytes: sum('bytes'),
  };
}

/** A table that a load has done nothing to. */
export const untouched = ({ target, mode }: Pick<OpenTarget, 'target' | 'mode'>): TableReceipt => ({
  table: target,
  mode,
  read: 0,
  duplicates: 0,
  quarantined: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  stale: 0,
  deleted: 0,
  removed: 0,
});

/** The receipt of a held load that was rejected. */
export function rejectionOf(
  open: OpenLoad,
  batches: readonly BatchRef[],
  verdict: GivenVerdict,
  actor: Actor,
  at: string,
): LoadReceipt {
  const { loadId, loadKey, pipeline, generation, fence, protocol, interval, targets } = open;
  return {
    outcome: 'rejected',
    loadId,
    loadKey,
    pipeline,
    generation,
    fence,
    protocol,
    reversible: false,
    verdict,
    ...(interval && { interval }),
    tables: targets.map(untouched),
    batch: batchFacts(targets, batches),
    batches,
    publishedAt: at,
    workflowId: actor.workflowId,
    runId: actor.runId,
    buildId: actor.buildId,
    warnings: [],
  };
}
