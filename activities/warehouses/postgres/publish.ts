import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { contentOf, inTargetOrder } from '../../../workflows/target-order';
import { decidePublish } from '../claim-policy';
import type { PublishStage, StepContext } from '../warehouse';
import { checkUniqueInTarget } from './audit';
import { combinedIdentity } from '../../sources/source-identity';
import { checkColumns, targetColumns } from './catalogue';
import { ownReceipt, readClaim } from './claims';
import type { PostgresClient, Session } from './client';
import type { ResolvedPostgresConfig } from './config';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { quarantinePredicate, rowChecks } from './sql';
import { stageCount } from './stage-count';
import { writeTable } from './write';

/** What every part of one publish needs. */
interface Publish {
  readonly tx: Session;
  readonly names: LedgerNames;
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  readonly context: StepContext;
}

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
): Promise<LoadReceipt> {
  checkSet(open, stages);
  const names = ledgerNames(config);
  const bounds = { timeoutMs: config.publishTimeoutMs, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: config.lockTimeoutMs };
  return client.transaction(bounds, context.signal, async (tx) => {
    const publish: Publish = { tx, names, open, stages: inOpenOrder(stages), context };
    const versions = await lockTargets(publish);
    const claim = await readClaim(tx, names, open.loadKey);
    if (decidePublish(claim, open) === 'answer-applied') {
      return { value: await answerApplied(publish), commit: false };
    }
    await checkStages(publish);
    await checkFiles(publish);
    await checkOrder(publish);
    await checkTargets(publish, versions);
    const tables = await writeTables(publish);
    await setAside(publish);
    await writeFiles(publish);
    return { value: await writeLedger(publish, tables), commit: true };
  });
}

/** Exactly the targets that were opened, each once. */
function checkSet(open: OpenLoad, stages: readonly PublishStage[]): void {
  const indexes = stages.map((s) => s.audited.index).sort((a, b) => a - b);
  if (!isDeepStrictEqual(indexes, [...open.targets.keys()])) {
    throw loadFailure('PublishSetChanged', { object: open.loadKey, expected: `${open.targets.length} targets`, got: `stages of targets ${indexes.join(', ')}` });
  }
}

/** The applied load may be another's with other content: then this one is late, and has not been loaded. */
async function answerApplied({ tx, names, open, stages, context }: Publish): Promise<LoadReceipt> {
  const sha256 = contentOf(open.targets, stages.map((s) => s.audited.batch));
  const receipt = await ownReceipt(tx, names, open, sha256, context.actor);
  if (!receipt) throw loadFailure('Fenced', { object: open.loadKey, loadKey: open.loadKey, got: 'a load of other content under this key' });
  return receipt;
}

/** Stages as their targets were opened. */
function inOpenOrder(stages: readonly PublishStage[]): PublishStage[] {
  return [...stages].sort((a, b) => a.audited.index - b.audited.index);
}

const targetsOf = (open: OpenLoad): string[] => open.targets.map((t) => t.target).sort();

/** All locks of a set first and in sorted order, so that two sets cannot wait for each other. */
async function lockTargets({ tx, names, open }: Publish): Promise<Map<string, number>> {
  const targets = targetsOf(open);
  const rows = await tx.rows<{ target: string; version: string }>(
    'publish:lock',
    `SELECT target, version FROM ${names.locks} WHERE target = ANY($1) ORDER BY target FOR UPDATE`,
    [targets],
  );
  const missing = targets.filter((t) => !rows.some((r) => r.target === t));
  if (missing.length) throw loadFailure('LockRowMissing', { object: missing.join(', ') });
  return new Map(rows.map((r) => [r.target, Number(r.version)]));
}

