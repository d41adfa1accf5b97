import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import { typeOf } from './audit';
import type { Session } from './client';
import { good, unknownKey, type Counts, type WriteInput } from './dml';
import { columnList, ident, insideRanges, joinRanges, literal, relation, sameKey, whereGood } from './sql';

/** A trigger or a rule of the table may drop rows in silence. @throws `ConstraintViolated` */
export function refuseLostRows({ target, stage }: WriteInput, counts: Counts): void {
  const { duplicates, inserted, updated, unchanged, stale } = counts;
  const arrived = duplicates + inserted + updated + unchanged + stale;
  if (arrived !== good(stage) || unchanged < 0) throw rowsLost(target, good(stage), arrived);
}

function rowsLost(target: OpenTarget, expected: number, got: number): Error {
  return loadFailure('ConstraintViolated', {
    what: 'A trigger or a rule of the target changed how many rows arrived.',
    object: target.target,
    expected: `${expected} rows`,
    got: `${got}`,
    remedy: 'Change the trigger or the rule, or load a table that has none.',
  });
}

/** Refuses what a trigger or a rule dropped: it would count as unchanged, because its key is still unknown. */
export async function refuseDropped(tx: Session, { target, stage }: WriteInput, inserted: number): Promise<void> {
  const guarded = await tx.rows(
    'publish:triggers',
    `SELECT 1 FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 6 = 6
     UNION ALL SELECT 1 FROM pg_rewrite WHERE ev_class = $1::regclass AND ev_enabled <> 'D' LIMIT 1`,
    [relation(target.target)],
  );
  if (!guarded.length) return;
  const dropped = `SELECT count(*) AS n FROM ${stage.stage} s${whereGood(target.contract, unknownKey(target))}`;
  const [lost] = await tx.rows<{ n: string }>('publish:lost', dropped);
  if (Number(lost?.n) > 0) throw rowsLost(target, Number(lost?.n) + inserted, inserted);
}

/** Where the table has no unique index on the key, one row of the batch could change several. @throws `NotUnique` */
export async function refuseDoubledKeys(tx: Session, { target, stage }: WriteInput): Promise<void> {
  const { key = [] } = target.contract;
  const table = relation(target.target);
  const enforced = await tx.rows(
    'publish:key-index',
    `SELECT 1 FROM pg_index i WHERE indrelid = $1::regclass AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL
       AND (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = indrelid AND a.attnum = ANY(indkey[0:indnkeyatts - 1])) <@ $2::text[]`,
    [table, key],
  );
  if (enforced.length) return;
  const doubled = `SELECT 1 FROM ${table} t WHERE EXISTS (SELECT 1 FROM ${stage.stage} s${whereGood(target.contract, sameKey(key, 't', 's'))})
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

/** A partition without rows in the batch keeps the rows it has, unless emptying it was asked for. */
export async function refuseEmptyPartitions(tx: Session, { target, stage }: WriteInput): Promise<void> {
  const { column, by } = target.contract.partition!;
  const type = typeOf(target, column);
  const start = (name: string): string => `date_trunc(${literal(by)}, (${name})::timestamp)::text`;
  const at = type.includes('with time zone') ? `${ident(column)} AT TIME ZONE 'UTC'` : ident(column);
  const rows = await tx.rows<{ p: string }>(
    'publish:partitions',
    `SELECT DISTINCT ${start(at)} AS p FROM ${stage.stage}${whereGood(target.contract)}`,
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
