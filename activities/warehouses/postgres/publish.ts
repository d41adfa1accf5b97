import { loadFailure } from '../../../workflows/load-error';
import type { GivenVerdict, LoadReceipt, OpenLoad, TableReceipt } from '../../../workflows/contract';
import { contentOf } from '../../../workflows/target-order';
import { adoptedAppend } from '../adopt-policy';
import { decidePublish } from '../claim-policy';
import { checkSet, inOpenOrder } from '../publish-policy';
import { targetsOf } from '../receipts';
import type { PublishStage, StepContext } from '../warehouse';
import { ownReceipt, readClaim } from './claims';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { recordEffect } from './kept';
import { ledgerNames, notUndone, type LedgerNames } from './ledger-schema';
import { setAside, writeFiles, writeLedger } from './ledger-row';
import { checkRepairs, markRepaired, withRepairs } from './repairs';
import { checkFiles, checkOrder, checkStages, checkTargets, type Publish } from './publish-checks';
import { writeMetrics } from './metrics-ledger';
import { writeTable } from './write';

/**
 * The one transaction that makes stages visible: lock, ledger, fence, stage count, order, DML, ledger row. No DDL.
 *
 * @throws `LockRowMissing`, `Fenced`, `StageLost`, `SourceOverlap`, `OutOfOrder`, `SchemaMoved`, `CommitOutcomeUnknown`, …
 */
export function publishStages(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  stages: readonly PublishStage[],
  context: StepContext,
  verdict?: GivenVerdict,
): Promise<LoadReceipt> {
  checkSet(open, stages);
  const names = ledgerNames(config);
  return client.transaction(boundsOf(config, config.publishTimeoutMs), context.signal, async (tx) => {
    const publish: Publish = { tx, names, open, stages: inOpenOrder(stages), context, verdict };
    const versions = await lockTargets(tx, names, targetsOf(open));
    const claim = await readClaim(tx, names, open.loadKey);
    if (decidePublish(claim, { ...open, held: verdict !== undefined }) === 'answer-applied') {
      return { value: await answerApplied(publish), commit: false };
    }
    await checkStages(publish);
    await checkFiles(publish);
    await checkOrder(publish);
    await checkRepairs(publish);
    await checkTargets(publish, versions);
    const tables = await writeTables(publish, versions);
    await setAside(publish);
    await markRepaired(publish);
    await writeFiles(publish);
    const odd = await writeMetrics(publish, tables);
    return { value: await writeLedger(publish, tables, odd), commit: true };
  });
}

/** The applied load may be another's with other content: then this one is late, and has not been loaded. */
async function answerApplied({ tx, names, open, stages, context }: Publish): Promise<LoadReceipt> {
  const sha256 = contentOf(
    open.targets,
    stages.map((s) => s.audited.batch),
  );
  const receipt = await ownReceipt(tx, names, open, sha256, context.actor);
  if (!receipt)
    throw loadFailure('Fenced', {
      object: open.loadKey,
      loadKey: open.loadKey,
      got: 'a load of other content under this key',
    });
  return receipt;
}

/** All locks of a set first and in sorted order, so that two sets cannot wait for each other. */
export async function lockTargets(
  tx: Session,
  names: LedgerNames,
  targets: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.rows<{ target: string; version: string }>(
    'publish:lock',
    `SELECT target, version FROM ${names.locks} WHERE target = ANY($1) ORDER BY target FOR UPDATE`,
    [targets],
  );
  const missing = targets.filter((t) => !rows.some((r) => r.target === t));
  if (missing.length) throw loadFailure('LockRowMissing', { object: missing.join(', ') });
  return new Map(rows.map((r) => [r.target, Number(r.version)]));
}

async function writeTables(publish: Publish, versions: ReadonlyMap<string, number>): Promise<TableReceipt[]> {
  const { tx, names, open, stages, context } = publish;
  // With the rows that they had set aside, if other loads have brought those.
  const older = `SELECT load_id FROM ${names.history} l WHERE load_key = $1 AND generation < $2 AND ${notUndone(names, 'l')}`;
  const superseded = await tx.rows<{ load_id: string; adopted: boolean }>(
    'publish:generations',
    `SELECT load_id, receipt ? 'adopted' AS adopted FROM ${names.history} WHERE load_id IN (${withRepairs(names, older)})`,
    [open.loadKey, open.generation],
  );
  const tables: TableReceipt[] = [];
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    context.progress({ step: 'publish', rows: audited.audited, detail: target.target });
    const replaced = open.identity === 'interval' ? superseded : [];
    if (target.mode === 'append' && replaced.some((s) => s.adopted)) throw adoptedAppend(open.loadKey, target.target);
    const loadIds = replaced.map((s) => s.load_id);
    const table = await writeTable(tx, { open, target, stage: audited, superseded: loadIds, names });
    await recordEffect(publish, target, table, versions.get(target.target)! + 1);
    tables.push(table);
  }
  return tables;
}
