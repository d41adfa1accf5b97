import type { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../../workflows/load-error';
import type { PostgresClient } from './client';
import { classifyPostgresError } from './errors';

interface Holder extends Record<string, unknown> {
  readonly pid: number;
  readonly application: string;
  readonly role: string | null;
  /** `null` where the role may not see it. */
  readonly since: string | null;
  readonly relation: string | null;
}

/** Who keeps a session waiting. */
export interface LockWatch {
  /** Says who held the lock that a statement did not get in time; `null` for other errors, or when nobody was seen. */
  explain(error: unknown): Promise<ApplicationFailure | null>;
  stop(): void;
}

// Never the text of a query: it may hold values. The wait and its holders are two looks at the server's locks: a wait
// that ends between them is in the first alone, and nothing is told of it.
const holdersSql = `
  SELECT a.pid, left(a.application_name, 60) AS application, a.usename AS role,
         to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
         wait.relation::regclass::text AS relation
  FROM (SELECT max(l.relation) AS relation FROM pg_locks l WHERE l.pid = $1 AND NOT l.granted HAVING count(*) > 0) wait,
       pg_stat_activity a
  WHERE a.pid = ANY(pg_blocking_pids($1)) ORDER BY a.xact_start LIMIT 3`;

/** Looks from time to time, as the server knows it only while a session waits: several times in each wait that fails. */
export function watchLockHolders(client: PostgresClient, pid: number, lockTimeoutMs: number): LockWatch {
  let seen: readonly Holder[] = [];
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const found = await client.session((s) => s.rows<Holder>('session:holders', holdersSql, [pid]));
    // A look that ends after the wait finds nobody, which says nothing of the wait.
    if (found.length) seen = found;
  };
  // One at a time: where a new session takes long, more of them would not be quicker.
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined));
  }, lockTimeoutMs / 5);
  timer.unref();
  return {
    async explain(error) {
      if (classifyPostgresError(error) !== 'LockBusy') return null;
      await looking;
      return seen.length ? held(seen) : null;
    },
    stop: () => clearInterval(timer),
  };
}

function held(holders: readonly Holder[]): ApplicationFailure {
  const named = holders.map(({ pid, application, role, since }) => {
    const facts = [application, role && `role ${role}`, since && `in a transaction since ${since}`].filter(Boolean);
    return `process ${pid} (${facts.join(', ')})`;
  });
  return loadFailure('LockBusy', {
    object: holders[0]!.relation ?? 'a row of a table',
    got: `held by ${named.join('; ')}`,
    remedy: 'Nothing to do: it is tried again. Should it not end, end that session: SELECT pg_terminate_backend(…).',
  });
}
