import type { ResolvedDedup, TableReceipt } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { baseType, boundText, columnList, goodRows, sameKey, stageColumns, typeOf, wholeRow } from './columns';
import { raw, sql, type Guard, type RawSql, type Sql } from './port';
import { joined, listed } from './rows';
import { newStage } from './stage';
import { countOf } from './write-checks';
import type { WriteInput } from './write';

/** A write that leaves events out which come again. */
export type DedupInput = WriteInput & { readonly dedup: ResolvedDedup };

/** The rows of a stage that are new events, as those of a relation `s` for which `where` is true. */
export interface NewEvents {
  readonly relation: string;
  readonly where: Sql;
  readonly counts: Pick<TableReceipt, 'inserted' | 'unchanged' | 'duplicates'>;
  /** Holds while they are what was counted, and the table holds none of them. */
  readonly guard: Guard;
}

/** Columns beside those of the contract, which cannot have such names. */
const [numberColumn, nextColumn, roundColumn] = ['_loadline_n', '_loadline_next', '_loadline_round'];

/**
 * Leaves out rows that repeat an event: first those that the table holds, then those that the batch brings again. What is left is
 * numbered in a table of its own, before the unit that writes it: a unit defines nothing.
 */
export async function newEvents(input: DedupInput): Promise<NewEvents> {
  const { engine, stage } = input;
  const span = await spanOf(input);
  const left = await numberedRows(input, span);
  const rows = await countOf(engine, sql`${raw(left)} s`);
  const where = await takenOf(input, left);
  const taken = await countOf(engine, sql`${raw(left)} s WHERE ${where}`);
  const unknown = sql`${raw(left)} s WHERE ${where} AND NOT ${isKnown(input, span)}`;
  return {
    relation: left,
    where,
    counts: {
      inserted: taken,
      unchanged: stage.audited - stage.quarantined - rows,
      duplicates: rows - taken,
    },
    guard: {
      code: 'TargetMoved',
      holds: sql`SELECT COUNT(*) = ${raw(String(taken))} AS ${raw(engine.dialect.ident('holds'))} FROM ${unknown}`,
    },
  };
}

/** For people to read: of a batch without repetitions of its own. */
export const plannedEvents = (input: DedupInput): Pick<NewEvents, 'relation' | 'where'> => ({
  relation: goodRows(input.engine, input.stage),
  where: sql`NOT ${isKnown(input, null)}`,
});

interface Span {
  readonly low: string;
  readonly high: string;
}

/** The times of the table that a batch can repeat: known beforehand, they leave out partitions. */
async function spanOf({ engine, stage, dedup }: DedupInput): Promise<Span | null> {
  const { dialect, backend } = engine;
  const bound = (of: 'MIN' | 'MAX', name: string): string =>
    `${dialect.isoText(`CAST(${of}(s.${dialect.ident(dedup.time)}) AS ${dialect.own.timestamp})`)} AS ${dialect.ident(name)}`;
  const [row] = await backend.rows<Span>(
    'publish',
    sql`SELECT ${raw(bound('MIN', 'low'))}, ${raw(bound('MAX', 'high'))} FROM ${raw(goodRows(engine, stage))} s`,
  );
  // A second more, for what is cut off behind the milliseconds.
  const [low, high] = [Date.parse(row!.low) - dedup.windowMs - 1_000, Date.parse(row!.high) + dedup.windowMs + 1_000];
  const inside = low > Date.UTC(1000, 0) && high < Date.UTC(9999, 0);
  return inside ? { low: new Date(low).toISOString(), high: new Date(high).toISOString() } : null;
}

const microsOf = ({ engine: { dialect }, dedup }: DedupInput, alias: string): string =>
  dialect.micros(`CAST(${alias}.${dialect.ident(dedup.time)} AS ${dialect.own.timestamp})`);

/**
 * True for rows `s` whose event the table holds, but for the rows that go with the generations before. Either may be the earlier
 * one: a late batch must not bring an event again.
 */
function isKnown(input: DedupInput, span: Span | null): Sql {
  const { engine, target, dedup, superseded } = input;
  const { dialect } = engine;
  const near = `ABS(${microsOf(input, 't')} - ${microsOf(input, 's')}) <= ${dedup.windowMs * 1_000}`;
  const conditions = [sql`${raw(`${sameKey(engine, dedup.by, 't', 's')} AND ${near}`)}`];
  if (span) conditions.push(sql`${within(input, span)}`);
  if (superseded.length) {
    const loadId = raw(`t.${dialect.ident(loadIdColumn)}`);
    conditions.push(sql`(${loadId} IS NULL OR ${loadId} NOT IN ${listed(superseded)})`);
  }
  return sql`EXISTS (SELECT 1 FROM ${raw(dialect.relation(target.target))} t WHERE ${joined(conditions, ' AND ')})`;
}

function within({ engine, target, dedup }: DedupInput, { low, high }: Span): RawSql {
  const time = `t.${engine.dialect.ident(dedup.time)}`;
  const base = baseType(target.contract.columns[dedup.time]!.type);
  const bound = (instant: string): string =>
    `CAST('${boundText(instant, base)}' AS ${typeOf(engine, target, dedup.time)})`;
  return raw(`${time} >= ${bound(low)} AND ${time} <= ${bound(high)}`);
}

