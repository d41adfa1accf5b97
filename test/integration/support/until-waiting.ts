import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until so many sessions of a database, with such statements, wait for a lock. */
export async function untilWaiting(
  rows: (sql: string) => Promise<readonly unknown[]>,
  sessions: number,
  statements = '%',
): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '${statements}'`;
  for (;;) {
    // A transaction keeps what it has once seen of the other sessions.
    await rows('SELECT pg_stat_clear_snapshot()');
    if ((await rows(waiting)).length >= sessions) return;
    await sleep(10);
  }
}
