import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import type { LoadIdentity, LoadReceipt } from '../../workflows/contract';
import { nextGeneration, type ClaimRow } from './claim-policy';
import { batchFacts, untouched } from './receipts';
import { refuseWhileUnderWay } from './rollback-policy';
import type { AdoptionRequest } from './warehouse';

/** The hash of content of which nothing is known: no content has it. */
export const unknownContent = 'unknown';

/** Other content cannot take the place of rows that nobody can tell from the table's others: they would double. */
export function adoptedAppend(loadKey: string, target: string): Error {
  return loadFailure('NotReversible', {
    object: loadKey,
    loadKey,
    got: `append into ${target}, whose rows of this key were adopted: nobody knows which they are`,
    remedy: 'Load the new content under a key of its own.',
  });
}

/**
 * Decides whether a load key can be adopted, as which generation, and by which fence: whoever froze under an older one
 * cannot publish any more.
 *
 * @throws `LoadInProgress`, `LoadApplied`
 */
export function decideAdoption(
  row: ClaimRow,
  { loadKey, identity }: { readonly loadKey: string; readonly identity: LoadIdentity },
): { readonly generation: number; readonly fence: number } {
  refuseWhileUnderWay(row, loadKey);
  // With files the key is that of all of them: each file is adopted once.
  if (row.appliedGeneration !== null && identity !== 'files')
    throw loadFailure('LoadApplied', { object: loadKey, loadKey, got: `generation ${row.appliedGeneration}` });
  return { generation: nextGeneration(row), fence: row.fence + 1 };
}

/** Nobody tries again by itself: it is for a person to do. */
export function retold(error: unknown, object: string): unknown {
  const code = loadErrorOf(error)?.type;
  if (code === 'CommitOutcomeUnknown')
    return loadFailure(code, { object, remedy: 'Run it again: LoadApplied says that the commit has arrived.' });
  if (code === 'SourceOverlap') return loadFailure(code, { object, remedy: 'Run it again: they are left out.' });
  return error;
}

/** The receipt of an adoption, save for its place. */
export function adoptionReceipt(
  { loadKey, pipeline, protocol, interval, targets, batches, actor, by }: AdoptionRequest,
  rows: number | null,
): Omit<LoadReceipt, 'loadId' | 'generation' | 'fence' | 'publishedAt'> {
  const refs = batches.map((b) => b.batch);
  const { workflowId, runId, buildId } = actor;
  return {
    outcome: 'loaded',
    loadKey,
    pipeline,
    protocol,
    reversible: false,
    adopted: { ...by, rows },
    ...(interval && { interval }),
    tables: targets.map(untouched),
    batch: batchFacts(targets, refs),
    workflowId,
    runId,
    buildId,
    warnings: [],
  };
}
