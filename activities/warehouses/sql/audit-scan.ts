import { isRowCheck, reasonOf, type Check } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget, StageRef } from '../../../workflows/contract';
import type { BatchMetrics } from '../../quality/load-metrics';
import { isAggregate, type Aggregates } from '../check-verdicts';
import { reasonsColumn } from '../own-columns';
import { invalidCheck } from './catalogue';
import { aggregateSql, anyBroken, brokenSql, seenFrom, stageSql, type Relations } from './check-sql';
import { columnList } from './columns';
import type { Engine } from './engine';
import { isMissing } from './ledger-schema';
import { columnFacts, scannedColumns, scannedPortions } from './metrics';
import { raw, sql, type RunOptions, type Sql } from './port';
import { joined } from './rows';

/** What the checks of one stage ask with. */
export interface Audit {
  readonly engine: Engine;
  readonly target: OpenTarget;
  readonly stage: StageRef;
  readonly checks: readonly Check[];
  readonly relations: Relations;
  /** Of the load's interval. */
  readonly end: string | undefined;
  readonly bounds: RunOptions;
}

/** What one scan of a stage has found. */
export interface Scanned {
  readonly rows: number;
  /** Rows that break a check, by its id. */
  readonly broken: ReadonlyMap<string, number>;
  /** Rows that break a check of severity `quarantine`. */
  readonly bad: number;
  /** Of all rows: what the checks ask for while none is set aside. */
  readonly aggregates: Aggregates;
  readonly columns: BatchMetrics['columns'];
}

const counted = (condition: Sql): Sql => sql`COALESCE(SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END), 0)`;

/** One row of facts about a relation `s`, by their aliases; `n` are its rows. @throws `StageLost` when the stage is gone */
export async function stageFacts(
  { backend, dialect }: Pick<Engine, 'backend' | 'dialect'>,
  relation: Sql,
  asked: Readonly<Record<string, Sql>>,
  bounds: RunOptions,
): Promise<Record<string, unknown>> {
  const facts = Object.entries({ n: sql`COUNT(*)`, ...asked }).map(
    ([name, fact]) => sql`${fact} AS ${raw(dialect.ident(name))}`,
  );
  const [row] = await backend
    .rows<Record<string, unknown>>('audit', sql`SELECT ${joined(facts, ', ')} FROM ${relation}`, bounds)
    .catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      throw loadFailure('StageLost', { object: 'stage', expected: 'a stage', got: 'no such table' });
    });
  return row!;
}

/** The count, all row checks, all aggregates and what metrics tell of columns, in one scan. @throws `StageLost`, `InvalidCheck` */
export async function scanStage(audit: Audit): Promise<Scanned> {
  const { engine, target, stage, checks, relations } = audit;
  const rowChecks = checks.filter(isRowCheck);
  const bad = anyBroken(
    engine,
    target,
    rowChecks.filter((c) => c.severity === 'quarantine'),
  );
  const asked = aggregates(audit);
  rowChecks.forEach((check, i) => (asked[`c${i}`] = counted(brokenSql(engine, target, check))));
  if (bad) asked['bad'] = counted(bad);
  const [told = [], ...more] = scannedPortions(target);
  Object.assign(asked, columnFacts(engine, target, told));
  const from = sql`${raw(stageSql(engine, stage.stage, checks, relations))}`;
  const found = await stageFacts(engine, from, asked, audit.bounds).catch((error: unknown) => {
    throw blamed(audit, error);
  });
  const columns = { ...scannedColumns(engine, target, told, found) };
  for (const names of more) {
    const wide = await stageFacts(engine, sql`${raw(stage.stage)} s`, columnFacts(engine, target, names), audit.bounds);
    Object.assign(columns, scannedColumns(engine, target, names, wide));
  }
  return {
    columns,
    rows: Number(found['n']),
    broken: new Map(rowChecks.map(({ id }, i) => [id, Number(found[`c${i}`])])),
    bad: Number(found['bad'] ?? 0),
    aggregates: aggregatesIn(audit, found),
  };
}

/** What the only check in the contract's own SQL has failed with; of several nobody knows which it was. */
function blamed({ target, checks }: Audit, error: unknown): unknown {
  const check = checks.find((c) => c.kind === 'sql');
  return check ? invalidCheck(target.contract, check, error) : error;
}

/** The aggregates of the rows that are to be loaded, once others are set aside and repetitions are out. */
export async function aggregateRows(audit: Audit, good: Sql): Promise<Aggregates> {
  const asked = aggregates(audit);
  if (!Object.keys(asked).length) return new Map();
  return aggregatesIn(audit, await stageFacts(audit.engine, sql`${good} s`, asked, audit.bounds));
}

function aggregates({ engine, checks, end }: Audit): Record<string, Sql> {
  const of = checks
    .filter(isAggregate)
    .map((check, i) => [`a${i}`, aggregateSql(engine, check, seenFrom(engine, end))] as const);
  return Object.fromEntries(of);
}

function aggregatesIn({ checks }: Audit, found: Readonly<Record<string, unknown>>): Aggregates {
  return new Map(
    checks.filter(isAggregate).map((check, i) => {
      const value = found[`a${i}`];
      if (value === null || value === undefined) return [check.id, null];
      // A verdict wants seconds.
      return [check.id, check.kind === 'freshness' ? Number(value) / 1_000 : Number(value)];
    }),
  );
}

/** The stage with what each row is set aside for, a reason a line; NULL where it is good. */
export function markedRows(audit: Audit): Sql {
  const { engine, target, stage, checks, relations } = audit;
  const asked = checks.filter(isRowCheck).filter((c) => c.severity === 'quarantine');
  const names = columnList(engine, Object.keys(target.contract.columns), 's');
  const reasons = asked.map(
    (c) => sql`CASE WHEN ${brokenSql(engine, target, c)} THEN ${`${reasonOf(c)}\n`} ELSE '' END`,
  );
  const empty = sql`CAST(NULL AS ${raw(engine.dialect.own.text)})`;
  const marked = reasons.length ? sql`NULLIF(CONCAT(${joined(reasons, ', ')}, ''), '')` : empty;
  return sql`(SELECT ${raw(names)}, ${marked} AS ${raw(engine.dialect.ident(reasonsColumn))}
    FROM ${raw(stageSql(engine, stage.stage, asked, relations))})`;
}
