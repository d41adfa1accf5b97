import type { HoldInput, LoadReceipt, RejectInput } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';
import { readManifest } from './sources';

/** See `LoadActivities['loadline.hold']`. */
export function hold(deps: ActivityDeps, { open, held }: HoldInput): Promise<void> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, null, () => warehouse.hold(open, held));
}

/** See `LoadActivities['loadline.reject']`. */
export function reject(deps: ActivityDeps, { open, batches, verdict }: RejectInput): Promise<LoadReceipt> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, null, async ({ actor }) => {
    const manifests = batches.map((batch) => readManifest(deps.stateDir, batch, deps.batchStore).catch(() => null));
    const found = await Promise.all(manifests);
    const rejected = batches.map((batch, i) => ({ batch, manifest: found[i]! }));
    return warehouse.reject(open, rejected, verdict, actor);
  });
}
