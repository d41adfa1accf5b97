import type { QuarantineFilter, QuarantineSummary } from '../quarantine';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { countingDecisions, identifiedRows, isCurrent } from './quarantine-sql';

/** True for rows of the table that a person has named in `$n`, with or without its database. */
export const ofTable = (target: string, n: number): string =>
  `($${n}::text IS NULL OR ${target} = $${n} OR right(${target}, length($${n}) + 1) = '.' || $${n})`;

/** See `QuarantineDesk.list`. */
export async function listQuarantined(
  s: Session,
  names: LedgerNames,
  { load, table, reason, all = false, limit }: QuarantineFilter,
): Promise<QuarantineSummary[]> {
  return s.rows<QuarantineSummary & Record<string, unknown>>('quarantine:list', listSql(names), [
    load ?? null,
    table ?? null,
    reason ?? null,
    all,
    limit,
  ]);
}

/** Ids are made only of rows of loads about which something was decided. */
function listSql(n: LedgerNames): string {
  const decided = `SELECT 1 FROM counting c WHERE c.load_id = q.load_id AND c.target = q.target`;
  return `WITH counting AS MATERIALIZED (${countingDecisions(n)}),
    totals AS (
      SELECT q.load_id, q.load_key, q.target, count(*) AS rows, max(q.quarantined_at) AS at FROM ${n.quarantine} q
      WHERE ($1::text IS NULL OR q.load_id = $1 OR q.load_key = $1) AND ${ofTable('q.target', 2)} GROUP BY 1, 2, 3),
    undecided AS (
      SELECT q.load_id, q.target, q.reasons FROM ${n.quarantine} q WHERE NOT EXISTS (${decided})
      UNION ALL
      SELECT r.load_id, r.target, r.reasons FROM (${identifiedRows(n, `EXISTS (${decided})`)}) r
      WHERE NOT EXISTS (SELECT 1 FROM counting c WHERE c.load_id = r.load_id AND c.target = r.target AND r.id = ANY(c.row_ids))),
    found AS (
      SELECT t.*, coalesce(u.rows, 0) AS undecided, ${isCurrent(n, 't')} AS current, reasons.list, reasons.names,
        (SELECT coalesce(sum(cardinality(row_ids)), 0) FROM counting c
         WHERE c.load_id = t.load_id AND c.target = t.target AND decision = 'repaired') AS repaired
      FROM totals t
      LEFT JOIN LATERAL (SELECT count(*) AS rows FROM undecided u WHERE u.load_id = t.load_id AND u.target = t.target) u ON true
      LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('reason', reason, 'rows', rows) ORDER BY rows DESC, reason) AS list, string_agg(reason, E'\\n') AS names
        FROM (SELECT reason, count(*) AS rows FROM undecided u, unnest(u.reasons) reason
              WHERE u.load_id = t.load_id AND u.target = t.target GROUP BY 1) g) reasons ON true)
    SELECT load_id AS "loadId", load_key AS "loadKey", target AS "table",
      to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "quarantinedAt", rows::float8 AS rows,
      (CASE WHEN current THEN undecided ELSE 0 END)::float8 AS open,
      least(repaired, rows - undecided)::float8 AS repaired,
      (rows - undecided - least(repaired, rows - undecided))::float8 AS discarded,
      (CASE WHEN current THEN 0 ELSE undecided END)::float8 AS superseded,
      CASE WHEN current THEN coalesce(list, '[]') ELSE '[]' END AS reasons
    FROM found
    WHERE ($4 OR (current AND undecided > 0)) AND ($3::text IS NULL OR strpos(lower(names), lower($3)) > 0)
    ORDER BY at DESC, load_id, target LIMIT $5`;
}
