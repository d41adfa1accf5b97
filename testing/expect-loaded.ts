import type { LoadReceipt, TableReceipt } from '../workflows/contract';

/** What {@link expectLoaded} compares. */
export interface ExpectedLoad extends Partial<Omit<TableReceipt, 'table' | 'mode' | 'checks'>> {
  /** @default 'loaded' */
  readonly outcome?: LoadReceipt['outcome'];
}

/**
 * Checks a receipt: its outcome, the counts you name over all its tables, and that every row read is accounted for.
 *
 * @throws an error that names every difference
 *
 * @example
 * ```ts
 * const env = await createTestEnvironment(config);
 * const receipt = await env.run<(input: { day: string }) => Promise<LoadReceipt>>('ordersDaily', { day: '2026-11-22' });
 * expectLoaded(receipt, { inserted: 2 });
 * ```
 */
export function expectLoaded(receipt: LoadReceipt, expected: ExpectedLoad = {}): void {
  const { outcome = 'loaded', ...counts } = expected;
  const total = (name: keyof typeof counts): number => receipt.tables.reduce((sum, t) => sum + t[name], 0);
  const names = Object.keys(counts) as (keyof typeof counts)[];
  const differences = names
    .filter((name) => total(name) !== counts[name])
    .map((name) => `${name}: expected ${counts[name]}, got ${total(name)}`);
  if (receipt.outcome !== outcome) differences.unshift(`outcome: expected ${outcome}, got ${receipt.outcome}`);
  differences.push(
    ...receipt.tables
      .filter((t) => t.read !== accounted(t))
      .map((t) => `${t.table}: ${t.read} rows read, ${accounted(t)} accounted for`),
  );
  if (differences.length) throw new Error(`The load is not as expected.\n  ${differences.join('\n  ')}`);
}

/** The invariant of a receipt: every row read ends in exactly one of these. */
export function accounted(t: TableReceipt): number {
  return t.duplicates + t.quarantined + t.inserted + t.updated + t.unchanged + t.stale + t.deleted;
}
