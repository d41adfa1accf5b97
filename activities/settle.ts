import type { DiscardInput, SettleInput, SettleResult } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';

/** See `LoadActivities['loadline.settle']`. Reads only. */
export function settle(deps: ActivityDeps, { open, sha256 }: SettleInput): Promise<SettleResult> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, null, async ({ actor }) => ({ receipt: await warehouse.settle(open, sha256, actor) }));
}

/** See `LoadActivities['loadline.discard']`. */
export function discard(deps: ActivityDeps, { open }: DiscardInput): Promise<void> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, null, () => warehouse.discard(open));
}
