import { count, instant, plural } from './format';
import { renderHeld } from './held-output';
import { renderReceipt, renderTable } from './output';
import { fields, paint, widthOf, type Field } from './terminal';
import type { LoadDetails, LoadSummary, RollbackReceipt } from '../activities/warehouses/warehouse';

export { isClosed } from '../activities/workflow-closed';
export { renderReceipt };

/** Loads, newest first: as a table where it fits, else each on lines of its own. */
export function renderLoads(loads: readonly LoadSummary[], columns = Infinity): string {
  if (loads.length === 0) return 'No loads yet.';
  // The workflow's id is the load key, unless somebody chose another.
  const own = loads.some(({ workflowId, loadKey }) => workflowId !== loadKey);
  const rows = loads.map((load) => [
    stateText(load),
    instant(load.claimedAt),
    String(load.generation),
    load.loadKey,
    ...(own ? [load.workflowId === load.loadKey ? '' : (load.workflowId ?? '')] : []),
  ]);
  const table = renderTable(['state', 'claimed', 'gen', 'load key', ...(own ? ['workflow'] : [])], rows);
  const fits = table.split('\n').every((line) => widthOf(line) <= columns);
  return fits ? table : loads.map(listed).join('\n');
}

function listed(load: LoadSummary): string {
  const again = load.generation > 1 ? `  generation ${load.generation}` : '';
  return `${stateText(load)}  ${paint.dim(instant(load.claimedAt) + again)}\n  ${load.loadKey}`;
}

/** One load with its receipts. */
export function renderLoad(load: LoadDetails, columns = Infinity): string {
  const entries: readonly Field[] = [
    ['state', stateText(load)],
    ['load key', load.loadKey],
    ['tables', load.targets.join(', ')],
    ['generation', String(load.generation)],
    ['fence', String(load.fence)],
    ['workflow', load.workflowId ?? undefined],
    ['claimed', instant(load.claimedAt)],
    ['renewed', instant(load.renewedAt)],
    ['stages', load.stages.length > 0 ? load.stages.join(', ') : undefined],
  ];
  const held = load.held ? [renderHeld(load.held, columns)] : [];
  return [fields(entries, '', columns), ...held, ...history(load, columns)].join('\n\n');
}

/** Everything that happened to a key, newest first: fences only grow. */
function history({ receipts, rollbacks, rejections }: LoadDetails, columns: number): string[] {
  return [
    ...[...receipts, ...rejections].map((receipt) => ({
      fence: receipt.fence,
      text: renderReceipt(receipt, {}, columns),
    })),
    ...rollbacks.map((rollback) => ({ fence: rollback.fence, text: renderRollback(rollback, columns) })),
  ]
    .sort((a, b) => b.fence - a.fence)
    .map(({ text }) => text);
}

/** How a load was rolled back. */
export function renderRollback(receipt: RollbackReceipt, columns = Infinity): string {
  const done = receipt.outcome === 'rolled-back' ? paint.green('✓ rolled back') : paint.cyan('✓ already rolled back');
  const rows = receipt.tables.map((t) => [t.table, t.mode, count(t.deleted), count(t.restored)]);
  const entries: readonly Field[] = [
    ['load', `${receipt.loadId}, generation ${receipt.generation}`],
    ['load key', receipt.loadKey],
    ['files', receipt.files > 0 ? `${plural(receipt.files, 'file')} may be loaded again` : undefined],
    ['at', instant(receipt.at)],
    ['by', receipt.by],
    ['reason', receipt.reason],
    ['next', "load it again with onChanged: 'reprocess' (--on-changed reprocess)"],
  ];
  return [
    `${done}  ${paint.bold(receipt.pipeline)}`,
    renderTable(['table', 'mode', 'taken out', 'put back'], rows, 2).replace(/^/gm, '  '),
    fields(entries, '  ', columns),
  ].join('\n\n');
}

/** What the sweeper dropped. */
export function renderSwept(dropped: readonly string[]): string {
  if (dropped.length === 0) return '✓ nothing to drop';
  return [
    `${paint.green('✓')} dropped ${plural(dropped.length, 'stage')}`,
    ...dropped.map((stage) => `  ${stage}`),
  ].join('\n');
}

function stateText({ state, live, adopted }: LoadSummary): string {
  const colour = {
    applied: paint.green,
    open: paint.cyan,
    held: paint.yellow,
    rejected: paint.red,
    'rolled-back': paint.yellow,
  }[state];
  const more = state === 'open' && !live ? ' (idle)' : state === 'applied' && adopted ? ' (adopted)' : '';
  return colour(state) + paint.dim(more);
}
