import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import type { Session } from './client';
import { columnList, ident, whereGood, type MarkedStage } from './sql';

/** Takes out rows that repeat another; refuses rows that contradict each other. Resolves to how many it took out. */
export async function dropDuplicates(tx: Session, target: OpenTarget, stage: MarkedStage): Promise<number> {
  const { key, newest } = target.contract;
  if (!key?.length) return 0;
  const [found] = await tx.rows<{ conflicts: string; gone: string }>('audit:duplicates', dropSql(target, stage));
  if (Number(found?.conflicts) > 0) {
    throw loadFailure('ConflictingDuplicates', {
      object: target.target,
      got: `${found?.conflicts} keys with several values${newest ? ` and equal ${newest}` : ''}`,
    });
  }
  return Number(found?.gone);
}

/** One statement, so that the keys are grouped once. */
function dropSql({ contract }: OpenTarget, marked: MarkedStage): string {
  const { newest } = contract;
  const { stage } = marked;
  const key = columnList(contract.key!);
  const order = newest ? `ORDER BY ${ident(newest)} DESC NULLS LAST` : '';
  const values = `(${columnList(Object.keys(contract.columns))})::text`;
  return `WITH repeated AS MATERIALIZED (
      SELECT ${key} FROM ${stage}${whereGood(marked)} GROUP BY ${key} HAVING count(*) > 1),
    ranked AS MATERIALIZED (
      SELECT ctid AS _loadline_row, ${key}, ${values} AS _loadline_values, rank() OVER (PARTITION BY ${key} ${order}) AS _loadline_rank
      FROM ${stage}${whereGood(marked, `(${key}) IN (SELECT * FROM repeated)`)}),
    conflicts AS (
      SELECT 1 FROM ranked WHERE _loadline_rank = 1 GROUP BY ${key} HAVING count(DISTINCT _loadline_values) > 1),
    losers AS (
      SELECT _loadline_row FROM (SELECT _loadline_row,
        row_number() OVER (PARTITION BY ${key} ORDER BY _loadline_rank, _loadline_row) AS n FROM ranked) r WHERE n > 1),
    gone AS (DELETE FROM ${stage} WHERE ctid IN (SELECT _loadline_row FROM losers) RETURNING 1)
    SELECT (SELECT count(*) FROM conflicts) AS conflicts, (SELECT count(*) FROM gone) AS gone`;
}
