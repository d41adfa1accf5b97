import { isLoadError, loadErrorOf, loadFailure } from '../workflows/load-error';
import type { BatchRef, StageInput, StageRef, StageRefFields } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';
import { readManifest } from './sources';
import { batchStoreName, openStateStore, stateStoreName } from './stores/state-store';
import type { Store } from './stores/store';

/** See `LoadActivities['loadline.stage']`. */
export function stage(deps: ActivityDeps, { open, index, batch }: StageInput): Promise<StageRef> {
  const warehouse = named(deps.warehouses, open.targets[index]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, { warehouse, open }, async (context) => {
    const manifest = await readManifest(deps.stateDir, batch, deps.batchStore).catch((error: unknown) => {
      throw open.targets[index]!.source.kind === 'files' ? extractedAgain(error, batch) : error;
    });
    const store = storeOf(deps, manifest.store);
    const staged = await warehouse.stage(open, index, { store, manifest }, context).catch((error: unknown) => {
      throw open.targets[index]!.source.kind === 'batch' ? goneForGood(error) : error;
    });
    const ref: StageRefFields = { index, ...staged, batch };
    return ref as StageRef;
  });
}

function storeOf(deps: ActivityDeps, name: string): Store {
  if (name === stateStoreName) return openStateStore(deps.stateDir);
  if (name !== batchStoreName) return named(deps.stores, name, 'UnknownStore');
  if (deps.batchStore) return deps.batchStore;
  throw loadFailure('InvalidConfig', {
    what: 'A batch lies in a batch store, and this worker has none.',
    object: 'batchStore',
    expected: 'the store that the worker which wrote the batch names',
    got: 'none',
    remedy: 'Name the same batchStore in the configuration of every worker.',
  });
}

/** Nothing lists the source of such a batch anew. */
function goneForGood(error: unknown): unknown {
  if (!isLoadError(error, 'SourceChanged')) return error;
  return loadFailure('BatchMissing', {
    what: 'A file of the batch is another one now, or is gone, and its store keeps no versions of it.',
    object: (loadErrorOf(error)?.details?.[0] as { object?: string } | undefined)?.object ?? 'a file of the batch',
    remedy:
      'Put the file back as it was, load what the source holds now, or have the bucket keep versions from now on.',
    cause: error,
  });
}

/** Another worker may have extracted, in a state folder of its own; the source still has what the manifest told. */
function extractedAgain(error: unknown, { manifest }: BatchRef): unknown {
  if (!isLoadError(error, 'BatchMissing')) return error;
  return loadFailure('SourceChanged', {
    what: 'The manifest that extract wrote is not in the state folder of this worker.',
    object: manifest,
    remedy:
      'Nothing to do: the source is extracted again. Workers that share a task queue do best to share the folder.',
    cause: error,
  });
}
