import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import { refuseWhileUnderWay } from '../rollback-policy';
import type { RollbackReceipt, RolledBackTable, SignedBy } from '../warehouse';
import { claimEvent, claimUnmoved, readClaim, type Claim } from './claims';
import { deciding, own, type Engine } from './engine';
import { keyOf } from './inspect';
import { isMissing } from './ledger-schema';
import { history, ledgerClock, notUndone, receiptById } from './ledger';
import { keyLock } from './locks';
import { GuardFailed, raw, sql, type UnitStatement } from './port';
import { plannedEffects, type Effect } from './rollback-checks';
import { undoTable, type UndoneTable } from './rollback-table';
import { forgetRepairs } from './repairs';
import { inserted } from './rows';

/** See `Warehouse.rollback`: reads until it is certain that all of it can be undone, and undoes it in one unit. */
export function rollBackLoad(engine: Engine, loadKeyOrId: string, by: SignedBy): Promise<RollbackReceipt> {
  return deciding(loadKeyOrId, () => attempt(engine, loadKeyOrId, by)).catch((error: unknown) => {
    if (loadErrorOf(error)?.type !== 'CommitOutcomeUnknown') throw error;
    const remedy = 'Run it again: it tells whether the commit arrived.';
    throw loadFailure('CommitOutcomeUnknown', { object: loadKeyOrId, remedy });
  });
}

async function attempt(engine: Engine, loadKeyOrId: string, by: SignedBy): Promise<RollbackReceipt> {
  const loadKey = await keyOf(engine, loadKeyOrId);
  const claim = await readClaim(engine, loadKey);
  if (!claim) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  const locks = await engine.locks.find([...[...new Set(claim.targets)].sort(), keyLock(loadKey)]);
  const targets = locks.slice(0, -1);
  const load = await loadOf(engine, claim, loadKeyOrId);
  const known = await rollbackOf(engine, load.loadId);
  if (known) return { ...known, outcome: 'already-rolled-back' };
  refuseWhileUnderWay(claim, loadKey);
  // All checks before the first change: a set is taken back as a whole or not at all.
  const effects = await plannedEffects(engine, load, claim);
  const undone: UndoneTable[] = [];
  for (const effect of effects) undone.push(await undoTable(engine, load, effect));
  const fence = claim.fence + 1;
  const receipt = await receiptOf(
    engine,
    load,
    undone.map((u) => u.table),
    fence,
    by,
  );
  const unit = engine.backend.unit(
    {
      name: 'rollback',
      id: `rollback-${load.loadId}-${fence}-${targets.map((t) => t.taken).join('-')}`,
      open: load,
      ...engine.locks.take(
        locks,
        targets.map((t) => t.object),
      ),
      guards: [
        claimUnmoved(engine, claim),
        ...targets.map((t) => engine.locks.unmoved(t, 'TargetMoved')),
        ...undone.flatMap((u) => u.guards),
      ],
      statements: [...undone.flatMap((u) => u.statements), ...written(engine, load, claim, receipt)],
    },
    { timeoutMs: engine.options.publishTimeoutMs },
  );
  await unit.catch((error: unknown) => {
    // An archive that has dropped kept rows since they were counted: what is left is decided anew.
    throw isMissing(error) ? new GuardFailed('KeptMoved') : error;
  });
  await forgetKept(engine, effects);
  return receipt;
}

/**
 * The load that is meant: by its id, or the newest one of a key. Of a key that is rolled back it is that which was rolled
 * back last, so that a command that is repeated does not undo one more.
 */
async function loadOf(engine: Engine, { loadKey, appliedGeneration }: Claim, asked: string): Promise<LoadReceipt> {
  const { names } = engine;
  const id = own(engine, 'load_id');
  const from =
    appliedGeneration === null
      ? sql`SELECT ${id} FROM ${raw(names.rollbacks)} WHERE ${own(engine, 'load_key')} = ${loadKey} ORDER BY ${own(engine, 'fence')} DESC LIMIT 1`
      : sql`SELECT l.${id} AS ${id} FROM ${history(engine)} l WHERE l.${own(engine, 'load_key')} = ${loadKey}
            AND ${raw(notUndone(engine, 'l'))} ORDER BY l.${own(engine, 'generation')} DESC LIMIT 1`;
  const loadId =
    asked === loadKey ? (await engine.backend.rows<{ load_id: string }>('rollback', from))[0]?.load_id : asked;
  const load = loadId === undefined ? null : await receiptById(engine, loadId);
  if (!load) throw loadFailure('LoadNotApplied', { object: asked, loadKey });
  return load;
}

/** How a load was rolled back, if it was. */
async function rollbackOf(engine: Engine, loadId: string): Promise<RollbackReceipt | null> {
  const [row] = await engine.backend.rows<{ receipt: string }>(
    'rollback',
    sql`SELECT ${own(engine, 'receipt')} FROM ${raw(engine.names.rollbacks)} WHERE ${own(engine, 'load_id')} = ${loadId} LIMIT 1`,
  );
  return row ? (JSON.parse(row.receipt) as RollbackReceipt) : null;
}

async function receiptOf(
  engine: Engine,
  load: LoadReceipt,
  tables: readonly RolledBackTable[],
  fence: number,
  by: SignedBy,
): Promise<RollbackReceipt> {
  const { loadId, loadKey, pipeline, generation } = load;
  const [files] = await engine.backend.rows<{ n: unknown }>(
    'rollback',
    sql`SELECT COUNT(*) AS ${own(engine, 'n')} FROM ${raw(engine.names.files)} WHERE ${own(engine, 'load_id')} = ${loadId}`,
  );
  const at = await ledgerClock(engine);
  return {
    outcome: 'rolled-back',
    loadId,
    loadKey,
    pipeline,
    generation,
    fence,
    tables,
    files: Number(files?.n ?? 0),
    at,
    ...by,
  };
}

/** Files may be loaded again, set-aside rows go with their load, and last of all the row that proves everything before it. */
function written(engine: Engine, load: LoadReceipt, claim: Claim, receipt: RollbackReceipt): UnitStatement[] {
  const forget = (table: 'files' | 'quarantine'): UnitStatement => ({
    name: `forget ${table}`,
    kind: 'change',
    sql: sql`DELETE FROM ${raw(engine.names[table])} WHERE ${own(engine, 'load_id')} = ${load.loadId}`,
  });
  return [
    forget('files'),
    forget('quarantine'),
    forgetRepairs(engine, load.loadId, null),
    // The fence stops whoever froze before publishing this load, or a later generation of it.
    ...claimEvent(engine, claim, {
      event: 'rollback',
      state: 'rolled-back',
      appliedGeneration: null,
      sourceIdentity: null,
      fence: receipt.fence,
      workflowId: null,
      leaseMs: 0,
    }),
    inserted(engine, 'rollbacks', {
      load_id: load.loadId,
      load_key: load.loadKey,
      fence: receipt.fence,
      rolled_back_at: receipt.at,
      receipt: JSON.stringify(receipt),
    }),
  ];
}

/** After the commit, and only to be tidy. */
async function forgetKept({ backend }: Engine, effects: readonly Effect[]): Promise<void> {
  for (const { keptIn } of effects)
    if (keptIn) await backend.run('sweep', sql`DROP TABLE IF EXISTS ${raw(keptIn)}`).catch(() => undefined);
}