/**
 * The rows that the table does not hold, each with its number among those of its event by time, and the number of the first that
 * comes after its window, where there is one.
 */
async function numberedRows(input: DedupInput, span: Span | null): Promise<string> {
  const { engine, open, target, stage, dedup, context } = input;
  const { ident } = engine.dialect;
  const names = Object.keys(target.contract.columns);
  const event = `PARTITION BY ${columnList(engine, dedup.by, 's')}`;
  const [time, width] = [microsOf(input, 's'), dedup.windowMs * 1_000];
  const asked = [
    `ROW_NUMBER() OVER (${event} ORDER BY ${time}, ${wholeRow(engine, target, 's')}) AS ${ident(numberColumn)}`,
    `1 + COUNT(*) OVER (${event} ORDER BY ${time} RANGE BETWEEN UNBOUNDED PRECEDING AND ${width} FOLLOWING) AS ${ident(nextColumn)}`,
    `COUNT(*) OVER (${event}) AS ${ident(roundColumn)}`,
  ];
  const next = `CASE WHEN s.${ident(nextColumn)} <= s.${ident(roundColumn)} THEN s.${ident(nextColumn)} END`;
  const left = await newStage(engine, open, stage.index, context);
  await makeTable(input, left, [...names, numberColumn, nextColumn]);
  await engine.backend.run(
    'publish',
    sql`INSERT INTO ${raw(left)} (${raw(columnList(engine, [...names, numberColumn, nextColumn]))})
      SELECT ${raw(columnList(engine, [...names, numberColumn], 's'))}, ${raw(next)}
      FROM (SELECT ${raw([columnList(engine, names, 's'), ...asked].join(', '))} FROM ${raw(goodRows(engine, stage))} s
            WHERE NOT ${isKnown(input, span)}) s`,
    { signal: context.signal, timeoutMs: engine.options.publishTimeoutMs },
  );
  return left;
}

async function makeTable({ engine, target }: DedupInput, table: string, names: readonly string[]): Promise<void> {
  const types = new Map(stageColumns(engine, target).map((c) => [c.name, c.type]));
  const { ident, own } = engine.dialect;
  const made = names.map((name) => `${ident(name)} ${types.get(name) ?? own.integer}`).join(', ');
  await engine.backend.run('publish', sql`CREATE TABLE ${raw(table)} (${raw(made)})`);
}

/**
 * True for rows that are taken: by time, the first of an event is taken, then the first that comes after its window, and so on. So
 * the table ends as it would had the rows come one by one.
 *
 * The walk doubles its steps: round k knows which row is 2^k windows after another, and takes all that are so far from a row that is
 * taken. A year of an event within a week's window is six rounds.
 */
async function takenOf(input: DedupInput, left: string): Promise<Sql> {
  const { engine, open, stage, dedup, context } = input;
  const { ident } = engine.dialect;
  const [n, next, round] = [ident(numberColumn), ident(nextColumn), ident(roundColumn)];
  if ((await countOf(engine, sql`${raw(left)} s WHERE ${raw(`s.${next}`)} IS NOT NULL`)) === 0)
    return sql`${raw(`s.${n} = 1`)}`;
  const walk = await newStage(engine, open, stage.index, context);
  await makeTable(input, walk, [...dedup.by, roundColumn, numberColumn, nextColumn]);
  const put = (values: string, from: string): Promise<number> =>
    engine.backend.run(
      'publish',
      sql`INSERT INTO ${raw(walk)} (${raw(`${columnList(engine, dedup.by)}, ${round}, ${n}, ${next}`)})
          SELECT ${raw(`${columnList(engine, dedup.by, 'a')}, ${values} FROM ${from}`)}`,
      { signal: context.signal },
    );
  const taken = -1;
  const same = sameKey(engine, dedup.by, 'a', 'b');
  await put(`0, a.${n}, a.${next}`, `${left} a WHERE a.${next} IS NOT NULL`);
  await put(`${taken}, a.${n}, NULL`, `${left} a WHERE a.${n} = 1`);
  for (let k = 0; ; k++) {
    const reached = `${walk} a JOIN ${walk} b ON ${same} AND b.${n} = a.${n} WHERE a.${round} = ${k} AND b.${round} = ${taken}`;
    if ((await countOf(engine, sql`${raw(reached)}`)) === 0) break;
    await put(`${taken}, a.${next}, NULL`, reached);
    await put(
      `${k + 1}, a.${n}, b.${next}`,
      `${walk} a JOIN ${walk} b ON ${same} AND b.${n} = a.${next} WHERE a.${round} = ${k} AND b.${round} = ${k}`,
    );
  }
  return sql`EXISTS (SELECT 1 FROM ${raw(`${walk} b WHERE b.${round} = ${taken} AND b.${n} = s.${n} AND ${sameKey(engine, dedup.by, 'b', 's')}`)})`;
}
