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
    const known = identity === 'files' ? await allFilesLoaded(load, listed) : null;
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

/** The receipt of the load that brought the last of these files, if a listing alone proves that all are loaded. */
export async function allFilesLoaded(load: ResolvedLoad, listed: readonly ListedSource[]): Promise<LoadReceipt | null> {
  let lastLoadId: string | undefined;
  let files = 0;
  for (const [index, { files: found }] of listed.entries()) {
    const identities = found.map((f) => f.identity).filter((i) => i !== null);
    if (!found.length || identities.length < found.length) return null;
    const loaded = await load.warehouse.identitiesLoaded(load.targets[index]!.target, identities);
    if (identities.some((i) => !loaded.has(i))) return null;
    lastLoadId = loaded.get(identities.at(-1)!);
    files += found.length;
  }
  const receipt = lastLoadId === undefined ? null : await load.warehouse.receipt(lastLoadId);
  return receipt && alreadyLoaded(receipt, files);
}

/** A receipt as a later run gets it. */
export function alreadyLoaded(receipt: LoadReceipt, filesSkipped: number): LoadReceipt {
  return { ...receipt, outcome: 'already-loaded', batch: { ...receipt.batch, filesSkipped } };
}
