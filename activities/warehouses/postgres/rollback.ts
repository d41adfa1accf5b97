import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import { refuseWhileUnderWay } from '../rollback-policy';
import type { RollbackReceipt, RolledBackTable, SignedBy } from '../warehouse';
import { readClaim } from './claims';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import type { Effect } from './kept';
import { ledgerNames, notUndone, type LedgerNames } from './ledger-schema';
import { lockTargets } from './publish';
import { plannedEffects } from './rollback-checks';
import { undoTable } from './rollback-table';

/** A load to roll back, as the ledger has it. */
export interface LedgerLoad {
  readonly loadId: string;
  readonly loadKey: string;
  readonly generation: number;
  readonly targets: readonly string[];
  readonly publishedAt: string;
  readonly receipt: LoadReceipt;
}

/** What every part of one rollback needs. */
export interface Rollback {
  readonly tx: Session;
  readonly names: LedgerNames;
  readonly load: LedgerLoad;
  readonly by: SignedBy;
}

/** See `Warehouse.rollback`. One transaction: lock, claim, checks of all tables, rows, files, claim, its own row. */
export async function rollBackLoad(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  loadKeyOrId: string,
  by: SignedBy,
): Promise<RollbackReceipt> {
  const names = ledgerNames(config);
  const bounds = boundsOf(config, config.publishTimeoutMs);
  return client
    .transaction(bounds, undefined, async (tx) => {
      const key = await keyOf(tx, names, loadKeyOrId);
      await lockTargets(tx, names, key.targets);
      const claim = await readClaim(tx, names, key.loadKey);
      const load = await loadOf(tx, names, key, loadKeyOrId);
      const known = await rollbackOf(tx, names, load.loadId);
      if (known) return { value: { ...known, outcome: 'already-rolled-back' as const }, commit: false };
      if (!claim) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
      refuseWhileUnderWay(claim, key.loadKey);
      return { value: await undo({ tx, names, load, by }, claim.fence + 1), commit: true };
    })
    .catch((error: unknown) => {
      throw loadErrorOf(error)?.type === 'CommitOutcomeUnknown' ? unknownOutcome(loadKeyOrId) : error;
    });
}

function unknownOutcome(object: string): Error {
  return loadFailure('CommitOutcomeUnknown', { object, remedy: 'Run it again: it tells whether the commit arrived.' });
}

async function undo(rollback: Rollback, fence: number): Promise<RollbackReceipt> {
  // All checks before the first change: a set is taken back as a whole or not at all.
  const effects = await plannedEffects(rollback);
  const tables: RolledBackTable[] = [];
  for (const effect of effects) tables.push(await undoTable(rollback, effect));
  const files = await forgetFiles(rollback);
  return writeRollback(rollback, effects, tables, files, fence);
}

interface Key {
  readonly loadKey: string;
  readonly targets: readonly string[];
}

async function keyOf(tx: Session, names: LedgerNames, loadKeyOrId: string): Promise<Key> {
  const [found] = await tx.rows<{ loadKey: string; targets: string[] }>(
    'rollback:key',
    `SELECT load_key AS "loadKey", targets FROM ${names.claims}
     WHERE load_key = coalesce((SELECT load_key FROM ${names.history} WHERE load_id = $1), $1)`,
    [loadKeyOrId],
  );
  if (!found) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  return found;
}

/**
 * The load that is meant: by its id, or the newest one of a key. Of a key that is rolled back it is that which was rolled
 * back last, so that a command that is repeated does not undo one more.
 */
