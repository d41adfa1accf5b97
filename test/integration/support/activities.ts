/** Activities of the tests' pipelines. @module */
import { writeBatch, type BatchRef } from '../../../activities';

/** Turns rows into a batch. */
export async function writeRows(name: string, rows: readonly Record<string, unknown>[]): Promise<BatchRef> {
  return writeBatch(rows as Record<string, string>[], { name });
}
