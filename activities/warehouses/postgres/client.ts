import type { ApplicationFailure } from '@temporalio/common';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import { classifyPostgresError, postgresFailure } from './errors';
import type { ResolvedPostgresConfig, TransactionBounds } from './config';
import { watchLockHolders } from './lock-holders';
import { watchAnswers } from './lost-answers';

/** Statements carry their step as a comment: it names them in pg_stat_activity. */
export type StatementTag = `${string}:${string}`;

/** One session of the database. */
export interface Session {
  rows<R extends QueryResultRow>(tag: StatementTag, sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs a statement and resolves to how many rows it touched. */
  run(tag: StatementTag, sql: string, values?: readonly unknown[]): Promise<number>;
  /** Streams text into `COPY … FROM STDIN`; resolves to the rows copied. */
  copyIn(tag: StatementTag, sql: string, text: Readable, signal: AbortSignal): Promise<number>;
}

/** Runs work with further sessions, each in a transaction of its own that commits when the work has ended well. */
export type SessionsOf = <T>(work: (sessions: readonly Session[]) => Promise<T>) => Promise<T>;

/** Bounds of statements outside of a transaction, which have no time-out of the server's. */
export interface SessionBounds {
  /** @default one minute */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const sessionTimeoutMs = 60_000;

/** A pool of sessions of one database. The only file that imports the driver. */
export class PostgresClient {
  readonly #pool: Pool;
  #version: Promise<number> | undefined;

  constructor(private readonly config: ResolvedPostgresConfig) {
    this.#pool = new Pool({
      connectionString: config.url,
      max: config.maxPublishing + config.maxStaging * config.copySessions + 4,
      application_name: 'loadline',
      connectionTimeoutMillis: 15_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      // Awaited, whatever its type says.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      onConnect: async (session) => void (await session.query(setSql('SET', dialect))),
    });
    // An idle session that the server ends is simply replaced.
    this.#pool.on('error', () => undefined);
  }

  /** `server_version_num`, such as 180004. */
  version(): Promise<number> {
    this.#version ??= this.session(async (s) =>
      Number((await s.rows<{ v: string }>('session:version', `SELECT current_setting('server_version_num') v`))[0]?.v),
    );
    this.#version.catch(() => (this.#version = undefined));
    return this.#version;
  }

  /** Runs statements outside of an explicit transaction. Ends the session when they take too long, or on an abort. */
  async session<T>(
    work: (session: Session) => Promise<T>,
    { timeoutMs = sessionTimeoutMs, signal }: SessionBounds = {},
  ): Promise<T> {
    signal?.throwIfAborted();
    const client = await this.#connect();
    const patience = this.#endAfter(client, timeoutMs, signal);
    let broken = false;
    try {
      return await work(sessionOf(client));
    } catch (error) {
      broken = isStale(error);
      throw signal?.aborted ? signal.reason : postgresFailure(error);
    } finally {
      client.release(patience.stop() || broken);
    }
  }

  /**
   * One transaction in READ COMMITTED. Commits unless `work` throws or resolves to `commit: false`; on any error an
   * explicit ROLLBACK. An abort cancels the statement that runs, never a COMMIT.
   *
   * @throws `CommitOutcomeUnknown` when the session is lost while committing
   */
  async transaction<T>(
    bounds: TransactionBounds,
    signal: AbortSignal | undefined,
    work: (session: Session) => Promise<{ value: T; commit: boolean }>,
  ): Promise<T> {
    const settings = boundsSql(bounds, await this.version(), this.config.workMem);
    const client = await this.#connect();
    const holders = watchLockHolders(this, pidOf(client), bounds.lockTimeoutMs);
    const stopCancelling = this.#cancelOnAbort(client, signal);
    const answers = watchAnswers(client, this.config.url, bounds.frozenTimeoutMs);
    const stopWatching = (): void => {
      stopCancelling();
      holders.stop();
    };
    try {
      answers.pid = await begin(client, settings);
      signal?.throwIfAborted();
      const { value, commit } = await work(sessionOf(client));
      signal?.throwIfAborted();
      stopWatching();
      if (commit) await commitOn(client);
      else await client.query('/* loadline:rollback */ ROLLBACK');
      client.release();
      return value;
    } catch (error) {
      stopWatching();
      // After an abort a cancel request may still be on its way to this session: nobody else may get it.
      await rollBack(client, (signal?.aborted ?? false) || isStale(error));
      throw signal?.aborted ? signal.reason : ((await holders.explain(error)) ?? postgresFailure(error));
    } finally {
      answers.stop();
    }
  }

  /** Several transactions at once, all of them ended when the work is. @throws as {@link transaction} does */
  async transactions<T>(
    count: number,
    bounds: TransactionBounds,
    signal: AbortSignal | undefined,
    work: (sessions: readonly Session[]) => Promise<T>,
  ): Promise<T> {
    const within = (sessions: readonly Session[]): Promise<T> =>
      sessions.length === count
        ? work(sessions)
        : this.transaction(bounds, signal, async (tx) => ({ value: await within([...sessions, tx]), commit: true }));
    return within([]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    try {
      const client = await this.#pool.connect();
      if (client.listenerCount('error') < 2) client.on('error', () => undefined);
      return client;
    } catch (error) {
      throw fileOfUrl(error) ?? postgresFailure(error, { object: placeOf(this.config.url) });
    }
  }

  /** Ends a session whose client would wait for ever; `stop` tells whether it did. */
  #endAfter(client: PoolClient, timeoutMs: number, signal: AbortSignal | undefined): { stop(): boolean } {
    const { connection } = client as unknown as { connection: { stream: Socket } };
    let ended = false;
    const end = (): void => {
      ended = true;
      this.#cancel(client);
      // The server may not answer at all.
      connection.stream.destroy();
    };
    const timer = setTimeout(end, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });
    return {
      stop() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        return ended;
      },
    };
  }

  #cancel(client: PoolClient): void {
    const pid = pidOf(client);
    void this.session((s) => s.run('session:cancel', 'SELECT pg_cancel_backend($1)', [pid])).catch(() => undefined);
  }

  /** Ends the statement that a session runs when the step is cancelled. */
  #cancelOnAbort(client: PoolClient, signal: AbortSignal | undefined): () => void {
    const cancel = (): void => this.#cancel(client);
    signal?.addEventListener('abort', cancel, { once: true });
    return () => signal?.removeEventListener('abort', cancel);
  }
}

