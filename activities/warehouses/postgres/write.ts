import type { OpenTarget, TableReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { typeOf } from './stage-columns';
import type { Session } from './client';
import { dropRepeats } from './dedup';
import { good, insertSql, staleSql, surveySql, unknownKey, updateSql, type Counts, type WriteInput } from './dml';
import { ident, insideRanges, literal } from './sql';
import { keyIndexes, upsertRows, upsertSql } from './upsert';
import {
  deleteRows,
  isEmpty,
  isGuarded,
  refuseDoubledKeys,
  refuseDropped,
  refuseEmptyPartitions,
  refuseEmptyReplace,
  refuseLostRows,
  updateRows,
} from './write-guards';

const none: Counts = { duplicates: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, removed: 0 };

/** Writes one audited stage to its target, inside the publish transaction. */
export async function writeTable(tx: Session, input: WriteInput): Promise<TableReceipt> {
  const { target, stage } = input;
  const counts = { ...none, ...(await writers[target.mode](tx, input)) };
  refuseLostRows(input, counts);
  return {
    table: target.target,
    mode: target.mode,
    read: stage.rows,
    quarantined: stage.quarantined,
    deleted: 0,
    ...counts,
    duplicates: stage.duplicates + counts.duplicates,
    ...(stage.verdicts && { checks: stage.verdicts }),
  };
}

const writers: Record<OpenTarget['mode'], (tx: Session, input: WriteInput) => Promise<Partial<Counts>>> = {
  append,
  merge,
  'insert-only': insertOnly,
  replace,
  'replace-partition': replacePartition,
};

async function append(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { superseded } = input;
  const removed = superseded.length
    ? await deleteRows(tx, input, `${ident(loadIdColumn)} IN (${superseded.map(literal).join(', ')})`)
    : 0;
  const repeats = await dropRepeats(tx, input);
  return { ...repeats, inserted: await tx.run('publish:insert', insertSql(input)), removed };
}

async function merge(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target } = input;
  if (await isEmpty(tx, target)) return { inserted: await tx.run('publish:insert', insertSql(input)) };
  const index = await keyIndexes(tx, target);
  if (!index.unique) await refuseDoubledKeys(tx, input);
  const first = await survey(tx, input, 1_000);
  const written = first.unknown + first.changed;
  const upsert = written >= first.rows / 2 && index.arbiter && !(await isGuarded(tx, target)) ? upsertSql(input) : null;
  if (upsert) return withRest(tx, input, await upsertRows(tx, upsert));
  // Nearly everything known and equal, as in a table that is delivered whole each day: reading first saves most of the rest.
  const ahead = written < first.rows / 10 ? await survey(tx, input) : null;
  const update = ahead?.changed === 0 ? null : updateSql(input);
  const updated = update ? await updateRows(tx, target, update) : 0;
  // After the update, so that rows inserted here are not compared with themselves.
  const inserted = ahead?.unknown === 0 ? 0 : await insertUnknown(tx, input);
  return withRest(tx, input, { inserted, updated }, ahead?.stale);
}

/** What was not written is older than the table's row, or equal to it. */
async function withRest(
  tx: Session,
  input: WriteInput,
  { inserted, updated }: Pick<Counts, 'inserted' | 'updated'>,
  known?: number,
): Promise<Partial<Counts>> {
  const rest = good(input.stage) - updated - inserted;
  const stale = known ?? (rest > 0 && input.target.contract.newest ? await countStale(tx, input) : 0);
  return { inserted, updated, stale, unchanged: rest - stale };
}

interface Survey {
  readonly rows: number;
  readonly unknown: number;
  readonly changed: number;
  readonly stale: number;
}

/** What a merge finds, of all rows or of the first ones. */
async function survey(tx: Session, input: WriteInput, limit?: number): Promise<Survey> {
  const [found] = await tx.rows<Record<keyof Survey, string>>('publish:survey', surveySql(input, limit));
  const { rows, unknown, changed, stale } = found!;
  return { rows: Number(rows), unknown: Number(unknown), changed: Number(changed), stale: Number(stale) };
}

/** Rows that lost against a newer one in the table and differ from it. */
async function countStale(tx: Session, input: WriteInput): Promise<number> {
  const [found] = await tx.rows<{ n: string }>('publish:stale', staleSql(input));
  return Number(found?.n);
}

async function insertOnly(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const inserted = await insertUnknown(tx, input);
  return { inserted, unchanged: good(input.stage) - inserted };
}

/** Adds the rows whose key the table does not hold. */
async function insertUnknown(tx: Session, input: WriteInput): Promise<number> {
  const inserted = await tx.run('publish:insert', insertSql(input, unknownKey(input.target)));
  await refuseDropped(tx, input, inserted);
  return inserted;
}

async function replace(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  await refuseEmptyReplace(tx, input);
  // Not TRUNCATE: readers with an older snapshot would see an empty table.
  const removed = await deleteRows(tx, input);
  return { removed, inserted: await tx.run('publish:insert', insertSql(input)) };
}

async function replacePartition(tx: Session, input: WriteInput): Promise<Partial<Counts>> {
  const { target } = input;
  if (!target.allowEmpty) await refuseEmptyPartitions(tx, input);
  const name = target.contract.partition!.column;
  const inside = insideRanges(ident(name), typeOf(target, name), target.partitions ?? []);
  const removed = await deleteRows(tx, input, inside);
  return { removed, inserted: await tx.run('publish:insert', insertSql(input)) };
}
