import Table from 'cli-table3';
import { bytes, count, elapsed, instant, plural } from './format';
import { fields, paint } from './terminal';
import type { LoadReceipt, TableReceipt } from '../workflows/contract';

/** What is known of a load beside its receipt. */
export interface ReceiptExtras {
  readonly elapsedMs?: number;
  readonly uiUrl?: string;
}

const always = ['read', 'inserted', 'updated', 'unchanged'] as const;
const whenAny = ['stale', 'duplicates', 'quarantined', 'deleted', 'removed'] as const;

/** A receipt, to be read at a glance. */
export function renderReceipt(receipt: LoadReceipt, extras: ReceiptExtras = {}): string {
  const { batch, warnings } = receipt;
  const again = receipt.generation > 1 ? `, generation ${receipt.generation}` : '';
  const skipped = batch.filesSkipped > 0 ? `, ${plural(batch.filesSkipped, 'file')} loaded before` : '';
  const facts = fields([
    ['load key', receipt.loadKey + again],
    ['batch', `${plural(batch.files, 'file')}, ${bytes(batch.bytes)}${skipped}`],
    ['published', receipt.publishedAt ? instant(receipt.publishedAt) : undefined],
    ['took', extras.elapsedMs === undefined ? undefined : speed(receipt, extras.elapsedMs)],
    ['workflow', receipt.workflowId === receipt.loadKey ? undefined : receipt.workflowId],
    ['Temporal UI', extras.uiUrl],
  ]);
  const warned = warnings.map(({ code, message }) => `${paint.yellow('!')} ${code}  ${message}`);
  return [headline(receipt), ...(receipt.tables.length ? [countsTable(receipt.tables)] : []), facts, ...warned].join(
    '\n',
  );
}

function headline({ outcome, pipeline }: LoadReceipt): string {
  const words = {
    loaded: paint.green('✓ loaded'),
    'already-loaded': paint.green('✓ already loaded') + paint.dim(' (nothing was changed; this is the first receipt)'),
    'nothing-to-load': paint.green('✓ nothing to load'),
    rejected: paint.red('✗ rejected'),
  };
  return `${words[outcome]}  ${paint.bold(pipeline)}`;
}

function countsTable(tables: readonly TableReceipt[]): string {
  const names = [...always, ...whenAny.filter((name) => tables.some((table) => table[name] > 0))];
  const rows = tables.map((table) => [table.table, table.mode, ...names.map((name) => count(table[name]))]);
  return renderTable(['table', 'mode', ...names], rows, 2);
}

/** A table; columns from `numbersFrom` on are aligned to the right. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom = head.length,
): string {
  const table = new Table({
    head: head.map((name) => paint.dim(name)),
    colAligns: head.map((_, index) => (index < numbersFrom ? 'left' : 'right')),
    style: { head: [], border: paint.isColorSupported ? ['gray'] : [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function speed({ outcome, tables }: LoadReceipt, elapsedMs: number): string {
  const rows = tables.reduce((sum, { read }) => sum + read, 0);
  // Of a handful of rows it tells nothing but how long starting takes.
  const meaningful = outcome === 'loaded' && elapsedMs > 0 && rows >= 1000;
  return `${elapsed(elapsedMs)}${meaningful ? `, ${count((rows / elapsedMs) * 1000)} rows/s` : ''}`;
}

/** The receipts in a workflow's result: one, a list, or none. */
export function receiptsIn(result: unknown): LoadReceipt[] {
  const all = Array.isArray(result) ? (result as unknown[]) : [result];
  return all.length > 0 && all.every(isReceipt) ? all : [];
}

function isReceipt(value: unknown): value is LoadReceipt {
  return typeof value === 'object' && value !== null && 'outcome' in value && 'loadKey' in value && 'tables' in value;
}
