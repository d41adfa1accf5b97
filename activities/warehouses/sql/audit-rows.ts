import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import { columnList, insideRanges, sameKey, wholeRow } from './columns';
import type { Engine } from './engine';
import { raw, sql, type RunOptions, type Sql } from './port';

/** The rows of a stage that are to arrive, as a relation. */
export type Good = Sql;

async function count(engine: Engine, from: Sql, bounds: RunOptions = {}): Promise<number> {
  const n = raw(engine.dialect.ident('n'));
  const [row] = await engine.backend.rows<{ n: unknown }>('audit', sql`SELECT COUNT(*) AS ${n} FROM ${from}`, bounds);
  return Number(row!.n);
}

/** @throws `RowsOutsidePartition` */
export async function checkPartitions(engine: Engine, target: OpenTarget, good: Good): Promise<void> {
  if (target.mode !== 'replace-partition') return;
  const ranges = target.partitions ?? [];
  const outside = await count(engine, sql`${good} s WHERE NOT ${insideRanges(engine, target, 's', ranges)}`);
  if (outside === 0) return;
  throw loadFailure('RowsOutsidePartition', {
    object: `${target.contract.name}.${target.contract.partition!.column}`,
    expected: `${ranges.length} partitions from ${ranges[0]?.start} to ${ranges.at(-1)?.end}`,
    got: `${outside} rows outside`,
  });
}

function uniqueColumns({ contract }: OpenTarget): string[] {
  const alone = contract.key?.length === 1 ? contract.key[0] : undefined;
  // Alone in the key it is unique already: equal rows collapse, others are ConflictingDuplicates.
  return Object.entries(contract.columns)
    .filter(([name, c]) => c.unique && name !== alone)
    .map(([name]) => name);
}

/** @throws `NotUnique` */
export async function checkUnique(engine: Engine, target: OpenTarget, good: Good): Promise<void> {
  for (const name of uniqueColumns(target)) {
    const column = raw(`s.${engine.dialect.ident(name)}`);
    // Rows that repeat each other in full count once, where there is a key to collapse them by.
    const several = target.contract.key?.length ? `COUNT(DISTINCT ${wholeRow(engine, target, 's')})` : 'COUNT(*)';
    const values = await count(
      engine,
      sql`(SELECT ${column} FROM ${good} s WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING ${raw(several)} > 1) d`,
    );
    if (values > 0)
      throw loadFailure('NotUnique', {
        object: `${target.contract.name}.${name}`,
        got: `${values} values in several rows of the batch`,
      });
  }
}

/** Reads the target, so publish asks again when the target has moved since. @throws `NotUnique` */
export async function checkUniqueInTarget(engine: Engine, target: OpenTarget, good: Good): Promise<void> {
  if (target.mode === 'replace' || target.columns === null) return;
  for (const name of uniqueColumns(target)) {
    const column = engine.dialect.ident(name);
    const { key } = target.contract;
    const other = key && target.mode !== 'append' ? ` AND NOT (${sameKey(engine, key, 't', 's')})` : '';
    const stays =
      target.mode === 'replace-partition'
        ? ` AND NOT ${insideRanges(engine, target, 't', target.partitions ?? []).raw}`
        : '';
    const on = raw(`t.${column} = s.${column}${other}${stays}`);
    const values = await count(engine, sql`${good} s JOIN ${raw(engine.dialect.relation(target.target))} t ON ${on}`);
    if (values > 0)
      throw loadFailure('NotUnique', {
        object: `${target.target}.${name}`,
        got: `${values} values that other rows of the table have`,
      });
  }
}

/** How many rows repeat another and lose against it. @throws `ConflictingDuplicates` where rows contradict each other */
export async function countRepeated(engine: Engine, target: OpenTarget, good: Good): Promise<number> {
  const { key, newest } = target.contract;
  if (!key?.length) return 0;
  const { ident } = engine.dialect;
  const columns = raw(columnList(engine, key, 's'));
  const order = newest ? ` ORDER BY s.${ident(newest)} DESC NULLS LAST` : ` ORDER BY 1`;
  const rank = newest ? `RANK() OVER (PARTITION BY ${columns.raw}${order})` : '1';
  const [rows, kinds] = [ident('_loadline_rows'), ident('_loadline_kinds')];
  const ranked = sql`SELECT ${columns}, ${raw(rank)} AS ${raw(ident('_loadline_rank'))}, ${raw(wholeRow(engine, target, 's'))} AS ${raw(ident('_loadline_row'))}
    FROM ${good} s`;
  const first = `CASE WHEN s.${ident('_loadline_rank')} = 1 THEN s.${ident('_loadline_row')} END`;
  const [found] = await engine.backend.rows<{ conflicts: unknown; gone: unknown }>(
    'audit',
    sql`SELECT COALESCE(SUM(CASE WHEN ${raw(kinds)} > 1 THEN 1 ELSE 0 END), 0) AS ${raw(ident('conflicts'))},
          COALESCE(SUM(${raw(rows)} - 1), 0) AS ${raw(ident('gone'))}
        FROM (SELECT COUNT(*) AS ${raw(rows)}, COUNT(DISTINCT ${raw(first)}) AS ${raw(kinds)}
              FROM (${ranked}) s GROUP BY ${columns} HAVING COUNT(*) > 1) d`,
  );
  const conflicts = Number(found?.conflicts ?? 0);
  if (conflicts > 0)
    throw loadFailure('ConflictingDuplicates', {
      object: target.target,
      got: `${conflicts} keys with several values${newest ? ` and equal ${newest}` : ''}`,
    });
  return Number(found?.gone ?? 0);
}
