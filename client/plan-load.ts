import type { LoadIdentity, LoadReceipt, LoadRequest } from '../workflows/contract';
import { loadErrorOf } from '../workflows/load-error';
import type { ActivityDeps } from '../activities/deps';
import { listSource, loadSourceIdentity, resolveLoad, type ListedSource, type ResolvedLoad } from '../activities/loads';
import { allFilesDecided } from '../activities/open-load';
import { unknownContent } from '../activities/warehouses/adopt-policy';
import type { TargetPlan } from '../activities/warehouses/warehouse';

/** A file that a load would read. */
export interface PlannedFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a load would do, found without changing anything. */
export interface LoadPlan {
  readonly loadKey: string;
  readonly identity: LoadIdentity;
  readonly outcome: 'would-load' | 'already-loaded' | 'would-refuse' | 'in-progress';
  /** One sentence: why. */
  readonly reason: string;
  readonly files: readonly PlannedFile[];
  readonly targets: readonly TargetPlan[];
}

/** Finds what requests would do. Reads the source's listing, the catalogue and the ledger; hashes nothing. */
export async function planRequests(deps: ActivityDeps, requests: readonly LoadRequest[]): Promise<LoadPlan> {
  const load = await resolveLoad(deps, requests, new Date().toISOString());
  const base = {
    loadKey: load.loadKey,
    identity: load.identity,
    targets: await Promise.all(load.targets.map((target) => load.warehouse.plan(target))),
  };
  try {
    const listed = await Promise.all(load.targets.map((target) => listSource(deps, target)));
    const files = listed.flatMap((l) => l.files.map(({ path, bytes }) => ({ path, bytes })));
    return { ...base, files, ...(await outcomeOf(load, listed)) };
  } catch (error) {
    const failure = loadErrorOf(error);
    if (!failure) throw error;
    return { ...base, files: [], outcome: 'would-refuse', reason: failure.message };
  }
}

async function outcomeOf(
  load: ResolvedLoad,
  listed: readonly ListedSource[],
): Promise<Pick<LoadPlan, 'outcome' | 'reason'>> {
  const claim = await load.warehouse.summary(load.loadKey);
  if (claim?.live && claim.workflowId)
    return {
      outcome: 'in-progress',
      reason: `Workflow ${claim.workflowId} ${claim.state === 'held' ? 'is held for a verdict on' : 'is loading'} this key.`,
    };
  const ready = claim !== null || (await load.warehouse.list({ limit: 1 })).length > 0;
  const applied =
    load.identity === 'files'
      ? ready && (await allFilesDecided(load, listed))
      : await load.warehouse.applied(load.loadKey);
  if (applied === 'rejected') return { outcome: 'would-refuse', reason: 'All files were rejected.' };
  if (applied && load.identity === 'files') return { outcome: 'already-loaded', reason: 'All files are loaded.' };
  if (claim?.state === 'rejected' && load.onChanged !== 'reprocess')
    return { outcome: 'would-refuse', reason: 'A load of this key was rejected.' };
  if (!applied) return { outcome: 'would-load', reason: 'Nothing is applied under this load key.' };
  return changed(load, listed, applied);
}

async function changed(
  load: ResolvedLoad,
  listed: readonly ListedSource[],
  applied: LoadReceipt,
): Promise<Pick<LoadPlan, 'outcome' | 'reason'>> {
  const when = `generation ${applied.generation} of ${applied.publishedAt}`;
  const identity = loadSourceIdentity(load.targets, listed);
  if (identity !== null && identity === (await load.warehouse.appliedIdentity(load.loadKey))) {
    return { outcome: 'already-loaded', reason: `The source is that of ${when}.` };
  }
  if (load.identity === 'interval' && load.onChanged !== 'reprocess' && applied.batch.sha256 === unknownContent)
    return { outcome: 'would-refuse', reason: `Adopted without its files as ${when}: any would be BatchChanged.` };
  const says = `The source is not known to be that of ${when}; its content decides.`;
  if (load.identity === 'content' || load.onChanged === 'reprocess') return { outcome: 'would-load', reason: says };
  return {
    outcome: 'would-refuse',
    reason: `${says} Other content would be BatchChanged, equal content already-loaded.`,
  };
}
