import { verdictOf, type Check, type CheckOf, type Verdict } from '../../workflows/checks';
import type { TableContract } from '../../workflows/table-contract';
import { parseDuration } from '../duration';
import { duckText } from '../sources/duck';
import { duplicatesSql, onceSql, repeatedValuesSql } from './duplicates';
import { bound, column } from './row-conditions';

/** What the checks of a whole batch ask with. */
export interface BatchQuestions {
  readonly contract: TableContract;
  /** The rows that would be loaded, as a relation. */
  readonly good: string;
  readonly rows: number;
  /** The instant that freshness is measured from. */
  readonly at: Date;
  one(sql: string): Promise<readonly unknown[]>;
}

/** The verdict of a check of scope `batch`, or why it cannot be told. */
export async function batchVerdict(check: Check, ask: BatchQuestions): Promise<Verdict | { readonly why: string }> {
  switch (check.kind) {
    case 'rows': {
      const { min = 0, max = Infinity } = check;
      return verdictOf(check, Number(ask.rows < min || ask.rows > max), ask.rows, counted(ask.rows, 'row'));
    }
    case 'unique': {
      const [values] = await ask.one(repeatedValuesSql(check.column, ask.contract, ask.good));
      return verdictOf(check, Number(values), ask.rows, `${counted(Number(values), 'value')} in several rows`);
    }
    case 'freshness':
      return freshness(check, ask);
    case 'sum':
      return sum(check, ask);
    case 'change':
      return { why: 'it compares with the last loads: needs the warehouse' };
    default:
      return { why: 'needs the warehouse' };
  }
}

async function freshness(
  check: CheckOf<'freshness'>,
  { contract, good, rows, at, one }: BatchQuestions,
): Promise<Verdict> {
  const { value } = column(check.column, contract);
  const oldest = new Date(at.getTime() - parseDuration(check.within)).toISOString().replace('T', ' ').replace('Z', '');
  const [old] = await one(
    `SELECT coalesce(CAST(max(${value}) AS TIMESTAMP) < CAST(${duckText(oldest)} AS TIMESTAMP), false) FROM ${onceSql(contract, good)}`,
  );
  return verdictOf(check, Number(old), rows, old ? `an older one, seen from ${at.toISOString()}` : 'as expected');
}

async function sum(
  check: CheckOf<'sum'>,
  { contract, good, rows, one }: BatchQuestions,
): Promise<Verdict | { why: string }> {
  const { value, nan, base } = column(check.column, contract);
  const { min, max } = check;
  const total = `coalesce(sum(${value}), 0)`;
  const below = min === undefined ? 'false' : `NOT bool_or(${nan}) AND ${total} < ${bound(min, base)}`;
  const above = max === undefined ? 'false' : `bool_or(${nan}) OR ${total} > ${bound(max, base)}`;
  try {
    const [low, high] = await one(
      `SELECT coalesce(${below}, false), coalesce(${above}, false) FROM ${onceSql(contract, good)}`,
    );
    const got = low ? 'a smaller one' : high ? 'a larger one' : 'as expected';
    return verdictOf(check, Number(low === true || high === true), rows, got);
  } catch {
    return { why: 'the sum has more digits than can be told here: needs the warehouse' };
  }
}

/** Whether rows of one key contradict each other; `null` without a key. */
export async function conflictVerdict({ contract, good, rows, one }: BatchQuestions): Promise<Verdict | null> {
  const { key, newest } = contract;
  if (!key?.length) return null;
  const [repeated, conflicts] = (await one(duplicatesSql(contract, good))).map(Number) as [number, number];
  const repeats = repeated > 0 ? `; ${counted(repeated, 'row repeats', 'rows repeat')} another by the key` : '';
  return {
    id: 'duplicates',
    kind: 'duplicates',
    severity: 'fail',
    broken: conflicts,
    of: rows,
    verdict: conflicts > 0 ? 'fail' : 'pass',
    expected: `rows of equal ${key.join(', ')} that are equal${newest ? `, or differ in ${newest}` : ''}`,
    got: `${counted(conflicts, 'key')} with several values${repeats}`,
  };
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
