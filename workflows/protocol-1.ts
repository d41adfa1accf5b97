import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { isLoadError, loadErrorOf } from './load-error';
import { awaitVerdict, listenForVerdicts } from './hold';
import { auditOrHold, discard, extract, openLoad, publish, reject, settle, stage } from './steps';
import { indexOpen, indexOutcome, tellEnd, tellFailure } from './story';
import type {
  AuditedStage,
  BatchRef,
  GivenVerdict,
  LoadReceipt,
  LoadRequest,
  OpenLoad,
  OpenLoadResult,
  StageRef,
} from './contract';

/**
 * Protocol 1: FROZEN at its first release. Running workflows replay this code; a change of the commands it makes is
 * a new protocol number beside it, never an edit.
 */
export async function protocol1(first: OpenLoadResult, requests: readonly LoadRequest[]): Promise<LoadReceipt> {
  listenForVerdicts();
  let result = first;
  for (let round = 1; ; round++) {
    if ('receipt' in result) return conclude(result, result.receipt);
    const { open } = result;
    const way: Way = {};
    indexOpen(
      result,
      open.pipeline,
      open.targets.map((t) => t.target),
    );
    try {
      return conclude(result, await carry(result, open, way));
    } catch (error) {
      const again = isLoadError(error, 'SchemaMoved') && round < maxRounds ? await reopen(requests) : { error };
      if ('error' in again) return await concludeFailed(result, open, way, again.error);
      result = again;
    }
  }
}

const maxRounds = 10;

/** Plans again for a table that has changed. What it cannot be loaded into any more ends the load as a failure does. */
async function reopen(requests: readonly LoadRequest[]): Promise<OpenLoadResult | { error: unknown }> {
  try {
    return await openLoad(requests);
  } catch (error) {
    return { error };
  }
}

/** How far a load has come: what it set out to load, and what was decided about it. */
interface Way {
  batches?: readonly BatchRef[] | undefined;
  verdict?: GivenVerdict | undefined;
}

/** From extract to publish, going back as far as a lost stage or an overlapping source makes necessary. */
async function carry(result: OpenLoadResult, open: OpenLoad, way: Way): Promise<LoadReceipt> {
  for (let round = 1; ; round++) {
    try {
      if (!way.batches) {
        const extracted = await extractAll(open);
        if (!Array.isArray(extracted)) return extracted;
        way.batches = extracted;
      }
      return await finish(result, open, await stageAll(open, way.batches, way.verdict), way);
    } catch (error) {
      if (round >= maxRounds) throw error;
      if (isLoadError(error, 'SourceOverlap') || isLoadError(error, 'SourceChanged')) way.batches = undefined;
      else if (!isLoadError(error, 'StageLost')) throw error;
    }
  }
}

async function extractAll(open: OpenLoad): Promise<BatchRef[] | LoadReceipt> {
  const batches: BatchRef[] = [];
  for (const index of open.targets.keys()) {
    const extracted = await extract(open, index);
    if ('outcome' in extracted) return extracted;
    batches.push(extracted);
  }
  return batches;
}

type Audited = readonly [AuditedStage, ...AuditedStage[]];

async function stageAll(open: OpenLoad, batches: readonly BatchRef[], verdict?: GivenVerdict): Promise<Audited> {
  const audited: AuditedStage[] = [];
  for (const [index, batch] of batches.entries())
    audited.push(await auditOrHold(open, await stage(open, batch, index), verdict));
  return audited as unknown as Audited;
}

/** Publishes what passed its contract. What did not waits for a verdict, and is audited again under it. */
async function finish(result: OpenLoadResult, open: OpenLoad, stages: Audited, way: Way): Promise<LoadReceipt> {
  let audited = stages;
  while (audited.some((s) => s.held)) {
    const verdict = await awaitVerdict(result, open, audited);
    way.verdict = verdict;
    // Once it is said, it is done: a cancel that comes later comes too late.
    if (verdict.verdict === 'reject')
      return CancellationScope.nonCancellable(() => reject(open, audited.map((s) => s.batch), verdict)); // prettier-ignore
    audited = await auditAgain(open, audited, verdict);
  }
  return publish(open, audited, way.verdict);
}

async function auditAgain(open: OpenLoad, stages: Audited, verdict: GivenVerdict): Promise<Audited> {
  const audited: AuditedStage[] = [];
  for (const { held, ...stage } of stages)
    audited.push(held ? await auditOrHold(open, stage as unknown as StageRef, verdict) : (stage as AuditedStage));
  return audited as unknown as Audited;
}

/** A run never ends failed while the ledger says applied: the commit may have arrived although its answer did not. */
async function concludeFailed(result: OpenLoadResult, open: OpenLoad, way: Way, error: unknown): Promise<LoadReceipt> {
  return CancellationScope.nonCancellable(async () => {
    // In this order: the fence that discard takes stops an attempt that froze before it could still publish.
    await discard(open).catch(() => undefined);
    const receipt = await settle(open, way.batches);
    if (receipt) return conclude(result, receipt);
    const failure = loadErrorOf(error);
    const code = failure?.type ?? (isCancellation(error) ? 'LoadCancelled' : 'Unexpected');
    tellFailure(open, code, failure?.message);
    indexOutcome(result, isCancellation(error) ? 'cancelled' : 'failed');
    throw error;
  });
}

function conclude(result: OpenLoadResult, receipt: LoadReceipt): LoadReceipt {
  if ('receipt' in result)
    indexOpen(
      result,
      receipt.pipeline,
      receipt.tables.map((t) => t.table),
    );
  indexOutcome(result, receipt.outcome);
  tellEnd(receipt);
  return receipt;
}
