import { maskedKey } from '../quarantine-policy';
import type { LedgerNames } from './ledger-schema';

/** Decisions that count: what a load has brought that was rolled back is open again. */
export const countingDecisions = (n: LedgerNames): string =>
  `SELECT * FROM ${n.quarantineDecisions} d WHERE NOT EXISTS (SELECT 1 FROM ${n.rollbacks} u WHERE u.load_id = d.repaired_by)`;

/** True for rows, under this alias, of a load whose place no other generation has taken, and which was not rolled back. */
export const isCurrent = (n: LedgerNames, alias: string): string =>
  `EXISTS (SELECT 1 FROM ${n.history} own JOIN ${n.claims} claim ON claim.load_key = own.load_key WHERE own.load_id = ${alias}.load_id
     AND (claim.identity = 'files' OR claim.applied_generation = own.generation)
     AND NOT EXISTS (SELECT 1 FROM ${n.rollbacks} undone WHERE undone.load_id = own.load_id))`;

/**
 * Rows that were set aside with their ids, of the loads for which `where` is true of `q`. An id is made of what the row
 * holds, so that rows of every release have one, and a copy of the database keeps them; equal rows are numbered.
 */
export const identifiedRows = (n: LedgerNames, where: string): string =>
  `SELECT q.*, h.hash || '-' || row_number() OVER (PARTITION BY q.load_id, q.target, h.hash ORDER BY q.row::text COLLATE "C") AS id
   FROM ${n.quarantine} q
   CROSS JOIN LATERAL (SELECT left(encode(sha256(convert_to(q.row::text, 'UTF8')), 'hex'), 16) AS hash) h WHERE ${where}`;

/** Rows of the load `$1` and the table `$2` (or any, where that is null), each with what was decided about it. */
export const rowsWithState = (n: LedgerNames): string =>
  `SELECT r.*, d.by, d.reason, d.decided_at, d.repaired_by, d.repair,
     coalesce(d.decision, CASE WHEN ${isCurrent(n, 'r')} THEN 'open' ELSE 'superseded' END) AS state
   FROM (${identifiedRows(n, 'q.load_id = $1 AND ($2::text IS NULL OR q.target = $2)')}) r
   LEFT JOIN (SELECT d.*, ids.id FROM (${countingDecisions(n)}) d, unnest(d.row_ids) AS ids(id) WHERE d.load_id = $1) d
     ON d.load_id = r.load_id AND d.target = r.target AND d.id = r.id`;

/** Whether a mask stands in the row of this alias for a value. */
export const isMasked = (alias: string): string =>
  `EXISTS (SELECT 1 FROM jsonb_array_elements_text(coalesce(${alias}.row -> '${maskedKey}', '[]')) m(name)
     WHERE ${alias}.row -> m.name <> 'null')`;

/** What a contract names of a row: without what Loadline has put there. */
export const ownKeys = (row: string): string =>
  `(SELECT coalesce(jsonb_object_agg(k.key, k.value), '{}') FROM jsonb_each(${row}) k WHERE k.key NOT LIKE '\\_loadline\\_%')`;
