import { proxyActivities } from '@temporalio/workflow';
import { activityOptions } from './activity-options';
import { load } from './load';
import type { LoadActivities, LoadReceipt, RetryQuarantineInput } from './contract';

/**
 * A ready workflow that loads rows of a load that were set aside, exactly once: in the mode and under the pipeline of that
 * load, as a load of its own. Its publish transaction marks the rows as repaired by it; rows that break the contract again
 * are set aside again, under the new load.
 *
 * @throws `NotRetryable`, `RowDecided`, `LoadNotFound`, and whatever `load` throws
 *
 * @example
 * ```sh
 * temporal workflow start --type retryQuarantine --task-queue loadline --workflow-id again --input '{
 *   "load": "5f0c8c1c2e3a4b5d6e7f8091", "by": "ann", "reason": "the range was wrong" }'
 * ```
 */
export async function retryQuarantine(input: RetryQuarantineInput): Promise<LoadReceipt> {
  const summary = `Take the rows that ${String(input?.load)} set aside`.slice(0, 200);
  const options = { ...activityOptions['loadline.writeQuarantined'], summary };
  const taken = await proxyActivities<LoadActivities>(options)['loadline.writeQuarantined'](input);
  return 'receipt' in taken ? taken.receipt : load(taken.request);
}
