import { loadFailure } from '../../../workflows/load-error';
import type { QuarantineDetails, QuarantinedRow, QuarantineSelection } from '../quarantine';
import { maskedKey, reasonsKey, rowKey, tableNamed, type QuarantiningLoad } from '../quarantine-policy';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { isMasked, ownKeys, rowsWithState } from './quarantine-sql';

/** The load of this id, or the newest of this key. @throws `LoadNotFound` */
export async function quarantiningLoad(s: Session, names: LedgerNames, loadKeyOrId: string): Promise<QuarantiningLoad> {
  const [load] = await s.rows<QuarantiningLoad & Record<string, unknown>>(
    'quarantine:load',
    `SELECT load_id AS "loadId", load_key AS "loadKey" FROM ${names.history}
     WHERE load_id = $1 OR load_key = $1 ORDER BY load_id <> $1, generation DESC LIMIT 1`,
    [loadKeyOrId],
  );
  if (!load) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  return load;
}

/** See `QuarantineDesk.show`. */
export async function showQuarantined(
  s: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  { table, limit, values = false, all = false }: QuarantineSelection,
): Promise<QuarantineDetails> {
  const load = await quarantiningLoad(s, names, loadKeyOrId);
  const target = await targetOf(s, names, load, table);
  const found = await s.rows<QuarantinedRow & { total: number }>(
    'quarantine:show',
    `SELECT r.id, r.target AS "table", r.state, r.reasons, count(*) OVER ()::float8 AS total,
       (SELECT coalesce(jsonb_agg(k), '[]') FROM jsonb_object_keys(${ownKeys('r.row')}) k) AS columns,
       coalesce(r.row -> '${maskedKey}', '[]') AS masked,
       CASE WHEN $3 THEN (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(${ownKeys('r.row')})) END AS values,
       CASE WHEN r.by IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object('by', r.by, 'reason', r.reason, 'loadId', r.repaired_by,
         'at', to_char(r.decided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) END AS decision
     FROM (${rowsWithState(names)}) r WHERE $4 OR r.state = 'open' ORDER BY r.target, r.id LIMIT $5`,
    [load.loadId, target ?? null, values, all, limit ?? null],
  );
  const rows = found.map(({ total: _, values: shown, decision, ...row }) => ({
    ...row,
    ...(shown ? { values: shown } : {}),
    ...(decision ? { decision } : {}),
  }));
  return { ...load, total: found[0]?.total ?? 0, rows };
}

/** The table that is meant, by its name as a person writes it. @throws `InvalidRequest` where it has no such rows */
export async function targetOf(
  s: Session,
  names: LedgerNames,
  load: QuarantiningLoad,
  table: string | undefined,
): Promise<string | undefined> {
  if (table === undefined) return undefined;
  const targets = await tablesOf(s, names, load.loadId);
  return tableNamed(load, targets, table);
}

/** The tables of which a load has set rows aside. */
export async function tablesOf(s: Session, names: LedgerNames, loadId: string): Promise<string[]> {
  const sql = `SELECT DISTINCT target FROM ${names.quarantine} WHERE load_id = $1 ORDER BY 1`;
  return (await s.rows<{ target: string }>('quarantine:tables', sql, [loadId])).map((r) => r.target);
}

/** Rows that are fetched at once. */
const pageRows = 1_000;

/** Reads what a statement finds page by page, inside a transaction, so that memory stays flat. */
export async function eachPage<R extends Record<string, unknown>>(
  tx: Session,
  sql: string,
  values: readonly unknown[],
  take: (rows: R[]) => Promise<void>,
): Promise<void> {
  await tx.run('quarantine:declare', `DECLARE set_aside NO SCROLL CURSOR FOR ${sql}`, values);
  for (;;) {
    const rows = await tx.rows<R>('quarantine:fetch', `FETCH ${pageRows} FROM set_aside`);
    if (rows.length) await take(rows);
    if (rows.length < pageRows) return;
  }
}

/** Open rows as lines of JSON, the id first. The text is PostgreSQL's own, so that no digit of a number is lost. */
export const exportSql = (names: LedgerNames): string =>
  `SELECT CASE WHEN ${isMasked('r')} THEN NULL ELSE '{"${rowKey}": ' || to_jsonb(r.id)::text || ', "${reasonsKey}": ' || to_jsonb(r.reasons)::text || ', '
     || substr(${ownKeys('r.row')}::text, 2) END AS line
   FROM (${rowsWithState(names)}) r WHERE r.state = 'open' ORDER BY r.id`;
