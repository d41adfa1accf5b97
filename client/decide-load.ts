import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HeldLoad, LoadVerdict, VerdictInput } from '../workflows/contract';
import { loadFailure } from '../workflows/load-error';
import type { LoadDetails, SignedBy, Warehouse } from '../activities/warehouses/warehouse';

/** A load that waits for a verdict, and what for. */
export interface WaitingLoad extends LoadDetails {
  readonly held: HeldLoad;
}

/** The loads that wait for a verdict in a warehouse, newest first. */
export async function waitingLoads(warehouse: Warehouse, limit = 1000): Promise<WaitingLoad[]> {
  const found = await warehouse.list({ state: 'held', limit });
  const details = await Promise.all(found.map(({ loadKey }) => warehouse.show(loadKey)));
  // A verdict that has come meanwhile is no reason to show half of it.
  return details.filter((load): load is WaitingLoad => load.held !== null);
}

/** The load that waits under a key, or in a workflow. @throws `VerdictRefused` when there is none, or several */
export async function waitingIn(warehouses: readonly Warehouse[], loadKeyOrWorkflowId: string): Promise<WaitingLoad> {
  const waiting = (await Promise.all(warehouses.map((warehouse) => waitingLoads(warehouse)))).flat();
  const found = waiting.filter((l) => l.loadKey === loadKeyOrWorkflowId || l.workflowId === loadKeyOrWorkflowId);
  const [load, ...more] = found;
  if (!load)
    throw loadFailure('VerdictRefused', { object: loadKeyOrWorkflowId, expected: 'a load that is held', got: 'none' });
  if (more.length)
    throw loadFailure('VerdictRefused', {
      object: loadKeyOrWorkflowId,
      expected: 'one load',
      got: `${found.length} of this workflow that are held`,
      remedy: `Name one by its load key: ${found.map((l) => l.loadKey).join(', ')}`,
    });
  return load;
}

/** Sends a verdict to the run that waits for it. Resolves once it is recorded there. @throws `VerdictRefused` */
export async function decideLoad(
  temporal: Client,
  { loadKey, workflowId }: WaitingLoad,
  verdict: LoadVerdict,
  { by, reason }: SignedBy,
): Promise<Required<VerdictInput>> {
  const input: Required<VerdictInput> = { verdict, by, reason, loadKey };
  try {
    const handle = temporal.workflow.getHandle(workflowId ?? loadKey);
    return await handle.executeUpdate<Required<VerdictInput>, [VerdictInput]>('verdict', { args: [input] });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw loadFailure('VerdictRefused', {
      object: loadKey,
      loadKey,
      expected: `the workflow ${workflowId} that waits`,
      got: 'one that has ended',
      remedy: `Free the key with \`loadline loads abandon '${loadKey}'\`, and load it again.`,
    });
  }
}
