import type { LoadReceipt, TableReceipt } from '../../../workflows/contract';

const parts = ['duplicates', 'quarantined', 'inserted', 'updated', 'unchanged', 'stale', 'deleted'] as const;

/** The invariant of every receipt: each row that was read is accounted for once. Returns its argument. */
export function expectBalanced(receipt: LoadReceipt): LoadReceipt {
  for (const table of receipt.tables) {
    for (const count of [...parts, 'read', 'removed'] as const) {
      if (!Number.isInteger(table[count]) || table[count] < 0)
        throw new Error(`${table.table}: ${count} is ${table[count]}`);
    }
    const sum = parts.reduce((total, part) => total + table[part], 0);
    if (sum !== table.read)
      throw new Error(`${table.table}: read ${table.read}, but its parts make ${sum}: ${JSON.stringify(table)}`);
  }
  return receipt;
}

/** The counts of a table that are not zero. */
export function countsOf(table: TableReceipt | undefined): Partial<TableReceipt> {
  if (!table) throw new Error('the receipt has no such table');
  return Object.fromEntries(
    ['read', ...parts, 'removed'].map((c) => [c, table[c as keyof TableReceipt]]).filter(([, n]) => n !== 0),
  );
}
