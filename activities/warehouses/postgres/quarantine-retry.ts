import type { LoadReceipt } from '../../../workflows/contract';
import type { RetryableRows } from '../quarantine';
import {
  nameOfRows,
  notCurrent,
  nothingToRetry,
  onlyTable,
  refuseMasked,
  refuseReplaced,
  type QuarantiningLoad,
} from '../quarantine-policy';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { receiptById } from './loaded';
import { quarantiningLoad, tablesOf, targetOf } from './quarantine-rows';
import { countingDecisions, isCurrent, isMasked, rowsWithState } from './quarantine-sql';

/** See `QuarantineDesk.retryable`. */
export async function retryableRows(
  s: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  table: string | undefined,
  repair: string | undefined,
): Promise<RetryableRows | { readonly receipt: LoadReceipt }> {
  const origin = await originOf(s, names, loadKeyOrId, table);
  const rows = repair === undefined ? await openRows(s, names, origin) : await repairedRows(s, names, origin, repair);
  if (rows.length === 0) {
    const receipt = await broughtBy(s, names, origin, repair);
    if (receipt) return { receipt };
    throw nothingToRetry(origin, repair);
  }
  const masked = rows.filter((r) => r.masked).length;
  if (masked > 0) throw refuseMasked(origin, masked);
  const ids = rows.map((r) => r.id);
  return { ...origin, repair: repair ?? nameOfRows(ids), repaired: repair !== undefined, rows: ids };
}

/** A load and a table of which it has set rows aside, with how it would have loaded them. */
export type QuarantineOrigin = Omit<RetryableRows, 'repair' | 'repaired' | 'rows'> & Pick<QuarantiningLoad, 'loadKey'>;

interface FoundOrigin extends Record<string, unknown> {
  readonly receipt: LoadReceipt;
  readonly contract: string | null;
  readonly dedup: RetryableRows['dedup'] | null;
  readonly current: boolean;
}

/** @throws `LoadNotFound`, `NotRetryable`, `InvalidRequest` */
export async function originOf(
  s: Session,
  names: LedgerNames,
  loadKeyOrId: string,
  table: string | undefined,
): Promise<QuarantineOrigin> {
  const load = await quarantiningLoad(s, names, loadKeyOrId);
  const target = (await targetOf(s, names, load, table)) ?? onlyTable(load, await tablesOf(s, names, load.loadId));
  const [found] = await s.rows<FoundOrigin>(
    'quarantine:origin',
    `SELECT l.receipt, o.contract, o.dedup, ${isCurrent(names, 'l')} AS current FROM ${names.history} l
     LEFT JOIN ${names.quarantineOrigins} o ON o.load_id = l.load_id AND o.target = $2 WHERE l.load_id = $1`,
    [load.loadId, target],
  );
  const { receipt, contract, dedup, current } = found!;
  const mode = receipt.tables.find((t) => t.table === target)!.mode;
  if (!current) throw notCurrent(load);
  refuseReplaced(load, mode, target);
  return {
    ...load,
    pipeline: receipt.pipeline,
    target,
    table: target.split('.').slice(1).join('.'),
    mode,
    contract,
    ...(receipt.interval && { interval: receipt.interval }),
    ...(dedup && { dedup }),
  };
}

interface SelectedRow extends Record<string, unknown> {
  readonly id: string;
  readonly masked: boolean;
}

const openRows = (s: Session, names: LedgerNames, { loadId, target }: QuarantineOrigin): Promise<SelectedRow[]> =>
  s.rows<SelectedRow>(
    'quarantine:open',
    `SELECT r.id, ${isMasked('r')} AS masked FROM (${rowsWithState(names)}) r WHERE r.state = 'open' ORDER BY r.id`,
    [loadId, target],
  );

const repairedRows = (
  s: Session,
  names: LedgerNames,
  { loadId, target }: QuarantineOrigin,
  repair: string,
): Promise<SelectedRow[]> =>
  s.rows<SelectedRow>(
    'quarantine:repaired',
    `SELECT row_id AS id, false AS masked FROM ${names.quarantineRepairs}
     WHERE load_id = $1 AND target = $2 AND repair = $3 ORDER BY row_id`,
    [loadId, target, repair],
  );

/** The receipt of the load that has brought these rows, or the last ones of this load. */
async function broughtBy(
  s: Session,
  names: LedgerNames,
  { loadId, target }: QuarantineOrigin,
  repair: string | undefined,
): Promise<LoadReceipt | null> {
  const [found] = await s.rows<{ loadId: string }>(
    'quarantine:brought',
    `SELECT repaired_by AS "loadId" FROM (${countingDecisions(names)}) d
     WHERE load_id = $1 AND target = $2 AND repaired_by IS NOT NULL AND ($3::text IS NULL OR repair = $3)
     ORDER BY decided_at DESC LIMIT 1`,
    [loadId, target, repair ?? null],
  );
  return found ? receiptById(s, names, found.loadId) : null;
}
