import { loadFailure } from '../../workflows/load-error';
import type { LoadIdentity } from '../../workflows/contract';
import { nextGeneration, type ClaimRow } from './claim-policy';
import { refuseWhileUnderWay } from './rollback-policy';

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
