import { loadFailure } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { AuditedStage, AuditedStageFields, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import type { StepContext } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { dropDuplicates } from './audit-duplicates';
import { ledgerNames } from './ledger-schema';
import { quarantineWarnings, type BrokenCheck } from './quarantine-warning';
import {
  ident,
  insideRanges,
  quarantinePredicate,
  relation,
  rowChecks,
  sameKey,
  whereGood,
  type RowCheck,
} from './sql';
import { stageCounts } from './stage-count';
import { postgresType } from './types';

/** See `Warehouse.audit`. One transaction, because it takes duplicates out and must be repeatable. */
export async function auditStage(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  stage: StageRef,
  context: StepContext,
): Promise<AuditedStage> {
  const target = open.targets[stage.index]!;
  return client.transaction(boundsOf(config, config.stageTimeoutMs), context.signal, async (tx) => {
    const targetVersion = await versionOf(tx, ledgerNames(config).locks, target.target);
    const { rows, quarantined, broken } = await checkRows(tx, target, stage);
    await checkPartitions(tx, target, stage.stage);
    await checkUnique(tx, target, stage.stage);
    await checkUniqueInTarget(tx, target, stage.stage);
    const left = rows - (await dropDuplicates(tx, target, stage.stage));
    const audited: AuditedStageFields = {
      ...stage,
      audited: left,
      duplicates: stage.rows - left,
      quarantined,
      targetVersion,
      warnings: quarantineWarnings(open, target.contract.name, quarantined, broken, ledgerNames(config)),
    };
    return { value: audited as AuditedStage, commit: true };
  });
}

async function versionOf(tx: Session, locks: string, target: string): Promise<number> {
  const [row] = await tx.rows<{ version: string }>('audit:version', `SELECT version FROM ${locks} WHERE target = $1`, [
    target,
  ]);
  return Number(row?.version ?? 0);
}

function checkRowCount({ contract, target }: OpenTarget, stage: StageRef, rows: number): void {
  // Fewer rows are a former attempt's work, which took duplicates out; none at all are a stage that a crash emptied.
  if (rows === 0 && stage.rows > 0)
    throw loadFailure('StageLost', { object: target, expected: `${stage.rows} rows`, got: 'none' });
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = contract.rows ?? {};
  if (stage.rows < min || stage.rows > max) {
    throw loadFailure('RowCount', {
      object: contract.name,
      expected: `${min} to ${max === Number.MAX_SAFE_INTEGER ? 'any number of' : max} rows`,
      got: `${stage.rows}`,
    });
  }
}

/** What one scan has found: how many rows there are, how many are set aside, and what for. */
interface CheckedRows {
  readonly rows: number;
  readonly quarantined: number;
  readonly broken: readonly BrokenCheck[];
}

/** The count and all row expectations in one scan. */
async function checkRows(tx: Session, target: OpenTarget, stage: StageRef): Promise<CheckedRows> {
  const { contract } = target;
  const checks = rowChecks(contract);
  const counts = checks.map((c, i) => `count(*) FILTER (WHERE ${c.broken}) AS "c${i}"`);
  const bad = quarantinePredicate(contract);
  if (bad) counts.push(`count(*) FILTER (WHERE ${bad}) AS quarantined`);
  const found = await stageCounts(tx, stage.stage, counts);
  checkRowCount(target, stage, found['rows']!);
  const broken = checks.map((check, i) => ({ check, rows: found[`c${i}`]! })).filter((b) => b.rows > 0);
  const failing = broken.filter((b) => b.check.severity === 'fail');
  const [first] = failing;
  if (first) {
    const got = failing
      .map((b) => `${b.rows} of ${stage.rows} rows break ${b.check.check} of ${b.check.column}`)
      .join('; ');
    throw loadFailure(codeOf(first.check), { object: `${contract.name}.${first.check.column}`, got });
  }
  return { rows: found['rows']!, quarantined: found['quarantined'] ?? 0, broken };
}

const codeOf = ({ check }: RowCheck): LoadErrorCode =>
  ({ key: 'NullKey', notNull: 'NullValue', range: 'OutOfRange' })[check] as LoadErrorCode;

async function checkPartitions(tx: Session, target: OpenTarget, stage: string): Promise<void> {
  if (target.mode !== 'replace-partition') return;
  const column = target.contract.partition!.column;
  const inside = insideRanges(ident(column), typeOf(target, column), target.partitions ?? []);
  const sql = `SELECT count(*) AS n FROM ${stage}${whereGood(target.contract, `NOT ${inside}`)}`;
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

/** A column's type in target and stage. */
export function typeOf({ columns, contract }: OpenTarget, name: string): string {
  return columns?.find((c) => c.name === name)?.type ?? postgresType(contract.columns[name]!.type);
}

function uniqueColumns({ contract }: OpenTarget): string[] {
  const alone = contract.key?.length === 1 ? contract.key[0] : undefined;
  // Alone in the key it is unique already: equal rows collapse, others are ConflictingDuplicates.
  return Object.entries(contract.columns)
    .filter(([name, c]) => c.unique && name !== alone)
    .map(([name]) => name);
}

async function checkUnique(tx: Session, target: OpenTarget, stage: string): Promise<void> {
  for (const name of uniqueColumns(target)) {
    const column = ident(name);
    // Rows that repeat each other in full count once.
    const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${stage} s${whereGood(target.contract, `${column} IS NOT NULL`)}
                 GROUP BY ${column} HAVING count(DISTINCT ${target.contract.key ? 's::text' : 's.ctid'}) > 1) d`;
    const [found] = await tx.rows<{ n: string }>('audit:unique', sql);
    if (Number(found?.n) > 0)
      throw loadFailure('NotUnique', {
        object: `${target.contract.name}.${name}`,
        got: `${found?.n} values in several rows of the batch`,
      });
  }
}

/** Reads the target, so publish asks again when the target has moved since. @throws `NotUnique` */
export async function checkUniqueInTarget(tx: Session, target: OpenTarget, stage: string): Promise<void> {
  if (target.columns === null || target.mode === 'replace') return;
  for (const name of uniqueColumns(target)) {
    const column = ident(name);
    const { key } = target.contract;
    const other = key && target.mode !== 'append' ? ` AND NOT (${sameKey(key, 't', 's')})` : '';
    const type = target.mode === 'replace-partition' ? typeOf(target, target.contract.partition!.column) : '';
    const stays = type
      ? ` AND NOT ${insideRanges(`t.${ident(target.contract.partition!.column)}`, type, target.partitions ?? [])}`
      : '';
    const sql = `SELECT count(*) AS n FROM (SELECT * FROM ${stage}${whereGood(target.contract)}) s
                 JOIN ${relation(target.target)} t ON t.${column} = s.${column}${other}${stays}`;
    const [found] = await tx.rows<{ n: string }>('audit:unique-target', sql);
    if (Number(found?.n) > 0)
      throw loadFailure('NotUnique', {
        object: `${target.target}.${name}`,
        got: `${found?.n} values that other rows of the table have`,
      });
  }
}
