import { loadFailure } from '../../../workflows/load-error';
import { reasonsColumn } from '../own-columns';
import type { Session } from './client';
import { ident, type MarkedStage } from './sql';

/** Rows in an audited stage, and how many of them are marked. @throws `StageLost` when it is gone, or was never marked */
export async function stageCounts(
  tx: Session,
  { stage, quarantined }: MarkedStage,
): Promise<[rows: number, marked: number]> {
  const marked = quarantined > 0 ? [`count(${ident(reasonsColumn)}) AS marked`] : [];
  const found = await stageFacts(tx, `${stage} s`, marked);
  return [Number(found['rows']), Number(found['marked'] ?? 0)];
}

/** Rows of a stage `s`, as `rows`, and what else is asked, by its aliases, in one scan. @throws `StageLost` when it is gone */
export async function stageFacts(
  tx: Session,
  stage: string,
  asked: readonly string[],
  where = '',
): Promise<Record<string, string | null>> {
  try {
    const sql = `SELECT ${['count(*) AS rows', ...asked].join(', ')} FROM ${stage}${where}`;
    const [found] = await tx.rows<Record<string, string | null>>('stage:count', sql);
    return found!;
  } catch (error) {
    if (!stageGone.includes((error as { code?: string }).code ?? '')) throw error;
    throw loadFailure('StageLost', { object: stage.split(' ', 1)[0]!, expected: 'a stage', got: 'no such table' });
  }
}

/** No such table, or no such column. */
const stageGone = ['42P01', '42703'];
