import type { LoadReceipt } from '../../../workflows/contract';
import type { FileVersion } from '../warehouse';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';

/** See `Warehouse.filesLoaded`. */
export async function filesLoaded(
  s: Session,
  names: LedgerNames,
  target: string,
  fileIds: readonly string[],
): Promise<Map<string, { loadId: string; sha256: string }>> {
  const rows = await s.rows<{ file_id: string; load_id: string; sha256: string }>(
    'files:loaded',
    `SELECT file_id, load_id, sha256 FROM ${names.files} WHERE target = $1 AND file_id = ANY($2)`,
    [target, fileIds],
  );
  return new Map(rows.map((r) => [r.file_id, { loadId: r.load_id, sha256: r.sha256 }]));
}

/** See `Warehouse.filesRejected`. */
export async function filesRejected(
  s: Session,
  names: LedgerNames,
  target: string,
  files: readonly FileVersion[],
): Promise<Set<string>> {
  const rows = await s.rows<{ file_id: string }>(
    'files:rejected',
    `SELECT file_id FROM ${names.rejectedFiles}
     WHERE target = $1 AND (file_id, sha256) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
    [target, files.map((f) => f.fileId), files.map((f) => f.sha256)],
  );
  return new Set(rows.map((r) => r.file_id));
}

/** See `Warehouse.identitiesKnown`. */
export async function identitiesKnown(
  s: Session,
  names: LedgerNames,
  target: string,
  identities: readonly string[],
): Promise<Map<string, string | null>> {
  const rows = await s.rows<{ identity: string; load_id: string | null }>(
    'files:identities',
    `SELECT identity, max(load_id) AS load_id FROM (
       SELECT identity, load_id FROM ${names.files} WHERE target = $1 AND identity = ANY($2)
       UNION ALL SELECT identity, NULL FROM ${names.rejectedFiles} WHERE target = $1 AND identity = ANY($2)
     ) known GROUP BY identity`,
    [target, identities],
  );
  return new Map(rows.map((r) => [r.identity, r.load_id]));
}

/** See `Warehouse.appliedIdentity`. */
export async function appliedIdentity(s: Session, names: LedgerNames, loadKey: string): Promise<string | null> {
  const [row] = await s.rows<{ source_identity: string | null }>(
    'claim:identity',
    `SELECT source_identity FROM ${names.claims} WHERE load_key = $1 AND state = 'applied'`,
    [loadKey],
  );
  return row?.source_identity ?? null;
}

/** See `Warehouse.receipt`. */
export async function receiptById(s: Session, names: LedgerNames, loadId: string): Promise<LoadReceipt | null> {
  const [row] = await s.rows<{ receipt: LoadReceipt }>(
    'ledger:by-id',
    `SELECT receipt FROM ${names.history} WHERE load_id = $1`,
    [loadId],
  );
  return row?.receipt ?? null;
}
