import {
  CancellationScope,
  ChildWorkflowCancellationType,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { activityOptions } from './activity-options';
import { receiptsIn, type CanaryInput, type CanaryResult, type CanaryRun } from './canary-run';
import { load } from './load';
import type { LoadActivities, LoadReceipt } from './contract';

function call<A extends 'loadline.writeCanary' | 'loadline.inspectCanary' | 'loadline.removeCanary'>(
  name: A,
  summary: string,
): LoadActivities[A] {
  return proxyActivities<LoadActivities>({ ...activityOptions[name], summary })[name];
}

/**
 * A ready workflow that `loadline deploy` pins to a new build: it runs a fixture twice, against scratch tables, and tells
 * what became of it. The second run must change nothing.
 */
export async function runCanary(input: CanaryInput = {}): Promise<CanaryResult> {
  if (input.probe) return { runs: [] };
  const remove = (): Promise<void> => call('loadline.removeCanary', 'Drop the scratch tables')({});
  await remove();
  try {
    return { runs: [await runOnce(input, 'first'), await runOnce(input, 'second')] };
  } finally {
    await CancellationScope.nonCancellable(remove);
  }
}

async function runOnce({ workflow, input, load: request }: CanaryInput, name: string): Promise<CanaryRun> {
  const [type, args] =
    workflow !== undefined
      ? [workflow, input === undefined ? [] : [input]]
      : request !== undefined
        ? ['loadTable', [request]]
        : ['canaryLoad', []];
  const workflowId = `${workflowInfo().workflowId}/${name}`;
  const child = await startChild(type, {
    workflowId,
    args,
    staticSummary: `Canary, ${name} run`,
    // One whose code fails does not answer; it ends with the canary.
    cancellationType: ChildWorkflowCancellationType.TRY_CANCEL,
  });
  const loads = receiptsIn(await child.result());
  const { tables } = await call('loadline.inspectCanary', `Look at the scratch tables after the ${name} run`)({});
  return { workflowId, runId: child.firstExecutionRunId, loads, tables };
}

/** A ready workflow that loads a few rows of every common type into a scratch table of each warehouse. */
export async function canaryLoad(): Promise<LoadReceipt[]> {
  const { loads } = await call('loadline.writeCanary', 'Write the rows of the canary')({});
  const receipts: LoadReceipt[] = [];
  for (const request of loads) receipts.push(await load(request));
  return receipts;
}
