import { count, instant, plural } from './format';
import { renderTable } from './output';
import { fields, hang, paint, widthOf, type Field } from './terminal';
import type { QuarantineDetails, QuarantinedRow, QuarantineSummary } from '../activities/warehouses/quarantine';

/** What is set aside, newest first: as a table where it fits, else each on lines of its own. */
export function renderQuarantined(found: readonly QuarantineSummary[], columns = Infinity): string {
  if (found.length === 0) return 'No rows are set aside.';
  const rows = found.map((f) => [f.loadId, instant(f.quarantinedAt), f.table, statesOf(f), reasonsOf(f)]);
  const table = renderTable(['load id', 'set aside', 'table', 'rows', 'reasons'], rows);
  if (table.split('\n').every((line) => widthOf(line) <= columns)) return table;
  return found.map((f) => listed(f, columns)).join('\n');
}

function listed(found: QuarantineSummary, columns: number): string {
  const head = `${paint.bold(found.loadId)}  ${paint.dim(instant(found.quarantinedAt))}  ${found.table}`;
  return [head, hang('  ', [statesOf(found), reasonsOf(found)].filter(Boolean).join('; '), columns)].join('\n');
}

function statesOf({ open, repaired, discarded, superseded }: QuarantineSummary): string {
  const states = { open, repaired, discarded, superseded };
  const told = Object.entries(states).filter(([, rows]) => rows > 0);
  return told.map(([state, rows]) => (state === 'open' ? paint.yellow(`${count(rows)} open`) : `${count(rows)} ${state}`)).join(', '); // prettier-ignore
}

const reasonsOf = ({ reasons }: QuarantineSummary): string =>
  reasons.map(({ reason, rows }) => `${reason}: ${count(rows)}`).join('; ');

/** The rows of a load: why each was set aside, and what it holds where that was asked for. */
export function renderRows({ loadId, loadKey, total, rows }: QuarantineDetails, columns = Infinity): string {
  const more = total > rows.length ? `${count(rows.length)} of ${plural(total, 'row')}` : plural(total, 'row');
  const [first] = rows;
  const facts: readonly Field[] = [
    ['load', loadId],
    ['load key', loadKey],
    ['rows', more],
    ['columns', first?.columns.join(', ')],
    ['masked', first?.masked.length ? first.masked.join(', ') : undefined],
  ];
  const shown = rows.some((row) => row.values) ? rows.map((row) => valued(row, columns)) : unvalued(rows);
  return [fields(facts, '', columns), ...shown].join('\n\n');
}

function unvalued(rows: readonly QuarantinedRow[]): string[] {
  if (rows.length === 0) return [];
  const told = rows.map((row) => [row.id, row.state, row.reasons.join('; '), decisionOf(row)]);
  return [renderTable(['row', 'state', 'reasons', ''], told)];
}

function valued(row: QuarantinedRow, columns: number): string {
  const entries = Object.entries(row.values ?? {}).map(([name, value]): Field => [name, value ?? paint.dim('null')]);
  const head = [paint.bold(row.id), row.state, row.reasons.join('; '), decisionOf(row)].filter(Boolean).join('  ');
  return [head, fields(entries, '  ', columns)].join('\n');
}

function decisionOf({ decision }: QuarantinedRow): string {
  if (!decision) return '';
  const load = decision.loadId === undefined ? '' : ` by load ${decision.loadId}`;
  return paint.dim(`${instant(decision.at)}${load}, ${decision.by}: ${decision.reason}`);
}

/** How many rows were exported, and which were not. */
export function renderExported(rows: number, masked: number, columns: number): string {
  const told = `${paint.green('✓')} exported ${plural(rows, 'row')}`;
  if (masked === 0) return told;
  const why = `${plural(masked, 'row')} with masked values left out: they can only be loaded from the source, or discarded.`;
  return [told, hang(`${paint.yellow('!')} `, why, columns)].join('\n');
}

/** What was discarded. */
export const renderDiscarded = ({ loadId, rows }: { readonly loadId: string; readonly rows: number }): string =>
  rows === 0 ? `✓ no open row of ${loadId}` : `${paint.green('✓ discarded')}  ${plural(rows, 'row')} of ${loadId}`;
