import { loadFailure } from '../../../workflows/load-error';
import type { GivenVerdict, HeldLoad, LoadReceipt, OpenLoad } from '../../../workflows/contract';
import { rejectionOf } from '../receipts';
import type { Actor, RejectedBatch } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { filesRelation, filesValues, ledgerClock } from './ledger-row';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { dropStagesOf } from './sweep';

/** See `Warehouse.hold`. One short transaction. @throws `Fenced` */
export function holdLoad(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  held: HeldLoad,
): Promise<void> {
  const names = ledgerNames(config);
  return client.transaction(boundsOf(config, 60_000), undefined, async (tx) => {
    const mine = await tx.run(
      'hold:claim',
      `UPDATE ${names.claims} SET state = 'held', renewed_at = clock_timestamp()
       WHERE load_key = $1 AND fence = $2 AND state IN ('open', 'held')`,
      [open.loadKey, open.fence],
    );
    if (mine === 0) throw fenced(open);
    await tx.run(
      'hold:facts',
      `INSERT INTO ${names.holds} (load_key, fence, facts) VALUES ($1, $2, $3)
       ON CONFLICT (load_key, fence) DO UPDATE SET facts = EXCLUDED.facts, held_at = clock_timestamp()`,
      [open.loadKey, open.fence, JSON.stringify(held)],
    );
    return { value: undefined, commit: true };
  });
}

const fenced = (open: OpenLoad): Error =>
  loadFailure('Fenced', { object: open.loadKey, loadKey: open.loadKey, expected: `fence ${open.fence}` });

/** See `Warehouse.reject`. Takes a fence, so that nothing of the load can publish any more. @throws `Fenced` */
export async function rejectLoad(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  batches: readonly RejectedBatch[],
  verdict: GivenVerdict,
  actor: Actor,
): Promise<LoadReceipt> {
  const names = ledgerNames(config);
  const receipt = await client.transaction(boundsOf(config, 60_000), undefined, async (tx) => {
    const closed = await closeKey(tx, names, open);
    const known = await knownRejection(tx, names, open);
    if (!closed && !known) throw fenced(open);
    if (known) return { value: known, commit: false };
    const refs = batches.map(({ batch }) => batch);
    const made = rejectionOf(open, refs, verdict, actor, await ledgerClock(tx));
    await leaveFilesOut(tx, names, open, batches);
    await tx.run(
      'reject:ledger',
      `INSERT INTO ${names.rejections} (load_key, fence, rejected_at, receipt) VALUES ($1, $2, $3, $4)`,
      [open.loadKey, open.fence, made.publishedAt, JSON.stringify(made)],
    );
    return { value: made, commit: true };
  });
  // After the commit, and only to be tidy: what is left here the sweeper takes.
  await dropStagesOf(client, config, open.loadKey, open.fence).catch(() => undefined);
  return receipt;
}

/** What the pipeline brings next to the same key is loaded, and these files are not. */
async function leaveFilesOut(
  tx: Session,
  names: LedgerNames,
  { identity, targets, loadKey, fence }: OpenLoad,
  batches: readonly RejectedBatch[],
): Promise<void> {
  if (identity !== 'files') return;
  for (const [index, { manifest }] of batches.entries()) {
    // Forgotten, they are staged and held again, which is safe.
    if (!manifest) continue;
    await tx.run(
      'reject:files',
      `INSERT INTO ${names.rejectedFiles} (target, load_key, fence, file_id, sha256, path, bytes, identity)
       SELECT $1, $2, $3, * FROM ${filesRelation(4)} ON CONFLICT DO NOTHING`,
      [targets[index]!.target, loadKey, fence, ...filesValues(manifest)],
    );
  }
}

/**
 * Closes a held key. What an earlier generation has applied under it stays applied; with files the key is that of all of
 * the pipeline's, and is free for others.
 */
async function closeKey(tx: Session, names: LedgerNames, { loadKey, fence }: OpenLoad): Promise<boolean> {
  const closed = await tx.run(
    'reject:claim',
    `UPDATE ${names.claims}
     SET state = CASE WHEN applied_generation IS NOT NULL THEN 'applied' WHEN identity = 'files' THEN 'open' ELSE 'rejected' END,
         generation = coalesce(applied_generation, CASE WHEN identity = 'files' THEN generation + 1 ELSE generation END),
         fence = fence + 1, workflow_id = NULL, lease_until = '-infinity', renewed_at = clock_timestamp()
     WHERE load_key = $1 AND fence = $2 AND state = 'held'`,
    [loadKey, fence],
  );
  return closed > 0;
}

/** What an attempt has written whose answer was lost. */
async function knownRejection(tx: Session, names: LedgerNames, open: OpenLoad): Promise<LoadReceipt | undefined> {
  const sql = `SELECT receipt FROM ${names.rejections} WHERE load_key = $1 AND fence = $2`;
  return (await tx.rows<{ receipt: LoadReceipt }>('reject:known', sql, [open.loadKey, open.fence]))[0]?.receipt;
}
