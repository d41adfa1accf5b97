import type { DiscardInput, SettleInput, SettleResult } from '../workflows/contract';
import { isLoadError, loadErrorOf } from '../workflows/load-error';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';

/** See `LoadActivities['loadline.settle']`. Reads only. */
export async function settle(deps: ActivityDeps, { open, sha256 }: SettleInput): Promise<SettleResult> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  try {
    return await runStep(deps.buildId, null, async ({ actor }) => ({
      receipt: await warehouse.settle(open, sha256, actor),
    }));
  } catch (error) {
    throw askedAgain(error);
  }
}

/**
 * A run must not end failed while the ledger may say applied: a password that was changed meanwhile, or a right that was
 * taken away, is waited for. With the database the ledger is gone, and what it said.
 */
function askedAgain(error: unknown): unknown {
  const answered = loadErrorOf(error) === undefined || isLoadError(error, 'DatabaseNotFound');
  return answered ? error : Object.assign(error as Error, { nonRetryable: false });
}

/** See `LoadActivities['loadline.discard']`. */
export function discard(deps: ActivityDeps, { open }: DiscardInput): Promise<void> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, null, () => warehouse.discard(open));
}
