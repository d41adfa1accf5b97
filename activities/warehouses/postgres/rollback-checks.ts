import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../../workflows/load-error';
import type { LoadIdentity, LoadMode, LoadReceipt, TableReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { hasBuiltOn, type Write } from '../rollback-policy';
import type { Session } from './client';
import { effectsOf, tableColumns, type Effect, type EffectPartition } from './kept';
import { notUndone, type LedgerNames } from './ledger-schema';
import { countingDecisions } from './quarantine-sql';
import type { LedgerLoad, Rollback } from './rollback';
import { findTarget, nameOf } from './target-kind';

/**
 * What must be undone, table by table, once it is certain that all of it can be.
 *
 * @throws `NotReversible`
 */
export async function plannedEffects({ tx, names, load }: Rollback): Promise<Effect[]> {
  if (load.receipt.adopted) throw stuck(load, 'it was adopted: nobody knows which rows are its own');
  const repairedBy = await broughtRepairs(tx, names, load.loadId);
  if (repairedBy !== undefined)
    throw stuck(load, `rows that it had set aside were brought by ${repairedBy}`, 'Roll that one back first.');
  const recorded = await effectsOf(tx, names, load.loadId);
  const effects = recorded.length ? recorded : unrecorded(load);
  for (const effect of effects) {
    refuseMode(load, effect);
    const later = await builtOn(tx, names, load, effect);
    if (later)
      throw stuck(load, `a later load has built on it: ${later}`, 'Roll that one back first, or load this key again.');
    await refuseUnlikeTable(tx, load, effect);
    if (effect.removed > 0) await refuseUnkept(tx, names, load, effect);
  }
  return effects;
}

/** The newest load that has brought rows which this one had set aside: they would stay, and come twice with its next generation. */
async function broughtRepairs(tx: Session, names: LedgerNames, loadId: string): Promise<string | undefined> {
  const [found] = await tx.rows<{ loadId: string }>(
    'rollback:repairs',
    `SELECT repaired_by AS "loadId" FROM (${countingDecisions(names)}) d
     WHERE load_id = $1 AND repaired_by IS NOT NULL ORDER BY decided_at DESC LIMIT 1`,
    [loadId],
  );
  return found?.loadId;
}

/** A load of a release that wrote down no effects: its rows alone tell. */
function unrecorded({ receipt }: LedgerLoad): Effect[] {
  return receipt.tables.map(({ table, mode, inserted, removed }) => ({
    target: table,
    version: null,
    mode,
    inserted,
    removed,
    kept: false,
    partition: null,
    columns: null,
  }));
}

function refuseMode(load: LedgerLoad, { mode, target, partition }: Effect): void {
  if (mode !== 'append' && mode !== 'replace' && mode !== 'replace-partition')
    throw stuck(load, `${mode} into ${target}: what it changed is not kept`);
  if (mode === 'replace-partition' && !partition)
    throw stuck(load, `which partitions of ${target} it replaced is not known`);
}

async function refuseUnlikeTable(tx: Session, load: LedgerLoad, { mode, target, columns }: Effect): Promise<void> {
  const now = await tableColumns(tx, target);
  if (!now.length) throw stuck(load, `the table ${target} is gone`);
  if (mode === 'append' && !now.some((c) => c.name === loadIdColumn))
    throw stuck(load, `${target} has no column ${loadIdColumn}, which tells whose rows are whose`);
  const { cascade } = await findTarget(tx, ...nameOf(target));
  if (cascade) throw stuck(load, `rows of ${cascade} would be deleted or changed with those of ${target}`);
  if (columns && !isDeepStrictEqual(columns, now)) throw stuck(load, `${target} was altered since`);
}

async function refuseUnkept(tx: Session, names: LedgerNames, load: LedgerLoad, effect: Effect): Promise<void> {
  const rows = `${effect.removed} row${effect.removed === 1 ? '' : 's'} of ${effect.target} that it took away`;
  if (!effect.kept)
    throw stuck(load, `the ${rows} were not kept`, 'For the next one leave keepReplaced of the contract at true.');
  const [found] = await tx.rows<{ n: number }>(
    'rollback:count',
    `SELECT count(*)::float8 AS n FROM ${names.kept} WHERE target = $1 AND load_id = $2`,
    [effect.target, load.loadId],
  );
  if (found?.n !== effect.removed) throw stuck(load, `the ${rows} are not kept any more`);
}

export function stuck(load: LedgerLoad, got: string, remedy?: string): Error {
  return loadFailure('NotReversible', {
    what: 'The load cannot be rolled back; nothing was changed.',
    object: load.loadKey,
    loadKey: load.loadKey,
    got,
    remedy:
      remedy ?? "Correct the table by a load of the right content, with onChanged: 'reprocess' where the mode can.",
  });
}

interface LaterRow {
  readonly loadId: string;
  readonly loadKey: string;
  readonly receipt: LoadReceipt;
  readonly partition: EffectPartition | null;
}

/** The load id of a load that has built on what this one did to a table. */
export async function builtOn(
  s: Session,
  names: LedgerNames,
  load: LedgerLoad,
  effect: Effect,
): Promise<string | undefined> {
  const [claim] = await s.rows<{ identity: LoadIdentity }>(
    'rollback:identity',
    `SELECT identity FROM ${names.claims} WHERE load_key = $1`,
    [load.loadKey],
  );
  // By the lock's version; loads of releases that did not write it down by their time.
  const later = await s.rows<LaterRow & Record<string, unknown>>(
    'rollback:later',
    `SELECT l.load_id AS "loadId", l.load_key AS "loadKey", l.receipt, e.partition
     FROM ${names.history} l LEFT JOIN ${names.effects} e ON e.load_id = l.load_id AND e.target = $1
     WHERE l.targets @> ARRAY[$1] AND l.load_id <> $2 AND NOT l.receipt ? 'adopted' AND ${notUndone(names, 'l')}
       AND CASE WHEN e.version IS NULL OR $3::bigint IS NULL THEN l.published_at >= $4::timestamptz ELSE e.version > $3::bigint END
     ORDER BY l.published_at`,
    [effect.target, load.loadId, effect.version, load.publishedAt],
  );
  const mine = writeOf(load.loadKey, effect.mode, effect.partition);
  const found = later.find((row) => {
    const table = row.receipt.tables.find((t) => t.table === effect.target);
    return (
      table && hasBuiltOn(writeOf(row.loadKey, table.mode, row.partition, table), mine, claim?.identity ?? 'interval')
    );
  });
  return found?.loadId;
}

function writeOf(loadKey: string, mode: LoadMode, partition: EffectPartition | null, table?: TableReceipt): Write {
  const known = table ? table.unchanged + table.stale + table.updated : 0;
  const rows = table ? known + table.inserted + table.deleted + table.removed : 0;
  return { loadKey, mode, ranges: partition?.ranges ?? null, rows, known };
}
