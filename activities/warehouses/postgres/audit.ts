import { loadFailure } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { AuditedStage, AuditedStageFields, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import type { StepContext } from '../warehouse';
import type { PostgresClient, Session } from './client';
import type { ResolvedPostgresConfig } from './config';
import { ledgerNames } from './ledger-schema';
import { quarantineWarnings, type BrokenCheck } from './quarantine-warning';
import {
  columnList,
  ident,
  insideRanges,
  quarantinePredicate,
  relation,
  rowChecks,
  sameKey,
  whereGood,
  type RowCheck,
} from './sql';
import { stageCount } from './stage-count';
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
  const bounds = {
    timeoutMs: config.stageTimeoutMs,
    frozenTimeoutMs: config.frozenTimeoutMs,
    lockTimeoutMs: config.lockTimeoutMs,
  };
  return client.transaction(bounds, context.signal, async (tx) => {
    const targetVersion = await versionOf(tx, ledgerNames(config).locks, target.target);
    await checkCounts(tx, target, stage);
    const { quarantined, broken } = await checkRows(tx, target, stage);
    await checkPartitions(tx, target, stage.stage);
    await checkUnique(tx, target, stage.stage);
    await checkUniqueInTarget(tx, target, stage.stage);
    const duplicates = await dropDuplicates(tx, target, stage);
    const audited: AuditedStageFields = {
      ...stage,
      audited: stage.rows - duplicates,
      duplicates,
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

async function checkCounts(tx: Session, { contract, target }: OpenTarget, stage: StageRef): Promise<void> {
  // Fewer rows are a former attempt's work, which took duplicates out; none at all are a stage that a crash emptied.
  const rows = await stageCount(tx, stage.stage);
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

/** What the row expectations have found: how many rows are set aside, and what for. */
interface CheckedRows {
  readonly quarantined: number;
  readonly broken: readonly BrokenCheck[];
}

/** All row expectations in one scan. */
async function checkRows(tx: Session, { contract }: OpenTarget, stage: StageRef): Promise<CheckedRows> {
  const checks = rowChecks(contract);
  if (!checks.length) return { quarantined: 0, broken: [] };
  const counts = checks.map((c, i) => `count(*) FILTER (WHERE ${c.broken}) AS "c${i}"`);
  counts.push(`count(*) FILTER (WHERE ${quarantinePredicate(contract) ?? 'false'}) AS quarantined`);
  const [found] = await tx.rows<Record<string, string>>(
    'audit:rows',
    `SELECT ${counts.join(', ')} FROM ${stage.stage}`,
  );
  const broken = checks.map((check, i) => ({ check, rows: Number(found?.[`c${i}`]) })).filter((b) => b.rows > 0);
  const failing = broken.filter((b) => b.check.severity === 'fail');
  const [first] = failing;
  if (first) {
    const got = failing
      .map((b) => `${b.rows} of ${stage.rows} rows break ${b.check.check} of ${b.check.column}`)
      .join('; ');
    throw loadFailure(codeOf(first.check), { object: `${contract.name}.${first.check.column}`, got });
  }
  return { quarantined: Number(found?.['quarantined']), broken };
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

/** Takes out rows that repeat another; refuses rows that contradict each other. Resolves to how many are out. */
async function dropDuplicates(tx: Session, { contract, target }: OpenTarget, stage: StageRef): Promise<number> {
  const { key, newest } = contract;
  if (!key?.length) return 0;
  const good = whereGood(contract);
  const repeated = `SELECT ${columnList(key)} FROM ${stage.stage}${good} GROUP BY ${columnList(key)} HAVING count(*) > 1`;
  const [some] = await tx.rows('audit:repeated', `${repeated} LIMIT 1`);
  if (some) {
    const order = newest ? `ORDER BY ${ident(newest)} DESC NULLS LAST` : '';
    const ranked = `SELECT *, ctid AS _loadline_row, rank() OVER (PARTITION BY ${columnList(key)} ${order}) AS _loadline_rank
                    FROM ${stage.stage}${whereGood(contract, `(${columnList(key)}) IN (${repeated})`)}`;
    const values = `(${columnList(Object.keys(contract.columns))})::text`;
    const [conflicts] = await tx.rows<{ n: string }>(
      'audit:conflicts',
      `SELECT count(*) AS n FROM (SELECT 1 FROM (${ranked}) r WHERE _loadline_rank = 1
       GROUP BY ${columnList(key)} HAVING count(DISTINCT ${values}) > 1) c`,
    );
    if (Number(conflicts?.n) > 0) {
      throw loadFailure('ConflictingDuplicates', {
        object: target,
        got: `${conflicts?.n} keys with several values${newest ? ` and equal ${newest}` : ''}`,
      });
    }
    const losers = `SELECT _loadline_row FROM (SELECT _loadline_row, row_number() OVER (PARTITION BY ${columnList(key)}
                    ORDER BY _loadline_rank, _loadline_row) AS n FROM (${ranked}) r) w WHERE n > 1`;
    await tx.run('audit:dedup', `DELETE FROM ${stage.stage} WHERE ctid IN (${losers})`);
  }
  return stage.rows - (await stageCount(tx, stage.stage));
}
