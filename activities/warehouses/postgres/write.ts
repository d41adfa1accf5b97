import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import type { Session } from './client';
import { loadIdColumn } from './catalogue';
import { typeOf } from './audit';
import { columnList, ident, insideRanges, joinRanges, literal, relation, sameKey, whereGood } from './sql';
import { comparable } from './types';

/** What the DML of one table needs. */
export interface WriteInput {
  readonly open: OpenLoad;
  readonly target: OpenTarget;
  readonly stage: AuditedStage;
  /** Load ids of the generations that this one takes the place of. */
  readonly superseded: readonly string[];
}

type Counts = Pick<TableReceipt, 'inserted' | 'updated' | 'unchanged' | 'stale' | 'removed'>;
const none: Counts = { inserted: 0, updated: 0, unchanged: 0, stale: 0, removed: 0 };

/** Writes one audited stage to its target, inside the publish transaction. */
export async function writeTable(tx: Session, input: WriteInput): Promise<TableReceipt> {
  const { target, stage } = input;
  const counts = { ...none, ...(await writers[target.mode](tx, input)) };
  refuseLostRows(input, counts);
  return {
    table: target.target,
    mode: target.mode,
    read: stage.rows,
    duplicates: stage.duplicates,
    quarantined: stage.quarantined,
    deleted: 0,
    ...counts,
  };
}

/** A trigger or a rule of the table may drop rows in silence. @throws `ConstraintViolated` */
function refuseLostRows({ target, stage }: WriteInput, { inserted, updated, unchanged, stale }: Counts): void {
  const arrived = inserted + updated + unchanged + stale;
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

const writers: Record<OpenTarget['mode'], (tx: Session, input: WriteInput) => Promise<Partial<Counts>>> = {
  append,
  merge,
  'insert-only': insertOnly,
  replace,
  'replace-partition': replacePartition,
};

/** The statements of a mode, for `publish` and for `loadline plan`. */
export function insertSql({ open, target, stage }: Pick<WriteInput, 'open' | 'target'> & { stage: { stage: string } }, where = ''): string {
  const names = Object.keys(target.contract.columns);
  const tag = target.mode === 'append' && target.reversible;
  const into = columnList(tag ? [...names, loadIdColumn] : names);
  const values = `${columnList(names, 's')}${tag ? `, ${literal(open.loadId)}` : ''}`;
  // In key order: the index of a random key is then filled from left to right.
  const order = target.contract.key?.length ? ` ORDER BY ${columnList(target.contract.key, 's')}` : '';
  return `INSERT INTO ${relation(target.target)} (${into}) SELECT ${values} FROM ${stage.stage} s${whereGood(target.contract, where)}${order}`;
}

/** Changes rows whose key is known, whose values differ, and which are not older than the table's own. */
export function updateSql({ target, stage }: { target: OpenTarget; stage: { stage: string } }): string | null {
  const { key = [], newest } = target.contract;
  const values = Object.keys(target.contract.columns).filter((name) => !key.includes(name));
  if (!values.length) return null;
  const side = (alias: string): string => values.map((v) => comparable(`${alias}.${ident(v)}`, typeOf(target, v))).join(', ');
  const conditions = [
    sameKey(key, 't', 's'),
    `(${side('t')}) IS DISTINCT FROM (${side('s')})`,
    newest ? notOlder(newest) : '',
  ].filter(Boolean);
  const set = values.map((v) => `${ident(v)} = s.${ident(v)}`).join(', ');
  return `UPDATE ${relation(target.target)} t SET ${set} FROM (SELECT * FROM ${stage.stage}${whereGood(target.contract)}) s
          WHERE ${conditions.join(' AND ')}`;
}

const notOlder = (newest: string): string => `(t.${ident(newest)} IS NULL OR s.${ident(newest)} >= t.${ident(newest)})`;

function unknownKey(target: OpenTarget): string {
  return `NOT EXISTS (SELECT 1 FROM ${relation(target.target)} t WHERE ${sameKey(target.contract.key ?? [], 't', 's')})`;
}

const good = (stage: AuditedStage): number => stage.audited - stage.quarantined;

async function append(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target, superseded } = input;
  const removed = superseded.length
    ? await tx.run('publish:undo', `DELETE FROM ${relation(target.target)} WHERE ${ident(loadIdColumn)} = ANY($1)`, [superseded])
    : 0;
  return { inserted: await tx.run('publish:insert', insertSql(input)), removed };
}

