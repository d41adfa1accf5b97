import { lastLoads, type Verdict } from '../../../workflows/checks';
import type { OpenTarget } from '../../../workflows/contract';
import { scanVerdicts } from '../check-verdicts';
import type { Audit, Scanned } from './audit-scan';
import type { Session } from './client';
import { notUndone, type LedgerNames } from './ledger-schema';

/** The verdicts of all checks but those that need the rows that are to be loaded. */
export async function verdictsOf(audit: Audit, names: LedgerNames, { broken }: Scanned): Promise<Verdict[]> {
  const { tx, target, checks } = audit;
  const before = checks.some((c) => c.kind === 'change') ? await rowsOfLastLoads(tx, names, target) : [];
  return scanVerdicts(audit, broken, before);
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
