import { isDeepStrictEqual } from 'node:util';
import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, GivenVerdict, OpenLoad, OpenTarget } from '../../../workflows/contract';
import { checksOf } from '../../../workflows/checks';
import { reasonsColumn } from '../own-columns';
import { orderMatters } from '../publish-policy';
import type { PublishStage, StepContext } from '../warehouse';
import { stageFacts } from './audit-scan';
import { checkUniqueInTarget } from './audit-rows';
import { checkColumns } from './catalogue';
import { brokenSql, stageSql } from './check-sql';
import { goodRows } from './columns';
import { own, type Engine } from './engine';
import { filesLoaded, history, notUndone } from './ledger';
import { raw, sql, type Guard } from './port';
import { referredTables, relationsOf, versionsOf } from './references';
import { countOf } from './write-checks';

/** What every part of one publish needs. */
export interface Publish {
  readonly engine: Engine;
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  readonly context: StepContext;
  /** Of a load that was held. */
  readonly verdict: GivenVerdict | undefined;
}

/** A stage that is gone, or holds other rows than were audited. @throws `StageLost` */
export async function checkStages({ engine, stages, open }: Publish): Promise<void> {
  for (const { audited } of stages) {
    const found = await stageFacts(engine, sql`${raw(audited.stage)} s`, markedOf(engine, audited), {});
    const [rows, marked] = [Number(found['n']), Number(found['marked'] ?? 0)];
    if (rows !== audited.audited || marked !== audited.quarantined)
      throw stageLost(open, audited, `${rows} and ${marked}`);
  }
}

const markedOf = ({ dialect }: Engine, { quarantined }: AuditedStage) =>
  quarantined > 0 ? { marked: sql`COUNT(${raw(dialect.ident(reasonsColumn))})` } : {};

/** The failure of a stage that does not hold what was audited. */
export const stageLost = (open: OpenLoad, audited: AuditedStage, got: string): Error =>
  loadFailure('StageLost', {
    object: open.targets[audited.index]!.target,
    expected: `${audited.audited} rows, ${audited.quarantined} of them to set aside`,
    got,
  });

/** Asked again in the unit itself: whoever empties a stage holds none of its locks. */
export const stageWhole = ({ dialect }: Engine, audited: AuditedStage): Guard => ({
  code: 'StageLost',
  holds: sql`SELECT COUNT(*) = ${raw(String(audited.audited))} AS ${raw(dialect.ident('holds'))} FROM ${raw(audited.stage)}`,
});

/** Without an interval the file is the unit: another load may have taken some since `extract` looked. @throws `SourceOverlap` */
export async function checkFiles({ engine, open, stages }: Pick<Publish, 'engine' | 'open' | 'stages'>): Promise<void> {
  if (open.identity !== 'files') return;
  for (const { audited, manifest } of stages) {
    const { target } = open.targets[audited.index]!;
    const loaded = await filesLoaded(
      engine,
      target,
      manifest.files.map((f) => f.fileId),
    );
    if (loaded.size) throw loadFailure('SourceOverlap', { object: target });
  }
}

/** Without `newest` an older interval would overwrite a newer one's rows. @throws `OutOfOrder` */
export async function checkOrder(engine: Engine, open: OpenLoad): Promise<void> {
  if (!open.interval) return;
  const { names, dialect } = engine;
  const start = raw(`l.${dialect.ident('interval_start')}`);
  for (const { target } of open.targets.filter(orderMatters)) {
    const [row] = await engine.backend.rows<{ newest: string | null }>(
      'publish',
      sql`SELECT ${raw(dialect.isoText(`MAX(${start.raw})`))} AS ${own(engine, 'newest')} FROM ${history(engine)} l
          JOIN ${raw(names.effects)} e ON e.${own(engine, 'load_id')} = l.${own(engine, 'load_id')}
          WHERE e.${own(engine, 'target')} = ${target} AND l.${own(engine, 'load_key')} <> ${open.loadKey}
            AND ${start} > ${dialect.timestamp(open.interval.start)} AND ${raw(notUndone(engine, 'l'))}`,
    );
    if (!row?.newest) continue;
    throw loadFailure('OutOfOrder', {
      object: target,
      loadKey: open.loadKey,
      expected: `an interval from ${row.newest} or later`,
      got: open.interval.start,
    });
  }
}

/** The table as it was when the load was opened. Anything else is for opening the load again to say. @throws `SchemaMoved` */
export async function checkTargets({ engine, open }: Publish): Promise<void> {
  for (const target of open.targets) {
    const found = await engine.backend.findTable(target.contract.table);
    if (found === null) throw loadFailure('SchemaMoved', { object: target.target, expected: 'the table', got: 'none' });
    try {
      checkColumns(engine, target.target, target.contract, found.columns);
    } catch (cause) {
      throw loadFailure('SchemaMoved', { object: target.target, cause });
    }
    const same =
      found.target === target.target && (target.columns === null || isDeepStrictEqual(found.columns, target.columns));
    if (found.kind !== 'table' || !same) throw loadFailure('SchemaMoved', { object: target.target });
  }
}

/** Checks that read tables run again if somebody has published to these since. @throws `NotUnique`, `StageLost` */
export async function checkAgain(
  { engine, open, stages }: Publish,
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { audited } of stages) {
    const target = open.targets[audited.index]!;
    const good = sql`${raw(goodRows(engine, audited))}`;
    if (versions.get(target.target) !== audited.targetVersion) await checkUniqueInTarget(engine, target, good);
    await checkReferencesAgain(engine, target, audited);
  }
}

/**
 * Rows that were found in another table may have left it since the audit. What that means is for an audit to say again,
 * so the stage counts as lost. Tables that others write to are always asked.
 */
async function checkReferencesAgain(
  engine: Engine,
  { contract, target, columns }: OpenTarget,
  audited: AuditedStage,
): Promise<void> {
  const passed = new Set(
    audited.verdicts?.filter((v) => v.verdict !== 'warn' && v.verdict !== 'fail').map((v) => v.id),
  );
  const checks = checksOf(contract)
    .filter((c) => c.kind === 'references')
    .filter((c) => passed.has(c.id));
  if (!checks.length) return;
  const tables = await referredTables(engine, contract);
  const versions = await versionsOf(engine, tables.values());
  for (const check of checks) {
    const version = versions[tables.get(check.table)!];
    if (version !== undefined && version === audited.referenceVersions?.[tables.get(check.table)!]) continue;
    const from = stageSql(engine, goodRows(engine, audited), [check], relationsOf(engine, tables));
    const lost = await countOf(engine, sql`${raw(from)} WHERE ${brokenSql(engine, { contract, columns }, check)}`);
    if (lost === 0) continue;
    throw loadFailure('StageLost', {
      what: 'Rows of the batch have lost what they refer to since they were audited.',
      object: `${target} ${check.id}`,
      expected: `every row in ${check.table}`,
      got: `${lost} rows that are not`,
      remedy: 'Nothing to do: the batch is staged and audited again.',
    });
  }
}