/** An UNLOGGED stage is empty after a crash of the server: publishing it would empty a table, or lose rows. */
async function checkStages({ tx, stages, open }: Publish): Promise<void> {
  for (const { audited } of stages) {
    const rows = await stageCount(tx, audited.stage);
    if (rows !== audited.audited) {
      throw loadFailure('StageLost', { object: open.targets[audited.index]!.target, expected: `${audited.audited} rows`, got: `${rows}` });
    }
  }
}

/** Without an interval the file is the unit: another load may have taken some since `extract` looked. */
async function checkFiles({ tx, names, open, stages }: Publish): Promise<void> {
  if (open.identity !== 'files') return;
  for (const { audited, manifest } of stages) {
    const { target } = open.targets[audited.index]!;
    const found = await tx.rows('publish:overlap', `SELECT 1 FROM ${names.files} WHERE target = $1 AND file_id = ANY($2) LIMIT 1`, [
      target,
      manifest.files.map((f) => f.fileId),
    ]);
    if (found.length) throw loadFailure('SourceOverlap', { object: target });
  }
}

/** Without `newest` an older interval would overwrite a newer one's rows. */
async function checkOrder({ tx, names, open }: Publish): Promise<void> {
  if (!open.interval) return;
  const ordered = open.targets.filter((t) => orderMatters(t));
  for (const { target } of ordered) {
    const [row] = await tx.rows<{ newest: string | null }>(
      'publish:order',
      `SELECT to_char(max(interval_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS newest FROM ${names.ledger} l
       WHERE targets @> ARRAY[$1] AND load_key <> $2
         AND EXISTS (SELECT 1 FROM ${names.claims} c WHERE c.load_key = l.load_key AND c.applied_generation = l.generation)`,
      [target, open.loadKey],
    );
    if (row?.newest && row.newest > open.interval.start) {
      throw loadFailure('OutOfOrder', { object: target, loadKey: open.loadKey, expected: `an interval from ${row.newest} or later`, got: open.interval.start });
    }
  }
}

function orderMatters(target: OpenTarget): boolean {
  if (target.outOfOrder === 'allow') return false;
  return target.mode === 'replace' || (target.mode === 'merge' && target.contract.newest === undefined);
}

/** The table as it was when the load was opened; checks that read it run again if somebody has published since. */
async function checkTargets({ tx, open, stages }: Publish, versions: Map<string, number>): Promise<void> {
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    const columns = await targetColumns(tx, target.target);
    if (!columns.length) throw loadFailure('SchemaMoved', { object: target.target, expected: 'the table', got: 'none' });
    if (target.columns === null) checkColumns(target.target, target.contract, columns);
    else if (!isDeepStrictEqual(columns, target.columns)) throw loadFailure('SchemaMoved', { object: target.target });
    if (versions.get(target.target) !== audited.targetVersion) await checkUniqueInTarget(tx, target, audited.stage);
  }
}

async function writeTables({ tx, names, open, stages, context }: Publish): Promise<TableReceipt[]> {
  const superseded = await tx.rows<{ load_id: string }>('publish:generations', `SELECT load_id FROM ${names.ledger} WHERE load_key = $1 AND generation < $2`, [
    open.loadKey,
    open.generation,
  ]);
  const tables: TableReceipt[] = [];
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    context.progress({ step: 'publish', rows: audited.audited, detail: target.target });
    const older = open.identity === 'interval' ? superseded.map((s) => s.load_id) : [];
    tables.push(await writeTable(tx, { open, target, stage: audited, superseded: older }));
  }
  return tables;
}

/** Quarantine rows belong to the publish: written earlier, a retry would double them. */
async function setAside({ tx, names, open, stages }: Publish): Promise<void> {
  for (const { audited } of stages) {
    const { contract, target } = open.targets[audited.index]!;
    const bad = quarantinePredicate(contract);
    if (!bad || audited.quarantined === 0) continue;
    const reasons = rowChecks(contract).filter((c) => c.severity === 'quarantine');
    const cases = reasons.map((_, i) => `CASE WHEN ${reasons[i]!.broken} THEN ($4::text[])[${i + 1}] END`);
    await tx.run(
      'publish:quarantine',
      `INSERT INTO ${names.quarantine} (load_id, load_key, target, reasons, row)
       SELECT $1, $2, $3, array_remove(ARRAY[${cases.join(', ')}], NULL), to_jsonb(s) FROM ${audited.stage} s WHERE ${bad}`,
      [open.loadId, open.loadKey, target, reasons.map((r) => `${r.check} of ${r.column}`)],
    );
  }
}

