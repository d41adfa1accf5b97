import type { OpenTarget } from '../../../workflows/contract';
import type { Repairs } from '../../sources/manifest';
import { maybeNewer, notCurrent, rowDecided } from '../quarantine-policy';
import type { PublishStage } from '../warehouse';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { notUndone } from './ledger-schema';
import type { Publish } from './publish-checks';
import { isCurrent, rowsWithState } from './quarantine-sql';
import { relation, sameKey, whereGood } from './sql';

/** How the load would have loaded the rows that it sets aside: what a retry of them needs to know. */
export async function recordOrigin({ tx, names, open }: Publish, target: OpenTarget): Promise<void> {
  const { dedup } = target;
  const written = dedup && { by: dedup.by, time: dedup.time, window: `${dedup.windowMs}ms` };
  await tx.run(
    'publish:quarantine-origin',
    `INSERT INTO ${names.quarantineOrigins} (load_id, target, contract, mode, dedup) VALUES ($1, $2, $3, $4, $5)`,
    [open.loadId, target.target, target.contract.name, target.mode, written ? JSON.stringify(written) : null],
  );
}

const repairsIn = (stages: readonly PublishStage[]): { stage: PublishStage; repairs: Repairs }[] =>
  stages.flatMap((stage) => (stage.manifest.repairs ? [{ stage, repairs: stage.manifest.repairs }] : []));

/** Under the table's lock: whoever decides about these rows, or takes back the load that set them aside, holds it too. */
export async function checkRepairs(publish: Publish): Promise<void> {
  for (const { stage, repairs } of repairsIn(publish.stages)) {
    const { tx, names, open } = publish;
    const [load] = await tx.rows<{ loadKey: string; at: string; current: boolean }>(
      'publish:repaired-load',
      `SELECT l.load_key AS "loadKey", l.published_at::text AS at, ${isCurrent(names, 'l')} AS current FROM ${names.history} l WHERE l.load_id = $1`,
      [repairs.loadId],
    );
    if (!load?.current) throw notCurrent(load ?? open);
    const found = await tx.rows<{ id: string; state: string }>(
      'publish:repaired-rows',
      `SELECT r.id, r.state FROM (${rowsWithState(names)}) r WHERE r.id = ANY($3)`,
      [repairs.loadId, repairs.target, repairs.rows],
    );
    const decided = found.find((r) => r.state !== 'open');
    if (decided) throw rowDecided(load, `row ${decided.id}, which is ${decided.state}`);
    if (found.length < repairs.rows.length)
      throw rowDecided(load, `${repairs.rows.length - found.length} rows that are gone`);
    await checkRepairOrder(tx, names, open.targets[stage.audited.index]!, stage, repairs, load.at);
  }
}

/** Nothing tells which of two rows of one key is newer, and the table's may have come after the one that was set aside. */
async function checkRepairOrder(
  tx: Session,
  names: LedgerNames,
  target: OpenTarget,
  { audited }: PublishStage,
  repairs: Repairs,
  at: string,
): Promise<void> {
  const { contract, mode } = target;
  if (mode !== 'merge' || contract.newest !== undefined || repairs.outOfOrder === 'allow') return;
  const later = await tx.rows(
    'publish:repaired-later',
    `SELECT 1 FROM ${names.history} l WHERE targets @> ARRAY[$1] AND published_at > $2::timestamptz AND ${notUndone(names, 'l')} LIMIT 1`,
    [target.target, at],
  );
  if (!later.length) return;
  const [known] = await tx.rows<{ n: string }>(
    'publish:repaired-known',
    `SELECT count(*) AS n FROM (SELECT * FROM ${audited.stage}${whereGood(audited)}) s
     JOIN ${relation(target.target)} t ON ${sameKey(contract.key ?? [], 't', 's')}`,
  );
  if (Number(known?.n) === 0) return;
  throw maybeNewer(target.target, Number(known?.n));
}

/** In the transaction that makes the rows visible: earlier or later, a crash in between would lose or double them. */
export async function markRepaired({ tx, names, open, stages }: Publish): Promise<void> {
  for (const { repairs } of repairsIn(stages)) {
    const { loadId, target, rows, repair, by, reason } = repairs;
    await tx.run(
      'publish:repaired',
      `INSERT INTO ${names.quarantineDecisions} (load_id, target, decision, row_ids, repair, repaired_by, by, reason)
       VALUES ($1, $2, 'repaired', $3, $4, $5, $6, $7)`,
      [loadId, target, rows, repair, open.loadId, by, reason],
    );
    await tx.run(
      'publish:repairs-done',
      `DELETE FROM ${names.quarantineRepairs} WHERE load_id = $1 AND target = $2 AND repair = $3`,
      [loadId, target, repair],
    );
  }
}

/** Load ids of these loads, and of all that have brought rows which they, or those, had set aside. */
export const withRepairs = (n: LedgerNames, loads: string): string =>
  `WITH RECURSIVE of_loads AS (
     SELECT load_id FROM (${loads}) first
     UNION
     SELECT d.repaired_by FROM ${n.quarantineDecisions} d JOIN of_loads o ON o.load_id = d.load_id
     WHERE d.repaired_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${n.rollbacks} u WHERE u.load_id = d.repaired_by))
   SELECT load_id FROM of_loads`;
