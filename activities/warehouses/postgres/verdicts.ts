import {
  isUsual,
  lastLoads,
  median,
  verdictOf,
  warmUpLoads,
  type Check,
  type Verdict,
} from '../../../workflows/checks';
import type { OpenTarget } from '../../../workflows/contract';
import { parseDuration } from '../../duration';
import type { Aggregates, Audit, Scanned } from './audit-scan';
import { isAggregate, type AggregateCheck } from './check-sql';
import type { Session } from './client';
import { notUndone, type LedgerNames } from './ledger-schema';

/** The verdicts of all checks but those that need the rows that are to be loaded. */
export async function scanVerdicts(audit: Audit, names: LedgerNames, { broken }: Scanned): Promise<Verdict[]> {
  const { tx, target, stage, checks } = audit;
  const before = checks.some((c) => c.kind === 'change') ? await rowsOfLastLoads(tx, names, target) : [];
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

/** How many rows the batches of the table's last loads had, newest first. */
async function rowsOfLastLoads(tx: Session, names: LedgerNames, { target }: OpenTarget): Promise<number[]> {
  // Of adopted loads nobody knows, and repaired rows were counted by the load that had set them aside.
  const repaired = `EXISTS (SELECT 1 FROM ${names.quarantineDecisions} d WHERE d.repaired_by = l.load_id)`;
  const found = await tx.rows<{ rows: number }>(
    'audit:last-loads',
    `SELECT (SELECT (t->>'read')::float8 FROM jsonb_array_elements(l.receipt->'tables') t WHERE t->>'table' = $1) AS rows
     FROM (SELECT receipt, published_at FROM ${names.history} l
       WHERE targets @> ARRAY[$1] AND workflow_id <> '' AND ${notUndone(names, 'l')} AND NOT ${repaired} ORDER BY published_at DESC LIMIT ${lastLoads}) l`,
    [target],
  );
  return found.map((l) => l.rows);
}

/** All verdicts in the contract's order, with those of the rows that are to be loaded. */
export function allVerdicts(
  { checks, stage, end }: Audit,
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
