import { isRowCheck, type Check } from '../../../workflows/checks';
import type { OpenTarget, StageRef } from '../../../workflows/contract';
import { reasonsColumn } from '../own-columns';
import { isAggregate, type Aggregates } from '../check-verdicts';
import type { Session } from './client';
import { countByValue } from './audit-patterns';
import { aggregateSql, anyBroken, brokenSql, seenFrom, stageSql, type Relations } from './check-sql';
import { evaluated } from './check-trouble';
import { metricsSelect } from './metrics';
import { ident, literal, whereGood, type MarkedStage } from './sql';
import { stageFacts } from './stage-count';
import { reasonOf } from '../../../workflows/checks';

/** What the checks of one stage ask with. */
export interface Audit {
  readonly tx: Session;
  readonly target: OpenTarget;
  readonly stage: StageRef;
  readonly checks: readonly Check[];
  readonly relations: Relations;
  /** Of the load's interval. */
  readonly end: string | undefined;
}

/** What one scan of a stage has found. */
export interface Scanned {
  readonly rows: number;
  /** Rows that break a check, by its id. */
  readonly broken: ReadonlyMap<string, number>;
  /** Of all rows: what the checks ask for while none is set aside. */
  readonly aggregates: Aggregates;
  /** What `metricsSelect` asks for. */
  readonly metrics: string | null;
}

/** The count, all row checks and all aggregates, in one scan save for patterns that are matched by value. @throws `StageLost`, `InvalidCheck` */
export async function scanStage(audit: Audit): Promise<Scanned> {
  const { tx, target, stage, relations } = audit;
  const rowChecks = audit.checks.filter(isRowCheck);
  const byValue = await countByValue(
    audit,
    rowChecks.filter((c) => c.kind === 'pattern'),
  );
  const checks = rowChecks.filter(({ id }) => !byValue.has(id));
  const counts = checks.map((c, i) => `count(*) FILTER (WHERE ${brokenSql(c)}) AS "c${i}"`);
  const asked = [...counts, ...aggregatesSql(audit), `${metricsSelect(target)} AS metrics`];
  const found = await evaluated(audit, () => stageFacts(tx, stageSql(stage.stage, audit.checks, relations), asked));
  return {
    rows: Number(found['rows']),
    broken: new Map([...byValue, ...checks.map(({ id }, i): [string, number] => [id, Number(found[`c${i}`])])]),
    aggregates: aggregatesIn(audit, found),
    metrics: found['metrics'] ?? null,
  };
}

/** The aggregates of the rows that are to be loaded, once the others are marked and repetitions are out. */
export async function aggregateStage(audit: Audit, marked: MarkedStage): Promise<Aggregates> {
  const asked = aggregatesSql(audit);
  return asked.length
    ? aggregatesIn(audit, await stageFacts(audit.tx, `${marked.stage} s`, asked, whereGood(marked)))
    : new Map();
}

const aggregatesSql = ({ checks, end }: Audit): string[] =>
  checks.filter(isAggregate).map((check, i) => `${aggregateSql(check, seenFrom(end))} AS "a${i}"`);

function aggregatesIn({ checks }: Audit, found: Readonly<Record<string, string | null>>): Aggregates {
  const asked = checks.filter(isAggregate);
  return new Map(asked.map(({ id }, i) => [id, found[`a${i}`] === null ? null : Number(found[`a${i}`])]));
}

/**
 * Marks the rows that publish sets aside, each with its reasons, so that whatever comes later means the same rows: tables
 * that the contract refers to may change in between. Resolves to how many there are.
 */
export async function markBad({ tx, stage, checks, relations }: Audit): Promise<number> {
  const asked = checks.filter(isRowCheck).filter((c) => c.severity === 'quarantine');
  const bad = anyBroken(asked);
  if (bad === null) return 0;
  const column = ident(reasonsColumn);
  const reasons = asked.map((c) => `CASE WHEN ${brokenSql(c)} THEN ${literal(reasonOf(c))} END`);
  await tx.run('audit:reasons', `ALTER TABLE ${stage.stage} ADD COLUMN IF NOT EXISTS ${column} text[]`);
  // A former attempt may have marked other rows.
  const found = `SELECT s.ctid AS row, nullif(array_remove(ARRAY[${reasons.join(', ')}], NULL), '{}') AS reasons
    FROM ${stageSql(stage.stage, asked, relations)} WHERE ${bad} OR ${column} IS NOT NULL`;
  const [marked] = await tx.rows<{ n: string }>(
    'audit:mark',
    `WITH found AS MATERIALIZED (${found}),
       marked AS (UPDATE ${stage.stage} m SET ${column} = found.reasons FROM found WHERE m.ctid = found.row RETURNING found.reasons)
     SELECT count(reasons) AS n FROM marked`,
  );
  return Number(marked?.n);
}
