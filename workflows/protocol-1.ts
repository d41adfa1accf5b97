import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { isLoadError, loadErrorOf } from './load-error';
import { audit, discard, extract, openLoad, publish, settle, stage } from './steps';
import { indexOpen, indexOutcome, tellEnd, tellFailure } from './story';
import type { AuditedStage, BatchRef, LoadReceipt, LoadRequest, OpenLoad, OpenLoadResult } from './contract';

/**
 * Protocol 1: FROZEN at its first release. Running workflows replay this code; a change of the commands it makes is
 * a new protocol number beside it, never an edit.
 */
export async function protocol1(first: OpenLoadResult, requests: readonly LoadRequest[]): Promise<LoadReceipt> {
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
      return conclude(result, await carry(open, way));
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

/** How far a load has come: what it set out to load. */
interface Way {
  batches?: readonly BatchRef[] | undefined;
}

/** From extract to publish, going back as far as a lost stage or an overlapping source makes necessary. */
async function carry(open: OpenLoad, way: Way): Promise<LoadReceipt> {
  for (let round = 1; ; round++) {
    try {
      if (!way.batches) {
        const extracted = await extractAll(open);
        if (!Array.isArray(extracted)) return extracted;
        way.batches = extracted;
      }
      return await publish(open, await stageAll(open, way.batches));
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

async function stageAll(open: OpenLoad, batches: readonly BatchRef[]): Promise<[AuditedStage, ...AuditedStage[]]> {
  const audited: AuditedStage[] = [];
  for (const [index, batch] of batches.entries()) audited.push(await audit(open, await stage(open, batch, index)));
  return audited as [AuditedStage, ...AuditedStage[]];
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
