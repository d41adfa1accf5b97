import type { LoadReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import type { RolledBackTable } from '../warehouse';
import { columnList, insideRanges } from './columns';
import type { Engine } from './engine';
import { raw, sql, type Guard, type Sql, type UnitStatement } from './port';
import { stuck, targetOf, type Effect } from './rollback-checks';
import { countOf } from './write-checks';

/** How what a load did to one table is taken back. */
export interface UndoneTable {
  readonly table: RolledBackTable;
  readonly guards: readonly Guard[];
  readonly statements: readonly UnitStatement[];
}

/**
 * Decides how the rows of a load go, and those that it took away come back. Counts prove that nobody else has written.
 *
 * @throws `NotReversible`
 */
export async function undoTable(engine: Engine, load: LoadReceipt, effect: Effect): Promise<UndoneTable> {
  const { target, mode, inserted, removed, keptIn } = effect;
  const { dialect } = engine;
  const rows = sql`${raw(dialect.relation(target))} WHERE ${ownRows(engine, load, effect)}`;
  const found = await countOf(engine, rows);
  if (found !== inserted)
    throw stuck(load, `${target} holds ${found} of its ${inserted} rows: somebody else has written to the table`);
  const holds = raw(dialect.ident('holds'));
  const statements: UnitStatement[] = [{ name: `delete ${target}`, kind: 'change', sql: sql`DELETE FROM ${rows}` }];
  if (removed > 0)
    statements.push({ name: `restore ${target}`, kind: 'change', sql: await restored(engine, load, effect, keptIn!) });
  return {
    table: { table: target, mode, deleted: inserted, restored: removed },
    guards: [{ code: 'TargetMoved', holds: sql`SELECT COUNT(*) = ${raw(String(inserted))} AS ${holds} FROM ${rows}` }],
    statements,
  };
}

function ownRows(engine: Engine, { loadId }: LoadReceipt, { mode, partition }: Effect): Sql {
  if (mode === 'append') return sql`${raw(engine.dialect.ident(loadIdColumn))} = ${loadId}`;
  return partition ? sql`${insideRanges(engine, targetOf(partition), null, partition.ranges)}` : sql`TRUE`;
}

async function restored(engine: Engine, load: LoadReceipt, { target }: Effect, keptIn: string): Promise<Sql> {
  const [, schema = '', table = ''] = target.split('.');
  const found = await engine.backend.findTable(`${engine.name}/${schema.replaceAll('.', '%2E')}.${table}`);
  if (!found) throw stuck(load, `the table ${target} is gone`);
  const columns = raw(
    columnList(
      engine,
      found.columns.map((c) => c.name),
    ),
  );
  return sql`INSERT INTO ${raw(engine.dialect.relation(target))} (${columns}) SELECT ${columns} FROM ${raw(keptIn)}`;
}
