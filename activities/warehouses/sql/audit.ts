import { checksOf, lastLoads } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import { auditedStage } from '../audited-stage';
import { allVerdicts, scanVerdicts } from '../check-verdicts';
import { reasonsColumn } from '../own-columns';
import type { MetricsNote } from '../metrics-policy';
import { prospectsOf, refusalOf, type Evaluated, type Tried } from '../prospects';
import { holdFor, judged, type AuditAsked } from '../verdict-policy';
import type { StepContext } from '../warehouse';
import { measureStage, noteStage } from './audit-metrics';
import { aggregateRows, markedRows, scanStage, type Audit } from './audit-scan';
import { checkPartitions, checkUnique, checkUniqueInTarget, countRepeated } from './audit-rows';
import { columnList, stageColumns } from './columns';
import { own, type Engine } from './engine';
import { history, notUndone } from './ledger';
import { checkOrder } from './publish-checks';
import { refuseEmptyPartitions, refuseEmptyReplace } from './write-checks';
import { raw, sql, type Sql } from './port';
import { referredTables, relationsOf, versionsOf } from './references';
import { newStage } from './stage';

/** What an audit has found, and the rows that it would leave. */
interface Examined extends Evaluated {
  /** The rows that are to arrive, as a relation. */
  readonly good: Sql;
  /** What the publish is to know of the batch; `null`: nothing. */
  readonly note: MetricsNote | null;
}

/**
 * See `Warehouse.audit`. It only reads; where rows are set aside or repeat each other, what is left of them goes into a table of
 * its own. So it may be repeated, and whoever is held up in it changes nothing that another reads.
 */
export async function auditStage(
  engine: Engine,
  open: OpenLoad,
  stage: StageRef,
  context: StepContext,
  asked: AuditAsked = {},
): Promise<AuditedStage> {
  const judgement = judged(open.targets[stage.index]!, stage, asked.verdict);
  const { target } = judgement;
  // Before anything is read, so that what is published meanwhile is seen as a move.
  const tables = await referredTables(engine, target.contract);
  const versions = await versionsOf(engine, [target.target, ...tables.values()]);
  const { [target.target]: targetVersion = 0, ...referenceVersions } = versions;
  const checks = checksOf(target.contract);
  const bounds = { signal: context.signal, timeoutMs: engine.options.stageTimeoutMs, open };
  const audit: Audit = {
    engine,
    target,
    stage,
    checks,
    relations: relationsOf(engine, tables),
    end: open.interval?.end,
    bounds,
  };
  const found = await examine(audit, open);
  const hold = holdFor(judgement, checks, found.verdicts, asked);
  const prospects = hold && (await prospectsOf(hold, (under) => tried(auditOf(under, audit), open)));
  // A held stage stays as it was staged: which of its rows are good is for the verdict to say.
  const left = hold ? stage.stage : await leftRows(audit, open, found, context);
  if (!hold && found.note) await noteStage(audit, left, found.note);
  return auditedStage(open, {
    stage: { ...stage, stage: left },
    judgement,
    found,
    prospects,
    targetVersion,
    referenceVersions: tables.size ? referenceVersions : null,
  });
}

/** The same audit by the severities that a verdict would give. */
const auditOf = (target: OpenTarget, audit: Audit): Audit => ({ ...audit, target, checks: checksOf(target.contract) });

async function examine(audit: Audit, open: OpenLoad): Promise<Examined> {
  const { engine, target, stage } = audit;
  const scanned = await scanStage(audit);
  refuseEmptied(target, stage, scanned.rows);
  const before = audit.checks.some((c) => c.kind === 'change') ? await rowsOfLastLoads(engine, target) : [];
  const first = scanVerdicts(audit, scanned.broken, before);
  const whole = sql`${raw(stage.stage)}`;
  if (first.some((v) => v.verdict === 'fail')) {
    const verdicts = allVerdicts(audit, first, scanned.aggregates);
    return { quarantined: 0, left: scanned.rows, verdicts, good: whole, note: null };
  }
  const reasons = raw(engine.dialect.ident(reasonsColumn));
  const good = scanned.bad > 0 ? sql`(SELECT * FROM ${markedRows(audit)} m WHERE m.${reasons} IS NULL)` : whole;
  await checkPartitions(engine, target, good);
  await checkUnique(engine, target, good);
  await checkUniqueInTarget(engine, target, good);
  const left = scanned.rows - (await countRepeated(engine, target, good));
  const untouched = scanned.bad === 0 && left === scanned.rows;
  const rows = { quarantined: scanned.bad, left, good };
  const checked = allVerdicts(audit, first, untouched ? scanned.aggregates : await aggregatesOf(audit, rows));
  const { columns, bad: quarantined } = scanned;
  const { verdicts, note } = await measureStage(audit, open, { columns, quarantined, duplicates: stage.rows - left });
  return { ...rows, verdicts: [...checked, ...verdicts], note };
}

