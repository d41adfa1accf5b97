import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenTarget } from '../../../workflows/contract';
import { joinRanges } from '../publish-policy';
import { typeOf } from './stage-columns';
import type { Session, StatementTag } from './client';
import { good, unknownKey, type ChangeSql, type Counts, type WriteInput } from './dml';
import { removeSql } from './kept';
import { columnList, ident, insideRanges, literal, relation, sameKey, whereGood, type MarkedStage } from './sql';

/** A trigger or a rule of the table may drop rows in silence. @throws `ConstraintViolated` */
export function refuseLostRows({ target, stage }: WriteInput, counts: Counts): void {
  const { duplicates, inserted, updated, unchanged, stale } = counts;
  const arrived = duplicates + inserted + updated + unchanged + stale;
  if (arrived !== good(stage) || unchanged < 0) throw rowsLost(target, good(stage), arrived);
}

function rowsLost(target: OpenTarget, expected: number, got: number, done = 'arrived'): Error {
  return loadFailure('ConstraintViolated', {
    what: `A trigger or a rule of the target changed how many rows ${done}.`,
    object: target.target,
    expected: `${expected} rows`,
    got: `${got}`,
    remedy: 'Change the trigger or the rule, or load a table that has none.',
  });
}

/** Whether a trigger or a rule, of the table or of a partition, may keep a statement from touching a row. */
export async function isGuarded(tx: Session, { target }: OpenTarget): Promise<boolean> {
  const guards = await tx.rows(
    'publish:triggers',
    `SELECT 1 FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 3 = 3
       AND (tgrelid = $1::regclass OR tgrelid IN (SELECT relid FROM pg_partition_tree($1::regclass)))
     UNION ALL SELECT 1 FROM pg_rewrite WHERE ev_class = $1::regclass AND ev_enabled <> 'D' LIMIT 1`,
    [relation(target)],
  );
  return guards.length > 0;
}

const countOf = async (
  tx: Session,
  tag: StatementTag,
  from: string,
  values: readonly unknown[] = [],
): Promise<number> => Number((await tx.rows<{ n: string }>(tag, `SELECT count(*) AS n FROM ${from}`, values))[0]?.n);

/** Refuses what a trigger or a rule dropped: it would count as unchanged, because its key is still unknown. */
export async function refuseDropped(tx: Session, { target, stage }: WriteInput, inserted: number): Promise<void> {
  if (!(await isGuarded(tx, target))) return;
  const lost = await countOf(tx, 'publish:lost', `${stage.stage} s${whereGood(stage, unknownKey(target))}`);
  if (lost > 0) throw rowsLost(target, lost + inserted, inserted);
}

/** Updates rows; a row that a trigger or a rule leaves as it was would count as unchanged. */
export async function updateRows(tx: Session, target: OpenTarget, update: ChangeSql): Promise<number> {
  const guarded = await isGuarded(tx, target);
  const expected = guarded ? await countOf(tx, 'publish:changed', `${update.target}, ${update.from}`) : null;
  const updated = await tx.run('publish:update', update.sql);
  if (expected !== null && updated !== expected) throw rowsLost(target, expected, updated, 'were updated');
  return updated;
}

/** Takes rows away; one that a trigger or a rule keeps would stay beside those that take its place. */
export async function deleteRows(tx: Session, input: WriteInput, where = ''): Promise<number> {
  const { target } = input;
  const rows = `${relation(target.target)}${where && ` WHERE ${where}`}`;
  const expected = (await isGuarded(tx, target)) ? await countOf(tx, 'publish:doomed', rows) : null;
  const removed = await tx.run('publish:delete', removeSql(input, where)).catch((error: unknown) => {
    // Rules that do something else instead do not go together with RETURNING.
    if (expected !== null && (error as { code?: string }).code === '0A000')
      throw rowsLost(target, expected, 0, 'were deleted');
    throw error;
  });
  if (expected !== null && removed !== expected) throw rowsLost(target, expected, removed, 'were deleted');
  return removed;
}

/** Where the table has no unique index on the key, one row of the batch could change several. @throws `NotUnique` */
export async function refuseDoubledKeys(tx: Session, { target, stage }: WriteInput): Promise<void> {
  const { key = [] } = target.contract;
  const table = relation(target.target);
  const doubled = `SELECT 1 FROM ${table} t WHERE EXISTS (SELECT 1 FROM ${stage.stage} s${whereGood(stage, sameKey(key, 't', 's'))})
                   GROUP BY ${columnList(key, 't')} HAVING count(*) > 1`;
  const [found] = await tx.rows<{ n: string }>('publish:doubled', `SELECT count(*) AS n FROM (${doubled}) d`);
  if (Number(found?.n) > 0) {
    throw loadFailure('NotUnique', {
      what: 'The target holds keys of the batch more than once.',
      object: `${target.target} (${key.join(', ')})`,
      got: `${found?.n} such keys`,
      remedy: 'Remove the repeated rows, and give the table a unique index on the key.',
    });
  }
}

/** A stage, and the table that it is written to. */
interface Written extends Pick<WriteInput, 'target'> {
  readonly stage: MarkedStage & Pick<AuditedStage, 'audited'>;
}

export async function isEmpty(tx: Session, { target }: OpenTarget): Promise<boolean> {
  return (await tx.rows('publish:empty', `SELECT 1 FROM ${relation(target)} LIMIT 1`)).length === 0;
}

/** A batch without rows empties a table only where that was asked for. @throws `EmptyReplace` */
export async function refuseEmptyReplace(tx: Session, { target, stage }: Written): Promise<void> {
  if (good(stage) === 0 && !target.allowEmpty && !(await isEmpty(tx, target)))
    throw loadFailure('EmptyReplace', { object: target.target });
}

/** A partition without rows in the batch keeps the rows it has, unless emptying it was asked for. */
export async function refuseEmptyPartitions(tx: Session, { target, stage }: Written): Promise<void> {
  const { column, by } = target.contract.partition!;
  const type = typeOf(target, column);
  const start = (name: string): string => `date_trunc(${literal(by)}, (${name})::timestamp)::text`;
  const at = type.includes('with time zone') ? `${ident(column)} AT TIME ZONE 'UTC'` : ident(column);
  const rows = await tx.rows<{ p: string }>(
    'publish:partitions',
    `SELECT DISTINCT ${start(at)} AS p FROM ${stage.stage}${whereGood(stage)}`,
  );
  const filled = new Set(rows.map((r) => r.p.slice(0, 19).replace(' ', 'T')));
  const empty = (target.partitions ?? []).filter((p) => !filled.has(p.start.slice(0, 19)));
  if (!empty.length) return;
  const inside = insideRanges(ident(column), type, joinRanges(empty));
  const there = await tx.rows('publish:partitions', `SELECT 1 FROM ${relation(target.target)} WHERE ${inside} LIMIT 1`);
  if (there.length) {
    throw loadFailure('EmptyPartition', {
      object: `${target.target}.${column}`,
      got: `${empty.length} partition${empty.length === 1 ? '' : 's'} without rows, first ${empty[0]!.start.slice(0, 10)}`,
    });
  }
}
