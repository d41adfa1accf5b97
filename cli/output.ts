import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { batchText, bytes, count, elapsed, instant, rate } from './format';
import { fields, hang, paint, widthOf, type Field } from './terminal';
import { failedLines } from '../workflows/story-text';
import type { LoadReceipt, LoadWarning, TableReceipt } from '../workflows/contract';

/** What is known of a load beside its receipt. */
export interface ReceiptExtras {
  readonly elapsedMs?: number;
  readonly uiUrl?: string;
}

/** A receipt, to be read at a glance: the outcome, what became of the rows, what it was. */
export function renderReceipt(receipt: LoadReceipt, extras: ReceiptExtras = {}, columns = Infinity): string {
  const warned = receipt.warnings.map((warning) => renderWarning(warning, columns));
  const counts = receipt.adopted || receipt.outcome === 'rejected' ? '' : countsText(receipt.tables, columns);
  // What happened another time is not what happened now.
  const shown = receipt.outcome === 'already-loaded' ? paint.dim(stripVTControlCharacters(counts)) : counts;
  return [headline(receipt, columns), shown, facts(receipt, extras, columns), ...warned].filter(Boolean).join('\n\n');
}

function headline(receipt: LoadReceipt, columns: number): string {
  const { pipeline, tables } = receipt;
  const { words, note } = outcomeOf(receipt);
  const into = tables.length > 0 ? `${paint.dim(' → ')}${tables.map(({ table }) => paint.bold(table)).join(', ')}` : '';
  return [hang(`${words}  `, paint.bold(pipeline) + into, columns), ...(note ? [hang('  ', paint.dim(note), columns)] : [])].join('\n'); // prettier-ignore
}

function outcomeOf({ outcome, adopted }: LoadReceipt): { readonly words: string; readonly note: string | undefined } {
  if (!adopted) return outcomes[outcome];
  if (outcome === 'loaded')
    return { words: paint.green('✓ adopted'), note: 'It was loaded by hand: nothing was changed.' };
  return { ...outcomes[outcome], note: 'It was loaded by hand, and adopted: nothing was changed.' };
}

const outcomes = {
  loaded: { words: paint.green('✓ loaded'), note: undefined },
  'already-loaded': {
    words: paint.cyan('✓ already loaded'),
    note: 'This content is in the table: nothing was changed. The receipt is that of the first time.',
  },
  'nothing-to-load': { words: paint.cyan('✓ nothing to load'), note: 'The source holds no row that is not loaded.' },
  rejected: { words: paint.red('✗ rejected'), note: 'Nothing was published.' },
} as const;

function facts(receipt: LoadReceipt, { elapsedMs, uiUrl }: ReceiptExtras, columns: number): string {
  const { adopted, outcome, verdict, batch, cost, loadId, loadKey, generation, publishedAt, workflowId } = receipt;
  const entries: readonly Field[] = [
    ['took', elapsedMs === undefined ? undefined : speed(receipt, elapsedMs)],
    ['batch', batch.files > 0 || !adopted ? batchText(batch) : 'unknown'],
    [
      adopted ? 'adopted' : outcome === 'rejected' ? 'rejected' : 'published',
      publishedAt ? instant(publishedAt) : undefined,
    ],
    ['cost', cost && `${bytes(cost.estimatedBytes)} to read, as estimated`],
    ['rows', adopted && adopted.rows !== null ? `${count(adopted.rows)} in the table` : undefined],
    ['held for', verdict && failedLines(verdict.failed).join('; ')],
    ['verdict', verdict?.verdict],
    ['by', adopted?.by ?? verdict?.by],
    ['reason', adopted?.reason ?? verdict?.reason],
    ['load key', loadKey + (generation > 1 ? `, generation ${generation}` : '')],
    ['load id', loadId || undefined],
    ['workflow', workflowId === loadKey || adopted ? undefined : workflowId],
    ['Temporal UI', uiUrl],
    ['report', receipt.warnings.length > 0 && loadId ? `loadline loads report ${loadId}` : undefined],
  ];
  return fields(entries, '  ', columns);
}

