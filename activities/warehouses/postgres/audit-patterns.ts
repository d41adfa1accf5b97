import type { CheckOf } from '../../../workflows/checks';
import type { Audit } from './audit-scan';
import { brokenSql } from './check-sql';
import { ident } from './sql';
import { stageFacts } from './stage-count';

/** Of fewer rows, each may be matched. */
const manyRows = 50_000;
const sampledRows = 2_000;
/** More are more than a query plans for in time, see `distinctColumns` of the metrics. */
const sampledColumns = 100;
/** Values repeat where a sample has each of them this often. */
const timesInSample = 4;

/**
 * Rows that break a pattern, by the check's id, of the checks on columns whose values repeat: each value is matched once.
 * A regular expression takes longer than all other checks of a row together. Other columns are left to the scan.
 */
export async function countByValue(audit: Audit, checks: readonly CheckOf<'pattern'>[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const check of await onRepeatedValues(audit, checks)) {
    // Not in WHERE: the planner would match each row before it groups them.
    const asked = `coalesce(sum(_loadline_n) FILTER (WHERE ${brokenSql(check)}), 0) AS broken`;
    const column = ident(check.column);
    // By bytes, whatever the column's collation holds to be equal.
    const values = `(SELECT ${column}::text COLLATE "C" AS ${column}, count(*) AS _loadline_n FROM ${audit.stage.stage} GROUP BY 1) v`;
    counts.set(check.id, Number((await stageFacts(audit.tx, values, [asked]))['broken']));
  }
  return counts;
}

async function onRepeatedValues({ tx, stage }: Audit, checks: readonly CheckOf<'pattern'>[]): Promise<typeof checks> {
  if (stage.rows < manyRows || checks.length === 0) return [];
  const asked = checks.slice(0, sampledColumns);
  const share = Math.min(100, (100 * 2 * sampledRows) / stage.rows);
  const sample = `${stage.stage} TABLESAMPLE SYSTEM (${share}) REPEATABLE (1)`;
  const different = asked.map(({ column }, i) => `count(DISTINCT ${ident(column)}::text COLLATE "C") AS "d${i}"`);
  const found = await stageFacts(tx, sample, different);
  return asked.filter((_, i) => Number(found[`d${i}`]) * timesInSample <= Number(found['rows']));
}