/** The process of the server that serves a session. */
const pidOf = (client: PoolClient): number => (client as unknown as { processID: number }).processID;

/** The driver reads the files that a URL names, such as sslrootcert, whenever it connects. */
function fileOfUrl(error: unknown): ApplicationFailure | undefined {
  const { path, syscall, code } = error as NodeJS.ErrnoException;
  if (path === undefined || syscall !== 'open') return undefined;
  return loadFailure('InvalidConfig', {
    what: 'A file that the URL of the database names cannot be read.',
    object: path,
    ...(code !== undefined && { got: code }),
    remedy: 'Correct sslrootcert, sslcert or sslkey in the URL, or put the file there.',
  });
}

/** Host and database of a URL, without the secret. The driver takes URLs that the standard does not, as `postgres://me@/db`. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'database';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function boundsSql(bounds: TransactionBounds, version: number, workMem: string | null): string {
  const settings: Record<string, string> = {
    statement_timeout: `${bounds.timeoutMs}ms`,
    idle_in_transaction_session_timeout: `${bounds.frozenTimeoutMs}ms`,
    lock_timeout: `${bounds.lockTimeoutMs}ms`,
    ...(workMem !== null && { work_mem: workMem }),
  };
  if (version >= 170000) settings['transaction_timeout'] = `${bounds.timeoutMs}ms`;
  // Again, as a pooler may have given this transaction a session of another client.
  const statements = setSql('SET LOCAL', { ...dialect, ...settings });
  return workMem === null ? `${statements}; ${workMemByServer}` : statements;
}

/** How values and names are read and written, whatever roles and databases have been set to. */
const dialect: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  array_nulls: 'on',
};

const setSql = (set: 'SET' | 'SET LOCAL', settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${set} ${name} = '${value}'`)
    .join('; ');

/** Resolves to the server's process, which a pooler between here and there would not tell rightly. */
async function begin(client: PoolClient, settings: string): Promise<number | undefined> {
  const sql = `BEGIN ISOLATION LEVEL READ COMMITTED; ${settings}; SELECT pg_backend_pid() AS pid`;
  // One result for each statement.
  const results = (await client.query(`/* loadline:begin */ ${sql}`)) as unknown as { rows: { pid?: number }[] }[];
  return results.at(-1)?.rows[0]?.pid;
}

/** PostgreSQL's own default of 4 MB spills the sorts and hashes of a load to disk; its memory is known by this setting alone. */
const workMemByServer = `SELECT set_config('work_mem', greatest(64 * 1024, least(512 * 1024,
  pg_size_bytes(current_setting('effective_cache_size')) / 8 / 1024))::text, true)`;

async function commitOn(client: PoolClient): Promise<void> {
  let command: string;
  try {
    ({ command } = await client.query('/* loadline:commit */ COMMIT'));
  } catch (error) {
    if (!isLost(error)) throw error;
    throw loadFailure('CommitOutcomeUnknown', { object: 'COMMIT' });
  }
  // The server answers ROLLBACK to the COMMIT of a failed transaction.
  if (command !== 'COMMIT') throw loadFailure('SessionLost', { object: 'COMMIT', got: command });
}

async function rollBack(client: PoolClient, discard: boolean): Promise<void> {
  let broken = discard;
  await client.query('/* loadline:rollback */ ROLLBACK').catch(() => (broken = true));
  client.release(broken);
}

/**
 * Whether what a session met may be over for a new one: settings of a role or a database are read when a session begins,
 * and a server that became a standby stays one to whoever holds on to it.
 */
const isStale = (error: unknown): boolean => loadErrorOf(postgresFailure(error))?.type !== loadErrorOf(error)?.type;

function isLost(error: unknown): boolean {
  return ['SessionLost', 'WarehouseUnreachable', 'CommitOutcomeUnknown'].includes(classifyPostgresError(error));
}

function sessionOf(client: PoolClient): Session {
  const query = (tag: string, sql: string, values: readonly unknown[]) =>
    client.query<QueryResultRow>(`/* loadline:${tag} */ ${sql}`, [...values]).catch((error: unknown) => {
      throw error instanceof Error ? Object.assign(error, { statementTag: tag }) : error;
    });
  return {
    rows: async <R extends QueryResultRow>(tag: StatementTag, sql: string, values: readonly unknown[] = []) =>
      (await query(tag, sql, values)).rows as R[],
    run: async (tag, sql, values = []) => (await query(tag, sql, values)).rowCount ?? 0,
    copyIn: async (tag, sql, text, signal) => {
      const copy = client.query(copyFrom(`/* loadline:${tag} */ ${sql}`));
      await pipeline(text, copy, { signal });
      return copy.rowCount ?? 0;
    },
  };
}
