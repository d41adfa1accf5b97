import type { RolledBackTable } from '../warehouse';
import { loadIdColumn } from '../own-columns';
import type { Effect } from './kept';
import type { Rollback } from './rollback';
import { stuck } from './rollback-checks';
import { columnList, ident, insideRanges, literal, relation } from './sql';

/**
 * Takes back what a load did to one table: its rows go, those that it took away come back. Counts prove that nobody
 * else has written: then the transaction ends without a change.
 *
 * @throws `NotReversible`
 */
export async function undoTable({ tx, names, load }: Rollback, effect: Effect): Promise<RolledBackTable> {
  const { target, mode, inserted, removed } = effect;
  await tx.run('rollback:table-lock', `LOCK TABLE ${relation(target)} IN SHARE ROW EXCLUSIVE MODE`);
  const deleted = await tx.run('rollback:delete', `DELETE FROM ${relation(target)}${ownRows(load.loadId, effect)}`);
  if (deleted !== inserted)
    throw stuck(load, `${target} holds ${deleted} of its ${inserted} rows: somebody else has written to the table`);
  const restored = removed > 0 ? await tx.run('rollback:restore', restoreSql(names.kept, load.loadId, effect)) : 0;
  if (restored !== removed)
    throw stuck(load, `${restored} of ${removed} rows came back into ${target}: a trigger or a rule drops them`);
  return { table: target, mode, deleted, restored };
}

function ownRows(loadId: string, { mode, partition }: Effect): string {
  if (mode === 'append') return ` WHERE ${ident(loadIdColumn)} = ${literal(loadId)}`;
  return partition ? ` WHERE ${insideRanges(ident(partition.column), partition.type, partition.ranges)}` : '';
}

/** Generated columns make themselves; an identity keeps the value that it had. */
function restoreSql(kept: string, loadId: string, { target, columns }: Effect): string {
  const names = (columns ?? []).filter((c) => !c.generated).map((c) => c.name);
  const values = names.map((name) => `(r).${ident(name)}`).join(', ');
  // OFFSET 0: each row is read once, and not once per column.
  return `INSERT INTO ${relation(target)} (${columnList(names)}) OVERRIDING SYSTEM VALUE
          SELECT ${values} FROM (SELECT row::${relation(target)} AS r FROM ${kept}
            WHERE target = ${literal(target)} AND load_id = ${literal(loadId)} OFFSET 0) k`;
}
