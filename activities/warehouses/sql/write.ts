import { loadFailure } from '../../../workflows/load-error';
import type { AuditedStage, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import type { StepContext } from '../warehouse';
import { newEvents, plannedEvents } from './dedup';
import { columnList, goodRows, insideRanges, sameKey, typeOf, valuesOf } from './columns';
import type { Engine } from './engine';
import { raw, sql, type Guard, type RawSql, type Sql, type UnitStatement } from './port';
import { listed } from './rows';
import { countOf, refuseEmptyPartitions, refuseEmptyReplace, tableOf } from './write-checks';

/** What the DML of one table needs. */
export interface WriteInput {
  readonly engine: Engine;
  readonly open: Pick<OpenLoad, 'loadId' | 'loadKey' | 'fence'>;
  readonly target: OpenTarget;
  readonly stage: AuditedStage;
  /** Load ids of the generations that this one takes the place of. */
  readonly superseded: readonly string[];
  readonly context: Pick<StepContext, 'actor' | 'signal'>;
}

/** The counts of a receipt that the DML decides. */
type Counts = Pick<TableReceipt, 'duplicates' | 'inserted' | 'updated' | 'unchanged' | 'stale' | 'removed'>;

/** How one table is written: what it will count, what must hold for that, and the statements. */
export interface TableWrite {
  readonly receipt: TableReceipt;
  readonly guards: readonly Guard[];
  readonly statements: readonly UnitStatement[];
  /** The rows of the table that go, as its condition; `null`: none. */
  readonly doomed: Sql | null;
}

type Decided = { readonly counts: Partial<Counts> } & Omit<TableWrite, 'receipt'>;

const none: Counts = { duplicates: 0, inserted: 0, updated: 0, unchanged: 0, stale: 0, removed: 0 };

/** Rows of a stage that are to arrive. */
export const good = (stage: Pick<AuditedStage, 'audited' | 'quarantined'>): number => stage.audited - stage.quarantined;

/** Decides how an audited stage is written to its target. Reads only. */
export async function decideWrite(input: WriteInput): Promise<TableWrite> {
  const { target, stage } = input;
  const { counts, ...rest } = await writers[target.mode](input);
  const receipt: TableReceipt = {
    table: target.target,
    mode: target.mode,
    read: stage.rows,
    quarantined: stage.quarantined,
    deleted: 0,
    ...none,
    ...counts,
    duplicates: stage.duplicates + (counts.duplicates ?? 0),
    ...(stage.verdicts && { checks: stage.verdicts }),
  };
  return { ...rest, receipt };
}

const writers: Record<OpenTarget['mode'], (input: WriteInput) => Promise<Decided>> = {
  append,
  merge,
  'insert-only': insertOnly,
  replace,
  'replace-partition': replacePartition,
};

async function append(input: WriteInput): Promise<Decided> {
  const { engine, target, superseded, stage } = input;
  const events = target.dedup && good(stage) > 0 ? await newEvents({ ...input, dedup: target.dedup }) : null;
  const insert = [events ? insertRows(input, events) : insertGood(input)];
  const counts = events?.counts ?? { inserted: good(stage) };
  const guards = events ? [events.guard] : [];
  if (!superseded.length) return { counts, guards, statements: insert, doomed: null };
  if (!hasLoadId(target))
    throw loadFailure('NotReversible', {
      object: input.open.loadKey,
      got: `append into ${target.target}`,
      loadKey: input.open.loadKey,
    });
  const doomed = sql`${raw(engine.dialect.ident(loadIdColumn))} IN ${listed(superseded)}`;
  const taken = await inserting(input, doomed, insert);
  return { ...taken, counts: { ...taken.counts, ...counts }, guards: [...taken.guards, ...guards] };
}

/** Takes rows away and puts those of the stage in their place. */
async function inserting(input: WriteInput, doomed: Sql, insert: readonly UnitStatement[]): Promise<Decided> {
  const removed = await countOf(input.engine, sql`${tableOf(input.engine, input.target)} WHERE ${doomed}`);
  const counts = { inserted: good(input.stage), removed };
  if (removed === 0) return { counts, guards: [nobodyThere(input, doomed)], statements: insert, doomed: null };
  const gone: UnitStatement = {
    name: `delete ${input.stage.index}`,
    kind: 'change',
    sql: sql`DELETE FROM ${raw(input.engine.dialect.relation(input.target.target))} WHERE ${doomed}`,
  };
  return { counts, guards: [stillThere(input, doomed, removed)], statements: [gone, ...insert], doomed };
}

const stillThere = ({ engine, target }: WriteInput, doomed: Sql, rows: number): Guard => ({
  code: 'TargetMoved',
  holds: sql`SELECT COUNT(*) = ${raw(String(rows))} AS ${raw(engine.dialect.ident('holds'))} FROM ${tableOf(engine, target)} WHERE ${doomed}`,
});
const nobodyThere = (input: WriteInput, doomed: Sql): Guard => stillThere(input, doomed, 0);

const hasLoadId = ({ columns }: OpenTarget): boolean =>
  columns === null || columns.some((c) => c.name === loadIdColumn);

async function replace(input: WriteInput): Promise<Decided> {
  const { target, stage } = input;
  await refuseEmptyReplace(input.engine, { target, good: good(stage), relation: goodOf(input) });
  // Not TRUNCATE, which ends a transaction on some and takes no condition on any.
  return inserting(input, sql`TRUE`, [insertGood(input)]);
}

async function replacePartition(input: WriteInput): Promise<Decided> {
  const { engine, target, stage } = input;
  if (!target.allowEmpty) await refuseEmptyPartitions(engine, { target, good: good(stage), relation: goodOf(input) });
  return inserting(input, sql`${insideRanges(engine, target, null, target.partitions ?? [])}`, [insertGood(input)]);
}

const goodOf = ({ engine, stage }: Pick<WriteInput, 'engine' | 'stage'>): Sql => sql`${raw(goodRows(engine, stage))}`;

/** Adds the rows of the stage, or those for which a condition on `s` is true. */
const insertGood = (input: WriteInput, where?: RawSql): UnitStatement =>
  insertRows(input, { relation: goodRows(input.engine, input.stage), ...(where && { where: sql`${where}` }) });

/** Adds rows of a relation `s`. */
function insertRows(
  { engine, open, target, stage }: WriteInput,
  { relation, where }: { readonly relation: string; readonly where?: Sql },
): UnitStatement {
  const names = Object.keys(target.contract.columns);
  const tagged = target.mode === 'append' && hasLoadId(target);
  const into = columnList(engine, tagged ? [...names, loadIdColumn] : names);
  const tag = tagged ? sql`, ${open.loadId}` : sql``;
  const condition = where ? sql` WHERE ${where}` : sql``;
  return {
    name: `insert ${stage.index}`,
    kind: 'change',
    sql: sql`INSERT INTO ${raw(engine.dialect.relation(target.target))} (${raw(into)})
      SELECT ${raw(columnList(engine, names, 's'))}${tag} FROM ${raw(relation)} s${condition}`,
  };
}

/** True for rows of the stage whose key the table does not hold. */
function unknownKey({ engine, target }: WriteInput): RawSql {
  const { key = [] } = target.contract;
  return raw(
    `NOT EXISTS (SELECT 1 FROM ${engine.dialect.relation(target.target)} t WHERE ${sameKey(engine, key, 't', 's')})`,
  );
}

/** True for a row `s` that differs from the row `t` of its key and is not older; `null` where there is nothing but the key. */
function isChanged({ engine, target }: WriteInput): string | null {
  const { dialect } = engine;
  const { newest } = target.contract;
  const same = valuesOf(target).map((v) =>
    dialect.same(`t.${dialect.ident(v)}`, `s.${dialect.ident(v)}`, typeOf(engine, target, v)),
  );
  if (!same.length) return null;
  const differs = `NOT (${same.join(' AND ')})`;
  if (!newest) return differs;
  const n = dialect.ident(newest);
  return `${differs} AND (t.${n} IS NULL OR COALESCE(s.${n} >= t.${n}, FALSE))`;
}

/** True for a row of the stage that lost against a newer one of the table and differs from it. */
function isStale({ engine, target }: WriteInput): string {
  const { newest } = target.contract;
  if (!newest) return 'FALSE';
  const n = engine.dialect.ident(newest);
  return `t.${n} IS NOT NULL AND (s.${n} IS NULL OR s.${n} < t.${n})`;
}

interface Survey {
  readonly unknown: number;
  readonly changed: number;
  readonly stale: number;
}

/** What a merge of the stage finds, as one row. */
function surveySql(input: WriteInput): Sql {
  const { engine, target, stage } = input;
  const { ident } = engine.dialect;
  const { key = [] } = target.contract;
  const known = `t.${ident(key[0]!)} IS NOT NULL`;
  const count = (condition: string, name: string): string =>
    `COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0) AS ${ident(name)}`;
  const counts = [
    count(`NOT (${known})`, 'unknown'),
    count(`${known} AND ${isChanged(input) ?? 'FALSE'}`, 'changed'),
    count(isStale(input), 'stale'),
  ];
  return sql`SELECT ${raw(counts.join(', '))} FROM ${raw(goodRows(engine, stage))} s
    LEFT JOIN ${tableOf(engine, target)} ON ${raw(sameKey(engine, key, 't', 's'))}`;
}

async function surveyed(input: WriteInput): Promise<{ found: Survey; guard: Guard }> {
  const { ident } = input.engine.dialect;
  const statement = surveySql(input);
  const [row] = await input.engine.backend.rows<Record<keyof Survey, unknown>>('publish', statement);
  const found = { unknown: Number(row!.unknown), changed: Number(row!.changed), stale: Number(row!.stale) };
  const equal = Object.entries(found).map(([name, n]) => `d.${ident(name)} = ${n}`);
  const holds = sql`SELECT ${raw(equal.join(' AND '))} AS ${raw(ident('holds'))} FROM (${statement}) d`;
  return { found, guard: { code: 'TargetMoved', holds } };
}

async function merge(input: WriteInput): Promise<Decided> {
  await refuseDoubledKeys(input);
  const { found, guard } = await surveyed(input);
  const { unknown, changed, stale } = found;
  const unchanged = good(input.stage) - unknown - changed - stale;
  const statements = [
    ...(changed > 0 ? [updateKnown(input)] : []),
    ...(unknown > 0 ? [insertGood(input, unknownKey(input))] : []),
  ];
  return {
    counts: { inserted: unknown, updated: changed, stale, unchanged },
    guards: [guard],
    statements,
    doomed: null,
  };
}

/** Changes rows whose key is known, whose values differ, and which are not older than the table's own. */
function updateKnown(input: WriteInput): UnitStatement {
  const { engine, target, stage } = input;
  const { ident } = engine.dialect;
  const set = valuesOf(target).map((v) => `${ident(v)} = s.${ident(v)}`);
  return {
    name: `update ${stage.index}`,
    kind: 'change',
    sql: sql`MERGE INTO ${tableOf(engine, target)} USING (SELECT * FROM ${raw(goodRows(engine, stage))}) s
      ON ${raw(sameKey(engine, target.contract.key ?? [], 't', 's'))}
      WHEN MATCHED AND ${raw(isChanged(input)!)} THEN UPDATE SET ${raw(set.join(', '))}`,
  };
}

async function insertOnly(input: WriteInput): Promise<Decided> {
  const { engine, stage } = input;
  const from = sql`${raw(goodRows(engine, stage))} s WHERE ${unknownKey(input)}`;
  const inserted = await countOf(engine, from);
  const guard: Guard = {
    code: 'TargetMoved',
    holds: sql`SELECT COUNT(*) = ${raw(String(inserted))} AS ${raw(engine.dialect.ident('holds'))} FROM ${from}`,
  };
  const statements = inserted > 0 ? [insertGood(input, unknownKey(input))] : [];
  return { counts: { inserted, unchanged: good(stage) - inserted }, guards: [guard], statements, doomed: null };
}

/** No key is enforced: one row of the batch could change several. @throws `NotUnique` */
async function refuseDoubledKeys({ engine, target, stage }: WriteInput): Promise<void> {
  const { key = [] } = target.contract;
  const same = sameKey(engine, key, 't', 's');
  const doubled = await countOf(
    engine,
    sql`(SELECT ${raw(columnList(engine, key, 't'))} FROM ${tableOf(engine, target)} JOIN ${raw(goodRows(engine, stage))} s ON ${raw(same)}
         GROUP BY ${raw(columnList(engine, key, 't'))} HAVING COUNT(*) > 1) d`,
  );
  if (doubled === 0) return;
  throw loadFailure('NotUnique', {
    what: 'The target holds keys of the batch more than once.',
    object: `${target.target} (${key.join(', ')})`,
    got: `${doubled} such keys`,
    remedy: 'Remove the repeated rows.',
  });
}

/** The statement that keeps the rows that go, in a table made for them. */
export function keepDoomed(engine: Engine, target: OpenTarget, kept: string, doomed: Sql): UnitStatement {
  const names = target.columns?.map((c) => c.name) ?? [
    ...Object.keys(target.contract.columns),
    ...(target.mode === 'append' ? [loadIdColumn] : []),
  ];
  const columns = raw(columnList(engine, names));
  return {
    name: `keep ${target.target}`,
    kind: 'change',
    sql: sql`INSERT INTO ${raw(kept)} (${columns}) SELECT ${columns} FROM ${raw(engine.dialect.relation(target.target))} WHERE ${doomed}`,
  };
}

/** The statements that may be sent for a target, for people to read. */
export function plannedStatements(input: WriteInput): Sql[] {
  const { engine, target } = input;
  const insert = insertGood(input).sql;
  const remove = (doomed: Sql): Sql => sql`DELETE FROM ${raw(engine.dialect.relation(target.target))} WHERE ${doomed}`;
  const unknown = (): Sql => insertGood(input, unknownKey(input)).sql;
  switch (target.mode) {
    case 'append':
      return [target.dedup ? insertRows(input, plannedEvents({ ...input, dedup: target.dedup })).sql : insert];
    case 'merge':
      return [...(isChanged(input) ? [updateKnown(input).sql] : []), unknown()];
    case 'insert-only':
      return [unknown()];
    case 'replace':
      return [remove(sql`TRUE`), insert];
    case 'replace-partition':
      return [remove(sql`${insideRanges(engine, target, null, target.partitions ?? [])}`), insert];
  }
}
