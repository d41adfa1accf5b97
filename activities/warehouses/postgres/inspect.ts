import { loadFailure } from '../../../workflows/load-error';
import type { HeldLoad, LoadReceipt } from '../../../workflows/contract';
import type { LoadDetails, LoadFilter, LoadSummary, RollbackReceipt } from '../warehouse';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';

/** An instant as ISO 8601 in UTC. */
export const iso = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const summaryOf = (
  names: LedgerNames,
): string => `load_key AS "loadKey", pipeline, targets, state, generation, fence::float8 AS fence, workflow_id AS "workflowId",
  run_id AS "runId", ${iso('claimed_at')} AS "claimedAt", ${iso('renewed_at')} AS "renewedAt",
  (state = 'held' OR (state = 'open' AND lease_until > clock_timestamp())) AS live,
  EXISTS (SELECT 1 FROM ${names.history} l WHERE l.load_key = c.load_key AND l.generation = c.applied_generation
    AND l.receipt ? 'adopted') AS adopted`;

/** See `Warehouse.list`. */
export function listLoads(s: Session, names: LedgerNames, filter: LoadFilter): Promise<LoadSummary[]> {
  return s.rows<LoadSummary>(
    'loads:list',
    `SELECT ${summaryOf(names)} FROM ${names.claims} c
     WHERE ($1::text IS NULL OR pipeline = $1) AND ($2::text IS NULL OR $2 = ANY(targets)) AND ($4::text IS NULL OR state = $4)
     ORDER BY renewed_at DESC, load_key LIMIT $3`,
    [filter.pipeline ?? null, filter.target ?? null, filter.limit, filter.state ?? null],
  );
}

/** See `Warehouse.show`. */
export async function showLoad(s: Session, names: LedgerNames, loadKeyOrId: string): Promise<LoadDetails> {
  const [row] = await s.rows<LoadSummary>(
    'loads:show',
    `SELECT ${summaryOf(names)} FROM ${names.claims} c WHERE load_key = coalesce(
       (SELECT load_key FROM ${names.history} WHERE load_id = $1),
       (SELECT max(load_key) FROM ${names.rejections} WHERE receipt ->> 'loadId' = $1), $1)`,
    [loadKeyOrId],
  );
  if (!row) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  const receiptsOf = async <T>(what: string, table: string, order: string): Promise<T[]> => {
    const sql = `SELECT receipt FROM ${table} WHERE load_key = $1 ORDER BY ${order} DESC`;
    return (await s.rows<{ receipt: T }>(`loads:${what}`, sql, [row.loadKey])).map(({ receipt }) => receipt);
  };
  const receipts = await receiptsOf<LoadReceipt>('receipts', names.history, 'generation');
  const rollbacks = await receiptsOf<RollbackReceipt>('rollbacks', names.rollbacks, 'fence');
  const rejections = await receiptsOf<LoadReceipt>('rejections', names.rejections, 'fence');
  const holds = await s.rows<{ facts: HeldLoad }>(
    'loads:hold',
    `SELECT facts FROM ${names.holds} WHERE load_key = $1 AND fence = $2 AND $3 = 'held'`,
    [row.loadKey, row.fence, row.state],
  );
  const stages = await s.rows<{ stage: string }>(
    'loads:stages',
    `SELECT stage FROM ${names.stages} WHERE load_key = $1 ORDER BY 1`,
    [row.loadKey],
  );
  return {
    ...row,
    receipts,
    rollbacks,
    rejections,
    held: holds[0]?.facts ?? null,
    stages: stages.map((r) => r.stage),
  };
}