const aggregatesOf = (audit: Audit, { good }: Pick<Examined, 'good'>): ReturnType<typeof aggregateRows> =>
  aggregateRows(audit, sql`(${onceEach(audit, good)})`);

/** Rows without those that repeat another: by `newest` the newest, else whichever. */
function onceEach({ engine, target }: Audit, rows: Sql): Sql {
  const { key, newest, columns } = target.contract;
  const names = raw(columnList(engine, Object.keys(columns), 's'));
  if (!key?.length) return sql`SELECT ${names} FROM ${rows} s`;
  const number = raw(engine.dialect.ident('_loadline_n'));
  const order = newest ? `s.${engine.dialect.ident(newest)} DESC NULLS LAST` : columnList(engine, key, 's');
  const over = raw(`ROW_NUMBER() OVER (PARTITION BY ${columnList(engine, key, 's')} ORDER BY ${order})`);
  return sql`SELECT ${names} FROM (SELECT s.*, ${over} AS ${number} FROM ${rows} s) s WHERE s.${number} = 1`;
}

/** What is left of a stage, as a table; the stage itself where that is all of it. */
async function leftRows(audit: Audit, open: OpenLoad, found: Examined, context: StepContext): Promise<string> {
  const { engine, stage, target, bounds } = audit;
  if (found.quarantined === 0 && found.left === stage.rows) return stage.stage;
  const left = await newStage(engine, open, stage.index, context);
  const reasons = raw(engine.dialect.ident(reasonsColumn));
  const names = raw(columnList(engine, Object.keys(target.contract.columns), 'g'));
  const none = sql`CAST(NULL AS ${raw(engine.dialect.own.text)})`;
  const good = sql`SELECT ${names}, ${none} AS ${reasons} FROM (${onceEach(audit, found.good)}) g`;
  const bad = sql`SELECT ${names}, g.${reasons} FROM ${markedRows(audit)} g WHERE g.${reasons} IS NOT NULL`;
  const rows = found.quarantined > 0 ? sql`${good} UNION ALL ${bad}` : good;
  // Not AS SELECT: where a table is defined, no value can be bound.
  const types = [...stageColumns(engine, target), { name: reasonsColumn, type: engine.dialect.own.text }];
  const made = types.map((c) => `${engine.dialect.ident(c.name)} ${c.type}`).join(', ');
  await engine.backend.run('audit', sql`CREATE TABLE ${raw(left)} (${raw(made)})`, bounds);
  const into = raw(
    columnList(
      engine,
      types.map((c) => c.name),
    ),
  );
  await engine.backend.run('audit', sql`INSERT INTO ${raw(left)} (${into}) ${rows}`, bounds);
  return left;
}

/** Whether a verdict could be published, as far as that shows now. */
function tried(audit: Audit, open: OpenLoad): Promise<Tried> {
  const { engine, target } = audit;
  return examine(audit, open)
    .then(async (found) => {
      await checkOrder(engine, open);
      const rows = { target, good: found.left - found.quarantined, relation: found.good };
      if (target.mode === 'replace') await refuseEmptyReplace(engine, rows);
      if (target.mode === 'replace-partition' && !target.allowEmpty) await refuseEmptyPartitions(engine, rows);
      return found;
    })
    .catch(refusalOf);
}

/** Fewer rows are a former audit's work, which took repetitions out; none at all are a stage that was lost. */
function refuseEmptied({ target }: OpenTarget, stage: StageRef, rows: number): void {
  if (rows === 0 && stage.rows > 0)
    throw loadFailure('StageLost', { object: target, expected: `${stage.rows} rows`, got: 'none' });
}

/** How many rows the batches of the table's last loads had, newest first. */
async function rowsOfLastLoads(engine: Engine, { target }: OpenTarget): Promise<number[]> {
  const { names } = engine;
  const rows = await engine.backend.rows<{ read_rows: unknown }>(
    'audit',
    sql`SELECT e.${own(engine, 'read_rows')} AS ${own(engine, 'read_rows')} FROM ${raw(names.effects)} e
        JOIN ${history(engine)} l ON l.${own(engine, 'load_id')} = e.${own(engine, 'load_id')}
        WHERE e.${own(engine, 'target')} = ${target} AND NOT l.${own(engine, 'adopted')} AND ${raw(notUndone(engine, 'l'))}
          AND NOT EXISTS (SELECT 1 FROM ${raw(names.quarantine_decisions)} d WHERE d.${own(engine, 'repaired_by')} = l.${own(engine, 'load_id')})
        ORDER BY l.${own(engine, 'published_at')} DESC LIMIT ${raw(String(lastLoads))}`,
  );
  return rows.map((r) => Number(r.read_rows));
}
