import { loadFailure } from '../workflows/load-error';
import type { LoadReceipt, OpenLoadFields, OpenLoad, OpenLoadInput, OpenLoadResult } from '../workflows/contract';
import type { ActivityDeps } from './deps';
import { listSource, loadSourceIdentity, resolveLoad, type ListedSource, type ResolvedLoad } from './loads';
import { runStep } from './run-step';

/** The protocol that this release emits. A release learns a number one minor before any emits it. */
export const emittedProtocol = 1;

/** See `LoadActivities['loadline.openLoad']`. */
export function openLoad(deps: ActivityDeps, { requests, nominalTime }: OpenLoadInput): Promise<OpenLoadResult> {
  return runStep(deps.buildId, null, async ({ actor }): Promise<OpenLoadResult> => {
    const searchAttributes = await deps.searchAttributes();
    const answer = (receipt: LoadReceipt): OpenLoadResult => ({ protocol: emittedProtocol, searchAttributes, receipt });
    const load = await resolveLoad(deps, requests, nominalTime);
    const { warehouse, loadKey, pipeline, identity, onChanged, targets } = load;
    const listed = await Promise.all(targets.map((target) => listSource(deps, target)));
    await warehouse.prepare();
    const known = identity === 'files' ? await allFilesDecided(load, listed) : null;
    if (known === 'rejected') throw filesRejected(loadKey);
    if (known) return answer(known);
    const claimed = await warehouse.claim({
      loadKey,
      pipeline,
      targets: targets.map((t) => t.target),
      identity,
      sourceIdentity: identity === 'files' ? null : loadSourceIdentity(targets, listed),
      onChanged,
      actor,
    });
    if ('receipt' in claimed) return answer(claimed.receipt);
    const open: OpenLoadFields = {
      protocol: emittedProtocol,
      loadKey,
      loadId: claimed.loadId,
      pipeline,
      generation: claimed.generation,
      fence: claimed.fence,
      identity,
      ...(load.interval && { interval: load.interval }),
      onChanged,
      targets,
    };
    return { protocol: emittedProtocol, searchAttributes, open: open as OpenLoad };
  });
}

/** The failure of a load that finds nothing but files that nobody wants. */
export const filesRejected = (loadKey: string): Error =>
  loadFailure('Rejected', { object: loadKey, loadKey, got: 'no files but those that were rejected' });

/** The receipt of the load that brought the last of these files, if a listing alone proves that none of them is new. */
export async function allFilesDecided(
  load: ResolvedLoad,
  listed: readonly ListedSource[],
): Promise<LoadReceipt | 'rejected' | null> {
  let lastLoadId: string | undefined;
  let files = 0;
  for (const [index, { files: found }] of listed.entries()) {
    const identities = found.map((f) => f.identity).filter((i) => i !== null);
    if (!found.length || identities.length < found.length) return null;
    const known = await load.warehouse.identitiesKnown(load.targets[index]!.target, identities);
    const isNew = (of: string | null | undefined): boolean =>
      !of && (of === undefined || load.onChanged === 'reprocess');
    if (identities.some((i) => isNew(known.get(i)))) return null;
    lastLoadId = identities.flatMap((i) => known.get(i) ?? []).at(-1) ?? lastLoadId;
    files += found.length;
  }
  if (lastLoadId === undefined) return files > 0 ? 'rejected' : null;
  const receipt = await load.warehouse.receipt(lastLoadId);
  return receipt && alreadyLoaded(receipt, files);
}

/** A receipt as a later run gets it. */
export function alreadyLoaded(receipt: LoadReceipt, filesSkipped: number): LoadReceipt {
  return { ...receipt, outcome: 'already-loaded', batch: { ...receipt.batch, filesSkipped } };
}
