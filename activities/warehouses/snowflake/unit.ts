import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import { GuardFailed, type RunOptions, type Unit } from '../sql/port';
import type { Session, SnowflakeClient } from './client';
import { isLost } from './errors';

/** See `SqlBackend.unit`. */
export async function runUnit(
  client: SnowflakeClient,
  unit: Unit,
  options: RunOptions = {},
): Promise<Record<string, number>> {
  return client.session(async (session) => {
    const open = unit.open ?? options.open;
    // Before it begins: what sets a parameter of the session has no place in a transaction.
    if (open) await session.tag(unit.name, open);
    try {
      const { open: _, ...bounds } = options;
      return await within(session, unit, bounds);
    } catch (error) {
      // A failed statement leaves the transaction open, with its locks.
      await session.run('rollback', 'ROLLBACK').catch(() => (session.broken = true));
      if (options.signal?.aborted) session.broken = true;
      throw error;
    }
  });
}

async function within(session: Session, unit: Unit, bounds: RunOptions): Promise<Record<string, number>> {
  await session.run(unit.name, 'BEGIN', bounds);
  const begun = await transactionOf(session);
  for (const { object, sql } of unit.locks) {
    const taken = await session.change(`${unit.name}:lock`, sql, bounds).catch((error: unknown) => {
      throw loadErrorOf(error)?.type === 'TargetNotFound' ? loadFailure('LockRowMissing', { object }) : error;
    });
    if (taken === 0) throw loadFailure('LockRowMissing', { object });
  }
  for (const { code, holds } of unit.guards) {
    const [row] = await session.run(`${unit.name}:guard`, holds, bounds);
    if (!isTrue(Object.values(row ?? {})[0])) throw new GuardFailed(code);
  }
  const numbers: Record<string, number> = {};
  for (const { name, kind, sql } of unit.statements) {
    numbers[name] =
      kind === 'change'
        ? await session.change(`${unit.name}:${name}`, sql, bounds)
        : Number(Object.values((await session.run(`${unit.name}:${name}`, sql, bounds))[0] ?? {})[0]);
  }
  // Rolled back for idleness, the statements since then would each have been committed by itself.
  if ((await transactionOf(session)) !== begun)
    throw loadFailure('SessionLost', { object: unit.name, expected: `transaction ${begun}`, got: 'another, or none' });
  bounds.signal?.throwIfAborted();
  await commit(session, unit);
  return numbers;
}

async function transactionOf(session: Session): Promise<string | null> {
  const [row] = await session.run('transaction', 'SELECT CURRENT_TRANSACTION() AS ID');
  const id = Object.values(row ?? {})[0];
  return id === null || id === undefined ? null : String(id);
}

async function commit(session: Session, unit: Unit): Promise<void> {
  try {
    await session.run(unit.name, 'COMMIT');
  } catch (error) {
    if (!isLost(error)) throw error;
    throw loadFailure('CommitOutcomeUnknown', { object: unit.name, cause: error });
  }
}

const isTrue = (value: unknown): boolean =>
  value === true || value === 1 || (typeof value === 'string' && /^(true|1)$/i.test(value));
