import { checksOf, type Verdict } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, AuditedStageFields, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import { checkWarnings, failureOf } from '../audit-policy';
import type { StepContext } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { dropDuplicates } from './audit-duplicates';
import { measureStage } from './audit-metrics';
import { aggregateStage, markBad, scanStage, type Audit, type Scanned } from './audit-scan';
import { checkUnique, checkUniqueInTarget } from './audit-unique';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { quarantineWarnings } from './quarantine-warning';
import { referredTables, relationsOf, versionsOf } from './references';
import { ident, insideRanges, whereGood, type MarkedStage } from './sql';
import { typeOf } from './stage-columns';
import { allVerdicts, scanVerdicts } from './verdicts';

/** See `Warehouse.audit`. One transaction, because it takes duplicates out and must be repeatable. */
export async function auditStage(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  stage: StageRef,
  context: StepContext,
): Promise<AuditedStage> {
  const target = open.targets[stage.index]!;
  const names = ledgerNames(config);
  return client.transaction(boundsOf(config, config.stageTimeoutMs), context.signal, async (tx) => {
    // Before anything is read, so that what is published meanwhile is seen as a move.
    const tables = await referredTables(tx, target.contract);
    const versions = await versionsOf(tx, names, [target.target, ...tables.values()]);
    const { [target.target]: targetVersion = 0, ...referenceVersions } = versions;
    const checks = checksOf(target.contract);
    const audit: Audit = { tx, target, stage, checks, relations: relationsOf(tables), end: open.interval?.end };
    const { quarantined, left, verdicts } = await evaluate(audit, names, open);
    const audited: AuditedStageFields = {
      ...stage,
      audited: left,
      duplicates: stage.rows - left,
      quarantined,
      targetVersion,
      warnings: [
        ...quarantineWarnings(open, target.contract.name, quarantined, verdicts, names),
        ...checkWarnings(target.contract, verdicts),
      ],
      ...(verdicts.length ? { verdicts } : {}),
      ...(tables.size ? { referenceVersions } : {}),
    };
    return { value: audited as AuditedStage, commit: true };
  });
}

/** What an audit has found, and which rows it has left. */
interface Evaluated {
  readonly quarantined: number;
  /** Rows of the stage, once repetitions are out. */
  readonly left: number;
  readonly verdicts: readonly Verdict[];
}

async function evaluate(audit: Audit, names: LedgerNames, open: OpenLoad): Promise<Evaluated> {
  const { tx, target, stage } = audit;
  const scanned = await scanStage(audit);
  refuseEmptied(target, stage, scanned.rows);
  const first = await scanVerdicts(audit, names, scanned);
  conclude(target, first);
  const marked = { stage: stage.stage, quarantined: await markBroken(audit, scanned) };
  await checkPartitions(tx, target, marked);
  await checkUnique(tx, target, marked);
  await checkUniqueInTarget(tx, target, marked);
  const left = scanned.rows - (await dropDuplicates(tx, target, marked));
  const whole = marked.quarantined === 0 && left === scanned.rows;
  const checked = allVerdicts(audit, first, whole ? scanned.aggregates : await aggregateStage(audit, marked));
  const counts = { ...scanned, duplicates: stage.rows - left, quarantined: marked.quarantined };
  const verdicts = [...checked, ...(await measureStage(tx, names, open, stage, counts))];
  conclude(target, verdicts);
  return { quarantined: marked.quarantined, left, verdicts };
}

/** What verdicts mean for the load: with one that fails it ends here. @throws the code of the first that has failed */
function conclude({ contract }: OpenTarget, verdicts: readonly Verdict[]): void {
  const failure = failureOf(contract, verdicts);
  if (failure) throw failure;
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