async function writeFiles({ tx, names, open, stages }: Publish): Promise<void> {
  if (open.identity !== 'files') return;
  for (const { audited, manifest } of stages) {
    const pick = <T>(field: (f: (typeof manifest.files)[number]) => T): T[] => manifest.files.map(field);
    await tx.run(
      'publish:files',
      `INSERT INTO ${names.files} (target, load_id, file_id, sha256, path, bytes, identity)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])`,
      [open.targets[audited.index]!.target, open.loadId, pick((f) => f.fileId), pick((f) => f.sha256), pick((f) => f.path), pick((f) => f.bytes), pick((f) => f.identity)],
    );
  }
}

/** Last of all, so that a ledger row proves everything before it. */
async function writeLedger(publish: Publish, tables: readonly TableReceipt[]): Promise<LoadReceipt> {
  const { tx, names, open, stages, context } = publish;
  const { actor } = context;
  const [clock] = await tx.rows<{ now: string }>('publish:clock', `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`);
  const receipt = receiptOf(publish, tables, clock!.now);
  const sorted = inTargetOrder(open.targets, stages);
  await tx.run('publish:version', `UPDATE ${names.locks} SET version = version + 1 WHERE target = ANY($1)`, [targetsOf(open)]);
  await tx.run(
    'publish:claim',
    `UPDATE ${names.claims} SET state = 'applied', applied_generation = $2, source_identity = $3 WHERE load_key = $1`,
    [open.loadKey, open.generation, combinedIdentity(sorted.map((s) => s.manifest.sourceIdentity))],
  );
  await tx.run(
    'publish:ledger',
    `INSERT INTO ${names.ledger} (load_id, load_key, generation, fence, pipeline, targets, modes, interval_start, interval_end,
       batch_sha256, protocol, workflow_id, run_id, attempt, build_id, published_at, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [open.loadId, open.loadKey, open.generation, open.fence, open.pipeline, open.targets.map((t) => t.target), open.targets.map((t) => t.mode),
      open.interval?.start ?? null, open.interval?.end ?? null, receipt.batch.sha256, open.protocol, actor.workflowId, actor.runId, actor.attempt,
      actor.buildId, clock!.now, JSON.stringify(receipt)],
  );
  return receipt;
}

function receiptOf({ open, stages, context }: Publish, tables: readonly TableReceipt[], publishedAt: string): LoadReceipt {
  const batches = stages.map((s) => s.audited.batch);
  const sum = (field: 'files' | 'filesSkipped' | 'bytes'): number => batches.reduce((total, b) => total + b[field], 0);
  const read = tables.reduce((total, t) => total + t.read + t.removed, 0);
  const { workflowId, runId, buildId } = context.actor;
  return {
    outcome: read === 0 ? 'nothing-to-load' : 'loaded',
    loadId: open.loadId,
    loadKey: open.loadKey,
    pipeline: open.pipeline,
    generation: open.generation,
    fence: open.fence,
    protocol: open.protocol,
    reversible: open.targets.every((t) => t.reversible),
    ...(open.interval && { interval: open.interval }),
    tables,
    batch: { sha256: contentOf(open.targets, batches), files: sum('files'), filesSkipped: sum('filesSkipped'), bytes: sum('bytes') },
    publishedAt,
    workflowId,
    runId,
    buildId,
    warnings: stages.flatMap((s) => s.audited.warnings),
  };
}