async function loadOf(tx: Session, names: LedgerNames, { loadKey }: Key, asked: string): Promise<LedgerLoad> {
  const [newest] = await tx.rows<{ loadId: string }>(
    'rollback:newest',
    `SELECT load_id AS "loadId" FROM ${names.history} l WHERE load_key = $1 AND CASE
       WHEN (SELECT applied_generation FROM ${names.claims} WHERE load_key = $1) IS NOT NULL THEN ${notUndone(names, 'l')}
       ELSE load_id = (SELECT load_id FROM ${names.rollbacks} WHERE load_key = $1 ORDER BY fence DESC LIMIT 1) END
     ORDER BY generation DESC LIMIT 1`,
    [loadKey],
  );
  const loadId = asked === loadKey ? newest?.loadId : asked;
  const load = loadId === undefined ? undefined : await ledgerLoad(tx, names, loadId);
  if (!load) throw loadFailure('LoadNotApplied', { object: asked, loadKey });
  return load;
}

/** A load as the ledger has it. */
export async function ledgerLoad(s: Session, names: LedgerNames, loadId: string): Promise<LedgerLoad | undefined> {
  const [load] = await s.rows<LedgerLoad & Record<string, unknown>>(
    'rollback:load',
    `SELECT load_id AS "loadId", load_key AS "loadKey", generation, targets, receipt,
       to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "publishedAt"
     FROM ${names.history} WHERE load_id = $1`,
    [loadId],
  );
  return load;
}

/** How a load was rolled back, if it was. */
async function rollbackOf(tx: Session, names: LedgerNames, loadId: string): Promise<RollbackReceipt | undefined> {
  const sql = `SELECT receipt FROM ${names.rollbacks} WHERE load_id = $1`;
  return (await tx.rows<{ receipt: RollbackReceipt }>('rollback:known', sql, [loadId]))[0]?.receipt;
}

/** So that the same files may be loaded again. Set-aside rows go with the load that set them aside. */
async function forgetFiles({ tx, names, load }: Rollback): Promise<number> {
  const values = [load.loadId];
  await tx.run('rollback:quarantine', `DELETE FROM ${names.quarantine} WHERE load_id = $1`, values);
  await tx.run('rollback:repairs', `DELETE FROM ${names.quarantineRepairs} WHERE load_id = $1`, values);
  await tx.run('rollback:kept', `DELETE FROM ${names.kept} WHERE target = ANY($2) AND load_id = $1`, [
    load.loadId,
    load.targets,
  ]);
  return tx.run('rollback:files', `DELETE FROM ${names.files} WHERE target = ANY($2) AND load_id = $1`, [
    load.loadId,
    load.targets,
  ]);
}

/** Last of all, so that its row proves everything before it. */
async function writeRollback(
  { tx, names, load, by }: Rollback,
  effects: readonly Effect[],
  tables: readonly RolledBackTable[],
  files: number,
  fence: number,
): Promise<RollbackReceipt> {
  await tx.run('rollback:version', `UPDATE ${names.locks} SET version = version + 1 WHERE target = ANY($1)`, [
    effects.map((e) => e.target),
  ]);
  // The fence stops whoever froze before publishing this load, or a later generation of it.
  await tx.run(
    'rollback:claim',
    `UPDATE ${names.claims} SET state = 'rolled-back', applied_generation = NULL, source_identity = NULL, fence = $2,
       workflow_id = NULL, lease_until = '-infinity', renewed_at = clock_timestamp() WHERE load_key = $1`,
    [load.loadKey, fence],
  );
  const [clock] = await tx.rows<{ now: string }>(
    'rollback:clock',
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  );
  const receipt: RollbackReceipt = {
    outcome: 'rolled-back',
    loadId: load.loadId,
    loadKey: load.loadKey,
    pipeline: load.receipt.pipeline,
    generation: load.generation,
    fence,
    tables,
    files,
    at: clock!.now,
    ...by,
  };
  await tx.run(
    'rollback:ledger',
    `INSERT INTO ${names.rollbacks} (load_id, load_key, fence, rolled_back_at, receipt) VALUES ($1, $2, $3, $4, $5)`,
    [load.loadId, load.loadKey, fence, receipt.at, JSON.stringify(receipt)],
  );
  return receipt;
}
