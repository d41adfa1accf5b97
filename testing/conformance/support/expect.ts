import assert from 'node:assert/strict';
import { loadErrorOf, type LoadFailure } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { LoadReceipt, TableReceipt } from '../../../workflows/contract';

const parts = ['duplicates', 'quarantined', 'inserted', 'updated', 'unchanged', 'stale', 'deleted'] as const;

/** The counts of a receipt. */
export type CountName = (typeof parts)[number] | 'read' | 'removed';

/** The invariant of every receipt: each row that was read is counted once. Returns its argument. */
export function expectBalanced(receipt: LoadReceipt): LoadReceipt {
  for (const table of receipt.tables) {
    for (const count of [...parts, 'read', 'removed'] as const)
      assert.ok(Number.isInteger(table[count]) && table[count] >= 0, `${table.table}: ${count} is ${table[count]}`);
    const sum = parts.reduce((total, part) => total + table[part], 0);
    assert.equal(sum, table.read, `${table.table}: read ${table.read}, but the parts make ${sum}`);
  }
  return receipt;
}

/** The counts of a table that are not zero. */
export function countsOf(table: TableReceipt | undefined): Partial<Record<CountName, number>> {
  assert.ok(table, 'the receipt has no such table');
  const all = (['read', ...parts, 'removed'] as const).map((count) => [count, table[count]] as const);
  return Object.fromEntries(all.filter(([, n]) => n !== 0));
}

/** Expects a failure of one of these codes. Returns it. */
export async function expectFailure(
  work: Promise<unknown>,
  ...codes: readonly [LoadErrorCode, ...LoadErrorCode[]]
): Promise<LoadFailure> {
  const error = await work.then(
    (result) => assert.fail(`expected ${codes.join(' or ')}, but nothing failed: ${JSON.stringify(result)}`),
    (e: unknown) => e,
  );
  const failure = loadErrorOf(error);
  if (!failure) throw error;
  assert.ok(codes.includes(failure.type), `expected ${codes.join(' or ')}, got ${failure.type}: ${failure.message}`);
  return failure;
}

/** Everything that is kept of a failure: its message, facts, stack and causes. */
export function textOf(failure: unknown): string {
  if (!(failure instanceof Error)) return JSON.stringify(failure) ?? '';
  const { details } = failure as Partial<LoadFailure>;
  return [failure.message, failure.stack, JSON.stringify(details), textOf(failure.cause ?? null)].join('\n');
}

const pollMs = 20;

/** Waits until a condition holds. */
export async function until(what: string, look: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await look())) {
    assert.ok(Date.now() < end, `it was waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

/** What waits for nobody has ended by then, in a warehouse on a network too. */
const patienceMs = 3_000;

/** Waits until work has ended, well or badly, or has had so much time that it must be waiting for another. */
export async function endedOrWaiting(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((done) => (timer = setTimeout(done, patienceMs)));
  await Promise.race([work.catch(() => undefined), enough]);
  clearTimeout(timer);
}