function speed({ outcome, tables, batch }: LoadReceipt, elapsedMs: number): string {
  const rows = tables.reduce((sum, { read }) => sum + read, 0);
  // Of a handful of rows it tells nothing but how long starting takes.
  const meaningful = outcome === 'loaded' && elapsedMs > 0 && rows >= 1000;
  const perSecond = [`${rate(rows, elapsedMs)} rows/s`, `${bytes((batch.bytes / elapsedMs) * 1000)}/s`];
  return [elapsed(elapsedMs), ...(meaningful ? perSecond : [])].join(', ');
}

/** A warning, yellow, with its code first. */
export function renderWarning({ code, message }: LoadWarning, columns = Infinity): string {
  return hang(`${paint.yellow('!')} `, `${paint.yellow(code)}  ${message}`, columns);
}

type Count = Exclude<keyof TableReceipt, 'table' | 'mode' | 'checks'>;
const done: readonly Count[] = ['inserted', 'updated', 'deleted'];
const left: readonly Count[] = ['unchanged', 'stale', 'duplicates', 'removed'];

/** One table as a column of counts; several as a table where it fits, else one below the other. */
function countsText(tables: readonly TableReceipt[], columns: number): string {
  const [only] = tables;
  if (only === undefined) return '';
  if (tables.length === 1) return countsColumn(only, `rows read, by ${only.mode}`);
  const names = countNames(tables);
  const rows = tables.map((table) => [table.table, table.mode, ...names.map((name) => countText(name, table[name]))]);
  const wide = indented(renderTable(['', '', ...names], rows, 2));
  if (wide.split('\n').every((line) => widthOf(line) <= columns)) return wide;
  return tables.map((table) => `  ${table.table}\n${countsColumn(table, `rows read, by ${table.mode}`)}`).join('\n');
}

function countsColumn(table: TableReceipt, read: string): string {
  const names = countNames([table]);
  const numbers = names.map((name) => count(table[name]));
  const width = Math.max(...numbers.map((number) => number.length));
  return names
    .map((name, index) => {
      const number = countText(name, table[name], numbers[index]?.padStart(width));
      return `  ${number}  ${name === 'read' ? paint.dim(read) : table[name] === 0 ? paint.dim(name) : name}`;
    })
    .join('\n');
}

/** What every receipt names, and what happened besides. */
function countNames(tables: readonly TableReceipt[]): Count[] {
  const any = (name: Count): boolean => tables.some((table) => table[name] > 0);
  const always: readonly Count[] = ['read', 'inserted', 'updated', 'unchanged'];
  return [...(['read', ...done, ...left, 'quarantined'] as const).filter((name) => always.includes(name) || any(name))];
}

function countText(name: Count, value: number, text = count(value)): string {
  if (value === 0) return paint.dim(text);
  if (name === 'quarantined') return paint.bold(paint.yellow(text));
  return done.includes(name) ? paint.bold(paint.green(text)) : text;
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

/** A table without lines; columns from `numbersFrom` on are aligned to the right. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom = head.length,
): string {
  const table = new Table({
    head: head.map((name) => paint.dim(name)),
    colAligns: head.map((_, index) => (index < numbersFrom ? 'left' : 'right')),
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/ +$/gm, '');
}

const noLines = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].concat(
    ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ).map((name) => [name, '']),
); // prettier-ignore

/** The receipts in a workflow's result: one, a list, or none. */
export function receiptsIn(result: unknown): LoadReceipt[] {
  const all = Array.isArray(result) ? (result as unknown[]) : [result];
  return all.length > 0 && all.every(isReceipt) ? all : [];
}

function isReceipt(value: unknown): value is LoadReceipt {
  return typeof value === 'object' && value !== null && 'outcome' in value && 'loadKey' in value && 'tables' in value;
}
