import { loadFailure } from '../../../workflows/load-error';
import type { Session } from './client';

/** Rows in a stage. @throws `StageLost` when it is gone */
export async function stageCount(tx: Session, stage: string): Promise<number> {
  return (await stageCounts(tx, stage, []))['rows']!;
}

/** Rows in a stage, as `rows`, and further counts, by their aliases, in one scan. @throws `StageLost` when it is gone */
export async function stageCounts(
  tx: Session,
  stage: string,
  counts: readonly string[],
): Promise<Record<string, number>> {
  try {
    const sql = `SELECT ${['count(*) AS rows', ...counts].join(', ')} FROM ${stage}`;
    const [found] = await tx.rows<Record<string, string>>('stage:count', sql);
    return Object.fromEntries(Object.entries(found!).map(([name, n]) => [name, Number(n)]));
  } catch (error) {
    if ((error as { code?: string }).code !== '42P01') throw error;
    throw loadFailure('StageLost', { object: stage, expected: 'a stage', got: 'no such table' });
  }
}
