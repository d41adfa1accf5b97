import type { OpenTarget, ResolvedDedup } from '../../../workflows/contract';
import { typeOf } from './stage-columns';
import type { Session } from './client';
import { good, type Counts, type WriteInput } from './dml';
import { columnList, ident, relation, sameKey, whereGood, type MarkedStage } from './sql';

type Deduplicated = { readonly target: OpenTarget; readonly stage: MarkedStage };

/**
 * Takes rows out of the stage that repeat an event: first those that the table holds, then those that the batch brings
 * again. Only under the target's lock, and in its transaction, so that a publish that is tried again finds the stage whole.
 */
export async function dropRepeats(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { dedup } = input.target;
  if (!dedup || good(input.stage) === 0) return {};
  const [span] = await tx.rows<{ low: string; high: string }>('publish:span', spanSql(input, dedup));
  const unchanged = await tx.run('publish:known', knownSql(input, dedup), [span!.low, span!.high]);
  return { unchanged, duplicates: await tx.run('publish:repeats', repeatsSql(input, dedup)) };
}

const widthOf = ({ windowMs }: ResolvedDedup): string => `interval '${windowMs} milliseconds'`;

/** The times of the table that a batch can repeat, as text: known beforehand, they leave out partitions and pages. */
function spanSql({ stage }: Deduplicated, dedup: ResolvedDedup): string {
  const time = ident(dedup.time);
  return `SELECT (min(${time}) - ${widthOf(dedup)})::text AS low, (max(${time}) + ${widthOf(dedup)})::text AS high
          FROM ${stage.stage}${whereGood(stage)}`;
}

/** Rows whose event the table holds. Either may be the earlier one: a late batch must not bring an event again. */
export function knownSql({ target, stage }: Deduplicated, dedup: ResolvedDedup): string {
  const [time, width] = [ident(dedup.time), widthOf(dedup)];
  const type = typeOf(target, dedup.time).includes('with time zone') ? 'timestamptz' : 'timestamp';
  const known = `EXISTS (SELECT 1 FROM ${relation(target.target)} t WHERE ${sameKey(dedup.by, 't', 's')}
    AND t.${time} >= s.${time} - ${width} AND t.${time} <= s.${time} + ${width} AND t.${time} >= $1::${type} AND t.${time} <= $2::${type})`;
  return `DELETE FROM ${stage.stage} s${whereGood(stage, known)}`;
}

/**
 * Rows that repeat one of the batch that is taken: by time, the first of an event is taken, then the first that comes
 * after its window, and so on. So the table ends as it would had the rows come one by one. A row's number and the number
 * of the row after its window make this a walk that touches only rows that are taken.
 */
export function repeatsSql({ stage }: Deduplicated, dedup: ResolvedDedup): string {
  const [by, time] = [columnList(dedup.by), ident(dedup.time)];
  const repeated = `SELECT ${by} FROM ${stage.stage}${whereGood(stage)} GROUP BY ${by} HAVING count(*) > 1`;
  const numbered = `SELECT s.ctid AS row, ${by}, row_number() OVER (PARTITION BY ${by} ORDER BY ${time}, (s.*)::text) AS n,
      1 + count(*) OVER (PARTITION BY ${by} ORDER BY ${time} RANGE BETWEEN UNBOUNDED PRECEDING AND ${widthOf(dedup)} FOLLOWING) AS next
    FROM ${stage.stage} s${whereGood(stage, `(${by}) IN (${repeated})`)}`;
  const events = `SELECT array_agg(row ORDER BY n) AS rows, array_agg(next ORDER BY n) AS nexts FROM (${numbered}) numbered GROUP BY ${by}`;
  const others = `WITH RECURSIVE taken(n) AS (SELECT 1::bigint UNION ALL
      SELECT e.nexts[n::int] FROM taken WHERE e.nexts[n::int] <= cardinality(e.nexts))
    SELECT r.row FROM unnest(e.rows) WITH ORDINALITY AS r(row, n) WHERE NOT EXISTS (SELECT 1 FROM taken WHERE taken.n = r.n)`;
  return `DELETE FROM ${stage.stage} WHERE ctid IN (SELECT o.row FROM (${events}) e CROSS JOIN LATERAL (${others}) o)`;
}

/** Without an index on an event's columns, or on its time, every publish reads the table under its lock. */
export async function dedupHints(s: Session, { target }: OpenTarget, { by, time }: ResolvedDedup): Promise<string[]> {
  const indexed = await s.rows(
    'plan:index',
    `SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
     WHERE i.indrelid = $1::regclass AND i.indisvalid AND i.indpred IS NULL AND a.attname = ANY($2)`,
    [relation(target), [...by, time]],
  );
  if (indexed.length) return [];
  return [`No index finds events: ${dedupIndexSql(target, { by, time })} would spare each load reading the table.`];
}

export const dedupIndexSql = (target: string, { by, time }: Pick<ResolvedDedup, 'by' | 'time'>): string =>
  `CREATE INDEX ON ${relation(target)} (${columnList([...by, time])})`;
