import { loadFailure } from '../../../workflows/load-error';
import type { Session } from './client';

/** Rows in a stage. @throws `StageLost` when it is gone */
export async function stageCount(tx: Session, stage: string): Promise<number> {
  try {
    const [row] = await tx.rows<{ n: string }>('stage:count', `SELECT count(*) AS n FROM ${stage}`);
    return Number(row?.n);
  } catch (error) {
    if ((error as { code?: string }).code !== '42P01') throw error;
    throw loadFailure('StageLost', { object: stage, expected: 'a stage', got: 'no such table' });
  }
}
