import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { instant, plural } from './format';
import { renderReceipt, renderTable } from './output';
import { fields, paint } from './terminal';
import type { LoadDetails, LoadSummary } from '../activities/warehouses/warehouse';

/** Loads as a table, newest first. */
export function renderLoads(loads: readonly LoadSummary[]): string {
  if (loads.length === 0) return 'No loads yet.';
  // The workflow's id is the load key, unless somebody chose another.
  const own = loads.some(({ workflowId, loadKey }) => workflowId !== loadKey);
  const rows = loads.map((load) => [
    stateText(load),
    load.loadKey,
    String(load.generation),
    instant(load.claimedAt),
    ...(own ? [load.workflowId === load.loadKey ? '' : (load.workflowId ?? '')] : []),
  ]);
  return renderTable(['state', 'load key', 'gen', 'claimed', ...(own ? ['workflow'] : [])], rows);
}

/** One load with its receipts. */
export function renderLoad(load: LoadDetails): string {
  const facts = fields([
    ['state', stateText(load)],
    ['load key', load.loadKey],
    ['tables', load.targets.join(', ')],
    ['generation', String(load.generation)],
    ['fence', String(load.fence)],
    ['workflow', load.workflowId ?? undefined],
    ['claimed', instant(load.claimedAt)],
    ['renewed', instant(load.renewedAt)],
    ['stages', load.stages.length > 0 ? load.stages.join(', ') : undefined],
  ]);
  return [facts, ...load.receipts.map((receipt) => renderReceipt(receipt))].join('\n\n');
}

/** What the sweeper dropped. */
export function renderSwept(dropped: readonly string[]): string {
  if (dropped.length === 0) return '✓ nothing to drop';
  return [
    `${paint.green('✓')} dropped ${plural(dropped.length, 'stage')}`,
    ...dropped.map((stage) => `  ${stage}`),
  ].join('\n');
}

const closed: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'CONTINUED_AS_NEW', 'TIMED_OUT'];

/** Whether a workflow run has ended, or is so old that Temporal has forgotten it. */
export async function isClosed(client: Client, workflowId: string, runId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    return closed.includes(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

function stateText({ state, live }: LoadSummary): string {
  const colour = {
    applied: paint.green,
    open: paint.cyan,
    held: paint.yellow,
    rejected: paint.red,
    'rolled-back': paint.yellow,
  }[state];
  return colour(state) + (state === 'open' && !live ? paint.dim(' (no sign of life)') : '');
}
