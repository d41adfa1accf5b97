import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import { insideRanges } from './columns';
import type { Engine } from './engine';
import { raw, sql, type Sql } from './port';
import { joined, portions } from './rows';

/** Rows that are to arrive, and the table that they are written to. */
export interface Arriving {
  readonly target: OpenTarget;
  /** How many there are. */
  readonly good: number;
  readonly relation: Sql;
}

/** How many rows a relation has. */
export async function countOf({ backend, dialect }: Pick<Engine, 'backend' | 'dialect'>, from: Sql): Promise<number> {
  const [row] = await backend.rows<{ n: unknown }>(
    'publish',
    sql`SELECT COUNT(*) AS ${raw(dialect.ident('n'))} FROM ${from}`,
  );
  return Number(row!.n);
}

/** The target's rows, as a relation `t`. */
export const tableOf = ({ dialect }: Pick<Engine, 'dialect'>, { target }: Pick<OpenTarget, 'target'>): Sql =>
  sql`${raw(dialect.relation(target))} t`;

/** A batch without rows empties a table only where that was asked for. @throws `EmptyReplace` */
export async function refuseEmptyReplace(engine: Engine, { target, good }: Arriving): Promise<void> {
  if (good > 0 || target.allowEmpty || target.columns === null) return;
  if ((await countOf(engine, tableOf(engine, target))) > 0)
    throw loadFailure('EmptyReplace', { object: target.target });
}

/** A partition without rows in the batch keeps the rows it has, unless emptying it was asked for. @throws `EmptyPartition` */
export async function refuseEmptyPartitions(engine: Engine, { target, relation }: Arriving): Promise<void> {
  const { column } = target.contract.partition!;
  const empty: NonNullable<OpenTarget['partitions']>[number][] = [];
  for (const some of portions(target.partitions ?? [], 100)) {
    const counts = some.map(
      (range, i) =>
        sql`COALESCE(SUM(CASE WHEN ${insideRanges(engine, target, 's', [range])} THEN 1 ELSE 0 END), 0) AS ${raw(engine.dialect.ident(`p${i}`))}`,
    );
    const [row] = await engine.backend.rows<Record<string, unknown>>(
      'publish',
      sql`SELECT ${joined(counts, ', ')} FROM ${relation} s`,
    );
    empty.push(...some.filter((_, i) => Number(row![`p${i}`]) === 0));
  }
  if (!empty.length || target.columns === null) return;
  const there = await countOf(
    engine,
    sql`${tableOf(engine, target)} WHERE ${insideRanges(engine, target, 't', empty)}`,
  );
  if (there === 0) return;
  throw loadFailure('EmptyPartition', {
    object: `${target.target}.${column}`,
    got: `${empty.length} partition${empty.length === 1 ? '' : 's'} without rows, first ${empty[0]!.start.slice(0, 10)}`,
  });
}
