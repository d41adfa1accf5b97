import type { LoadMode } from '../../../workflows/contract';
import type { CountName } from './expect';

/** A row of `id`, `v` and `at`; what is missing is `null`. Times are in one form, so that text compares as they do. */
export type ModelRow = readonly [id: string, v: string | null, at: string | null];

/** How a batch is loaded. */
export interface ModelLoad {
  readonly mode: LoadMode;
  /** Whether `at` decides which of two rows with one key wins. */
  readonly newest: boolean;
  /** The day whose partition is replaced, such as `2026-01-01`. */
  readonly day?: string;
}

/** What a load leaves and tells. */
export interface ModelResult {
  readonly table: readonly ModelRow[];
  readonly counts: Partial<Record<CountName, number>>;
}

const same = (a: ModelRow, b: ModelRow): boolean => a.every((value, i) => value === b[i]);
/** NULL is older than any time. */
const older = (a: ModelRow, b: ModelRow): boolean => b[2] !== null && (a[2] === null || a[2] < b[2]);

/** Says what a load must do, without any database: written from the documentation of the modes, not from an adapter. */
export function modelLoad(table: readonly ModelRow[], batch: readonly ModelRow[], load: ModelLoad): ModelResult {
  const rows = withoutDuplicates(batch, load.newest);
  const known = new Map(table.map((row) => [row[0], row]));
  const counts = { read: batch.length, duplicates: batch.length - rows.length };
  switch (load.mode) {
    case 'append':
      return { table: [...table, ...rows], counts: told({ ...counts, inserted: rows.length }) };
    case 'insert-only': {
      const fresh = rows.filter((row) => !known.has(row[0]));
      return {
        table: [...table, ...fresh],
        counts: told({ ...counts, inserted: fresh.length, unchanged: rows.length - fresh.length }),
      };
    }
    case 'merge':
      return merged(rows, known, counts, load.newest);
    case 'replace':
      return { table: rows, counts: told({ ...counts, removed: table.length, inserted: rows.length }) };
    case 'replace-partition': {
      const left = table.filter((row) => row[2]?.slice(0, 10) !== load.day);
      return {
        table: [...left, ...rows],
        counts: told({ ...counts, removed: table.length - left.length, inserted: rows.length }),
      };
    }
  }
}

function merged(
  rows: readonly ModelRow[],
  known: Map<string, ModelRow>,
  start: Partial<Record<CountName, number>>,
  newest: boolean,
): ModelResult {
  const counts = { ...start, inserted: 0, updated: 0, unchanged: 0, stale: 0 };
  for (const row of rows) {
    const there = known.get(row[0]);
    if (!there) counts.inserted++;
    else if (same(row, there)) counts.unchanged++;
    else if (newest && older(row, there)) counts.stale++;
    else counts.updated++;
    if (!there || !(newest && older(row, there))) known.set(row[0], row);
  }
  return { table: [...known.values()], counts: told(counts) };
}

/** One row for each key: of equal ones any, else the newest. */
function withoutDuplicates(batch: readonly ModelRow[], newest: boolean): ModelRow[] {
  const found = new Map<string, ModelRow>();
  for (const row of batch) {
    const other = found.get(row[0]);
    if (other && !same(other, row) && !newest) throw new Error('the batch contradicts itself');
    if (!other || older(other, row)) found.set(row[0], row);
  }
  return [...found.values()];
}

const told = (counts: Partial<Record<CountName, number>>): Partial<Record<CountName, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));

/** Numbers that look random and are the same in every run. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
