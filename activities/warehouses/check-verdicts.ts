import {
  isUsual,
  median,
  verdictOf,
  warmUpLoads,
  type Check,
  type CheckOf,
  type Verdict,
} from '../../workflows/checks';
import type { StageRef } from '../../workflows/contract';
import { parseDuration } from '../duration';

/** A check that reads all rows that are to be loaded. */
export type AggregateCheck = CheckOf<'freshness' | 'sum'>;

export const isAggregate = (check: Check): check is AggregateCheck =>
  check.kind === 'freshness' || check.kind === 'sum';

/** What aggregate checks have found, by the ids of the checks; `null` where there is no value. */
export type Aggregates = ReadonlyMap<string, number | null>;

/** A stage and what is expected of it. */
export interface Judged {
  readonly checks: readonly Check[];
  readonly stage: Pick<StageRef, 'rows'>;
  /** Of the load's interval. */
  readonly end: string | undefined;
}

/**
 * The verdicts of all checks but those that need the rows that are to be loaded. `broken` has the rows that break a check,
 * by its id, and `before` the rows of the table's last loads, newest first.
 */
export function scanVerdicts(
  { checks, stage }: Pick<Judged, 'checks' | 'stage'>,
  broken: ReadonlyMap<string, number>,
  before: readonly number[],
): Verdict[] {
  return checks
    .filter((check) => !isAggregate(check))
    .map((check) => {
      if (check.kind === 'rows') return rowsVerdict(check, stage.rows);
      if (check.kind === 'change') return changeVerdict(check, stage.rows, before);
      // A value that occurs more than once fails the audit before anything is asked of it.
      if (check.kind === 'unique') return verdictOf(check, 0, stage.rows, 'each value once');
      return verdictOf(check, broken.get(check.id)!, stage.rows);
    });
}

function rowsVerdict(check: Extract<Check, { kind: 'rows' }>, rows: number): Verdict {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = check;
  return verdictOf(check, Number(rows < min || rows > max), rows, `${rows} rows`);
}

function changeVerdict(check: Extract<Check, { kind: 'change' }>, rows: number, before: readonly number[]): Verdict {
  const got = before.length < warmUpLoads ? `${rows} rows after ${before.length} loads, too few to compare` : null;
  return verdictOf(
    check,
    Number(!isUsual(rows, before, check.change)),
    rows,
    got ?? `${rows} rows, median ${median(before)}`,
  );
}

/** All verdicts in the contract's order, with those of the rows that are to be loaded. */
export function allVerdicts(
  { checks, stage, end }: Judged,
  scanned: readonly Verdict[],
  aggregates: Aggregates,
): Verdict[] {
  const known = new Map(scanned.map((v) => [v.id, v]));
  return checks.map((check) =>
    isAggregate(check)
      ? aggregateVerdict(check, stage.rows, aggregates.get(check.id) ?? null, end)
      : known.get(check.id)!,
  );
}

function aggregateVerdict(check: AggregateCheck, of: number, found: number | null, end: string | undefined): Verdict {
  if (check.kind === 'sum') {
    const side = found === null ? 0 : Math.sign(found);
    return verdictOf(check, Math.abs(side), of, ['a smaller one', 'as expected', 'a larger one'][side + 1]);
  }
  const old = found !== null && found * 1_000 > parseDuration(check.within);
  const from = end === undefined ? 'now' : `${end}, or from now if that is earlier`;
  return verdictOf(
    check,
    Number(old),
    of,
    old ? `an older one, seen from ${from}` : found === null ? 'none' : 'as expected',
  );
}
