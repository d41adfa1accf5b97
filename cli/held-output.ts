import { instant, plural, shellWord } from './format';
import { fields, hang, paint, type Field } from './terminal';
import { failedText, notOffered } from '../workflows/story-text';
import type { HeldLoad, VerdictInput } from '../workflows/contract';
import type { WaitingLoad } from '../client/decide-load';

export { decideLoad, waitingIn, waitingLoads } from '../client/decide-load';
export { requireWorker } from './polling-workers';

/** Loads that wait, each with what failed and how long it waits. */
export function renderWaiting(held: readonly WaitingLoad[], columns = Infinity): string {
  if (held.length === 0) return '✓ nothing is held';
  return held.map((load) => renderWaitingLoad(load, columns)).join('\n\n');
}

function renderWaitingLoad({ held, workflowId, loadKey }: WaitingLoad, columns: number): string {
  return [
    `${paint.yellow('⏸ held')}  ${paint.bold(loadKey)}`,
    ...failedLines(held, columns),
    fields([...deadline(held), ['workflow', workflowId === loadKey ? undefined : (workflowId ?? undefined)]], '  ', columns), // prettier-ignore
  ].join('\n');
}

/** One held load: what failed, until when it waits, and how to decide. */
export function renderHeld(held: HeldLoad, columns = Infinity): string {
  const commands = held.choices.map((choice) => `  loadline held ${choice} ${shellWord(held.loadKey)} --reason 'why'`);
  return [
    hang(
      `${paint.yellow('⏸ held')}  `,
      `${paint.bold(tablesOf(held))}: its contract failed, and nothing is published.`,
      columns,
    ),
    failedLines(held, columns).join('\n'),
    fields([...deadline(held), ['load key', held.loadKey], ['report', `loadline loads report ${shellWord(held.loadKey)}`]], '  ', columns), // prettier-ignore
    [hang(`${paint.cyan('→')} `, 'Decide with one of:', columns), ...commands].join('\n'),
  ].join('\n\n');
}

/** What somebody has decided just now. */
export function renderGiven({ verdict, loadKey, by, reason }: Required<VerdictInput>, columns = Infinity): string {
  const done = { release: 'released', quarantine: 'quarantined', reject: 'rejected' }[verdict];
  const entries: readonly Field[] = [['by', by], ['reason', reason], ['next', `loadline loads show ${shellWord(loadKey)}`]]; // prettier-ignore
  return [`${paint.green('✓')} ${done}  ${paint.bold(loadKey)}`, fields(entries, '  ', columns)].join('\n\n');
}

const tablesOf = ({ failed }: HeldLoad): string => failed.map(({ table }) => table).join(', ');

const deadline = ({ until, then }: HeldLoad): Field[] => [['until', `${instant(until)}, then: ${then}`]];

function failedLines({ failed }: HeldLoad, columns: number): string[] {
  return failed.flatMap((table) => [
    ...(failed.length > 1 ? [`  ${table.table}, ${plural(table.rows, 'row')}`] : []),
    ...table.checks.map((check) => hang(`  ${paint.red('✗')} `, failedText(check), columns)),
    ...notOffered([table]).map((line) => hang(`  ${paint.yellow('!')} `, line, columns)),
  ]);
}
