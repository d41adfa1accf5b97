import { randomUUID } from 'node:crypto';
import type { ArchiveLimits, ArchiveResult } from '../../../workflows/contract';
import { archiveFailure, cutoffsAt, type ArchiveCutoffs } from '../archive-policy';
import { keysUnderWay } from './claims';
import { own, type Engine } from './engine';
import { history, ledgerClock } from './ledger';
import { columnsOf, isMissing, type LedgerNames } from './ledger-schema';
import { raw, sql, type RunOptions, type Sql, type Unit, type UnitStatement } from './port';
import { dropStage } from './sweep';
import { countOf } from './write-checks';

/**
 * See `Warehouse.archive`. What moves and what is deleted by its age is one unit; then the tables of kept rows are dropped, each
 * by itself.
 */
export async function archiveHistory(
  engine: Engine,
  limits: ArchiveLimits,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
): Promise<ArchiveResult> {
  const cutoffs = cutoffsAt(await ledgerClock(engine), limits);
  const numbers = dryRun ? await counted(engine, cutoffs) : await moved(engine, cutoffs, signal && { signal });
  return {
    before: cutoffs.ledger,
    archived: numbers['archived'] ?? 0,
    quarantineDeleted: numbers['quarantine'] ?? 0,
    keptDeleted: cutoffs.kept === null ? 0 : await forgetKept(engine, cutoffs.kept, { dryRun, signal }),
    metricsDeleted: numbers['metrics'] ?? 0,
    dryRun,
  };
}

type Numbers = Readonly<Record<string, number>>;

async function counted(engine: Engine, cutoffs: ArchiveCutoffs): Promise<Numbers> {
  const found: Record<string, number> = {
    archived: await countOf(engine, sql`${raw(engine.names.ledger)} l WHERE ${old(engine, cutoffs.ledger)}`),
  };
  for (const { name, from } of deletions(engine, cutoffs)) found[name] = await countOf(engine, from);
  return found;
}

async function moved(engine: Engine, cutoffs: ArchiveCutoffs, options?: RunOptions): Promise<Numbers> {
  const unit: Unit = {
    name: 'archive',
    // Whoever archives at the same moment tells of what it has moved itself.
    id: `archive-${randomUUID()}`,
    locks: [archiveLock(engine)],
    guards: [],
    statements: [
      ...moveOld(engine, cutoffs.ledger),
      ...deletions(engine, cutoffs).map(({ name, from }): UnitStatement => ({
        name,
        kind: 'change',
        sql: sql`DELETE FROM ${from}`,
      })),
    ],
  };
  const bounds = { timeoutMs: engine.options.publishTimeoutMs, ...options };
  return engine.backend.unit(unit, bounds).catch((error: unknown) => {
    throw archiveFailure(error, engine.names.ledger_archive);
  });
}

/**
 * Of two archives one waits for the other. The ledger's version is what nobody who loads may change: whoever may not archive is
 * refused before anything is done.
 */
function archiveLock(engine: Engine): Unit['locks'][number] {
  const [at, version] = [own(engine, 'migrated_at'), own(engine, 'schema_version')];
  return {
    object: 'the archive',
    sql: sql`UPDATE ${raw(engine.names.meta)} SET ${at} = ${at} WHERE ${version} > 0`,
  };
}

/** By load ids that are in the archive, so that nothing is taken away that was not written. */
function moveOld(engine: Engine, cutoff: string): UnitStatement[] {
  const { names, dialect } = engine;
  const id = own(engine, 'load_id');
  const columns = Object.keys(columnsOf('ledger'));
  const values = raw(columns.map((name) => `l.${dialect.ident(name)}`).join(', '));
  const [ledger, archive] = [raw(names.ledger), raw(names.ledger_archive)];
  return [
    {
      name: 'written',
      kind: 'change',
      sql: sql`INSERT INTO ${archive} (${own(engine, ...columns)}) SELECT ${values} FROM ${ledger} l
        WHERE ${old(engine, cutoff)} AND l.${id} NOT IN (SELECT ${id} FROM ${archive})`,
    },
    {
      name: 'archived',
      kind: 'change',
      sql: sql`DELETE FROM ${ledger} WHERE ${id} IN (SELECT ${id} FROM ${archive})`,
    },
  ];
}

/** Receipts, under the alias `l`, of keys that nobody is loading: what is under way stays where it is looked for first. */
const old = (engine: Engine, cutoff: string): Sql =>
  sql`l.${own(engine, 'published_at')} < ${engine.dialect.timestamp(cutoff)} AND l.${own(engine, 'load_key')} NOT IN (${keysUnderWay(engine)})`;

interface Deletion {
  readonly name: keyof LedgerNames;
  readonly from: Sql;
}

/** Rows that go by their age, whatever became of them. What was decided about them stays: a rollback has to know it. */
function deletions(engine: Engine, { quarantine, metrics }: ArchiveCutoffs): Deletion[] {
  const { names, dialect } = engine;
  const older = (name: keyof LedgerNames, at: string, cutoff: string | null): Deletion[] =>
    cutoff === null
      ? []
      : [{ name, from: sql`${raw(names[name])} WHERE ${own(engine, at)} < ${dialect.timestamp(cutoff)}` }];
  return [
    ...older('quarantine', 'quarantined_at', quarantine),
    ...older('quarantine_repairs', 'submitted_at', quarantine),
    ...older('metrics', 'published_at', metrics),
  ];
}

/** Drops the tables of kept rows whose loads are old, and tells how many rows they had. A rollback that finds one gone says so. */
async function forgetKept(
  engine: Engine,
  cutoff: string,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
): Promise<number> {
  let rows = 0;
  for (const table of await keptTables(engine, cutoff)) {
    signal?.throwIfAborted();
    rows += await countOf(engine, sql`${raw(table)}`).catch((error: unknown) => {
      if (isMissing(error)) return 0;
      throw error;
    });
    if (!dryRun) await dropStage(engine, table);
  }
  return rows;
}

async function keptTables(engine: Engine, cutoff: string): Promise<string[]> {
  const { names, dialect } = engine;
  const [id, stage, keptIn] = [own(engine, 'load_id'), own(engine, 'stage'), own(engine, 'kept_in')];
  const rows = await engine.backend.rows<{ stage: string }>(
    'archive',
    sql`SELECT DISTINCT s.${stage} AS ${stage} FROM ${raw(names.stages)} s
        JOIN ${raw(names.effects)} e ON e.${keptIn} = s.${stage} JOIN ${history(engine)} l ON l.${id} = e.${id}
        WHERE l.${own(engine, 'published_at')} < ${dialect.timestamp(cutoff)}`,
  );
  return rows.map((row) => row.stage);
}
