import type { StageInput, StageRef, StageRefFields } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';
import { readManifest } from './sources';
import { openStateStore, stateStoreName } from './stores/state-store';

/** See `LoadActivities['loadline.stage']`. */
export function stage(deps: ActivityDeps, { open, index, batch }: StageInput): Promise<StageRef> {
  const warehouse = named(deps.warehouses, open.targets[index]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, { warehouse, open }, async (context) => {
    const manifest = await readManifest(deps.stateDir, batch);
    const store =
      manifest.store === stateStoreName
        ? openStateStore(deps.stateDir)
        : named(deps.stores, manifest.store, 'UnknownStore');
    const staged = await warehouse.stage(open, index, { store, manifest }, context);
    const ref: StageRefFields = { index, ...staged, batch };
    return ref as StageRef;
  });
}
