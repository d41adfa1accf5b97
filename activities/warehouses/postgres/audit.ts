import { checksOf } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import { auditedStage } from '../audited-stage';
import { allVerdicts } from '../check-verdicts';
import type { Evaluated } from '../prospects';
import { holdFor, judged, type AuditAsked } from '../verdict-policy';
import type { StepContext } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { dropDuplicates } from './audit-duplicates';
import { measureStage } from './audit-metrics';
import { prospectsIn } from './audit-prospects';
import { aggregateStage, markBad, scanStage, type Audit, type Scanned } from './audit-scan';
import { checkUnique, checkUniqueInTarget } from './audit-unique';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { referredTables, relationsOf, versionsOf } from './references';
import { ident, insideRanges, whereGood, type MarkedStage } from './sql';
import { typeOf } from './stage-columns';
import { verdictsOf } from './verdicts';

/** See `Warehouse.audit`. One transaction, because it takes duplicates out and must be repeatable. */
export async function auditStage(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  stage: StageRef,
  context: StepContext,
  asked: AuditAsked = {},
): Promise<AuditedStage> {
  const judgement = judged(open.targets[stage.index]!, stage, asked.verdict);
  const { target } = judgement;
  const names = ledgerNames(config);
  return client.transaction(boundsOf(config, config.stageTimeoutMs), context.signal, async (tx) => {
    // Before anything is read, so that what is published meanwhile is seen as a move.
    const tables = await referredTables(tx, target.contract);
    const versions = await versionsOf(tx, names, [target.target, ...tables.values()]);
    const { [target.target]: targetVersion = 0, ...referenceVersions } = versions;
    const checks = checksOf(target.contract);
    const audit: Audit = { tx, target, stage, checks, relations: relationsOf(tables), end: open.interval?.end };
    const found = await evaluate(audit, names, open);
    const hold = holdFor(judgement, checks, found.verdicts, asked);
    const asking = {
      tx,
      names,
      open,
      stage,
      evaluate: (under: OpenTarget) => evaluate(auditOf(under, audit), names, open),
    };
    const prospects = hold && (await prospectsIn({ ...asking, hold }));
    const audited = auditedStage(open, {
      stage,
      judgement,
      found,
      prospects,
      targetVersion,
      referenceVersions: tables.size ? referenceVersions : null,
    });
    // A held stage stays as it was staged: which of its rows are good is for the verdict to say.
    return { value: audited, commit: hold === null };
  });
}

/** The same audit by the severities that a verdict would give. */
const auditOf = (target: OpenTarget, audit: Audit): Audit => ({ ...audit, target, checks: checksOf(target.contract) });

async function evaluate(audit: Audit, names: LedgerNames, open: OpenLoad): Promise<Evaluated> {
  const { tx, target, stage } = audit;
  const scanned = await scanStage(audit);
  refuseEmptied(target, stage, scanned.rows);
  const first = await verdictsOf(audit, names, scanned);
  if (first.some((v) => v.verdict === 'fail')) {
    const verdicts = allVerdicts(audit, first, scanned.aggregates);
    return { quarantined: 0, left: scanned.rows, verdicts };
  }
  const marked = { stage: stage.stage, quarantined: await markBroken(audit, scanned) };
  await checkPartitions(tx, target, marked);
  await checkUnique(tx, target, marked);
  await checkUniqueInTarget(tx, target, marked);
  const left = scanned.rows - (await dropDuplicates(tx, target, marked));
  const whole = marked.quarantined === 0 && left === scanned.rows;
  const checked = allVerdicts(audit, first, whole ? scanned.aggregates : await aggregateStage(audit, marked));
  const counts = { ...scanned, duplicates: stage.rows - left, quarantined: marked.quarantined };
  // Rows that are repaired come one at a time: they are like no other load, and no other is like them.
  const odd = stage.batch.repairs ? [] : await measureStage(tx, names, open, target, stage, counts);
  const verdicts = [...checked, ...odd];
  return { quarantined: marked.quarantined, left, verdicts };
}

/** Fewer rows are a former attempt's work, which took duplicates out; none at all are a stage that a crash emptied. */
function refuseEmptied({ target }: OpenTarget, stage: StageRef, rows: number): void {
  if (rows === 0 && stage.rows > 0)
    throw loadFailure('StageLost', { object: target, expected: `${stage.rows} rows`, got: 'none' });
}

function markBroken(audit: Audit, { broken }: Scanned): Promise<number> {
  const any = audit.checks.some((c) => c.severity === 'quarantine' && (broken.get(c.id) ?? 0) > 0);
  return any ? markBad(audit) : Promise.resolve(0);
}

async function checkPartitions(tx: Session, target: OpenTarget, stage: MarkedStage): Promise<void> {
  if (target.mode !== 'replace-partition') return;
  const column = target.contract.partition!.column;
  const inside = insideRanges(ident(column), typeOf(target, column), target.partitions ?? []);
  const sql = `SELECT count(*) AS n FROM ${stage.stage}${whereGood(stage, `NOT ${inside}`)}`;
  const [outside] = await tx.rows<{ n: string }>('audit:partitions', sql);
  if (Number(outside?.n) > 0) {
    const ranges = target.partitions ?? [];
    throw loadFailure('RowsOutsidePartition', {
      object: `${target.contract.name}.${column}`,
      expected: `${ranges.length} partitions from ${ranges[0]?.start} to ${ranges.at(-1)?.end}`,
      got: `${outside?.n} rows outside`,
    });
  }
}