async function isEmpty(tx: Session, target: OpenTarget): Promise<boolean> {
  return (await tx.rows('publish:empty', `SELECT 1 FROM ${relation(target.target)} LIMIT 1`)).length === 0;
}

async function merge(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target, stage } = input;
  if (await isEmpty(tx, target)) return { inserted: await tx.run('publish:insert', insertSql(input)) };
  await refuseDoubledKeys(tx, input);
  const update = updateSql(input);
  const updated = update ? await tx.run('publish:update', update) : 0;
  // After the update, so that rows inserted here are not compared with themselves.
  const inserted = await insertUnknown(tx, input);
  const rest = good(stage) - updated - inserted;
  const stale = rest > 0 && target.contract.newest ? await countStale(tx, input) : 0;
  return { inserted, updated, stale, unchanged: rest - stale };
}

/** Where the table has no unique index on the key, one row of the batch could change several. @throws `NotUnique` */
async function refuseDoubledKeys(tx: Session, { target, stage }: WriteInput): Promise<void> {
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

/** Rows that lost against a newer one in the table and differ from it. */
async function countStale(tx: Session, { target, stage }: WriteInput): Promise<number> {
  const newest = ident(target.contract.newest!);
  const [row] = await tx.rows<{ n: string }>(
    'publish:stale',
    `SELECT count(*) AS n FROM (SELECT * FROM ${stage.stage}${whereGood(target.contract)}) s JOIN ${relation(target.target)} t
     ON ${sameKey(target.contract.key ?? [], 't', 's')}
     WHERE t.${newest} IS NOT NULL AND (s.${newest} IS NULL OR s.${newest} < t.${newest})`,
  );
  return Number(row?.n);
}

async function insertOnly(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const inserted = await insertUnknown(tx, input);
  return { inserted, unchanged: good(input.stage) - inserted };
}

/** Adds the rows whose key the table does not hold; a trigger that dropped one would make it count as unchanged. */
async function insertUnknown(tx: Session, input: WriteInput): Promise<number> {
  const { target, stage } = input;
  const inserted = await tx.run('publish:insert', insertSql(input, unknownKey(target)));
  const guarded = await tx.rows(
    'publish:triggers',
    `SELECT 1 FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 6 = 6
     UNION ALL SELECT 1 FROM pg_rewrite WHERE ev_class = $1::regclass AND ev_enabled <> 'D' LIMIT 1`,
    [relation(target.target)],
  );
  if (!guarded.length) return inserted;
  const [lost] = await tx.rows<{ n: string }>('publish:lost', `SELECT count(*) AS n FROM ${stage.stage} s${whereGood(target.contract, unknownKey(target))}`);
  if (Number(lost?.n) > 0) throw rowsLost(target, Number(lost?.n) + inserted, inserted);
  return inserted;
}

async function replace(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target, stage } = input;
  await lockTable(tx, target);
  if (good(stage) === 0 && !target.allowEmpty && !(await isEmpty(tx, target))) {
    throw loadFailure('EmptyReplace', { object: target.target });
  }
  // Not TRUNCATE: readers with an older snapshot would see an empty table.
  const removed = await tx.run('publish:delete', `DELETE FROM ${relation(target.target)}`);
  return { removed, inserted: await tx.run('publish:insert', insertSql(input)) };
}

/** Whoever else writes to the table waits: its rows would be lost or doubled. Readers do not wait. */
async function lockTable(tx: Session, target: OpenTarget): Promise<void> {
  await tx.run('publish:table-lock', `LOCK TABLE ${relation(target.target)} IN SHARE ROW EXCLUSIVE MODE`);
}

async function replacePartition(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target } = input;
  await lockTable(tx, target);
  if (!target.allowEmpty) await refuseEmptyPartitions(tx, input);
  const name = target.contract.partition!.column;
  const inside = insideRanges(ident(name), typeOf(target, name), target.partitions ?? []);
  const removed = await tx.run('publish:delete', `DELETE FROM ${relation(target.target)} WHERE ${inside}`);
  return { removed, inserted: await tx.run('publish:insert', insertSql(input)) };
}

/** A partition without rows in the batch keeps the rows it has, unless emptying it was asked for. */
async function refuseEmptyPartitions(tx: Session, { target, stage }: WriteInput): Promise<void> {
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
