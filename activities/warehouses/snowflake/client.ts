import { loadFailure } from '../../../workflows/load-error';
import type { RunOptions, Sql } from '../sql/port';
import type { ResolvedSnowflakeConfig } from './config';
import { isLost, snowflakeFailure, type SnowflakeError } from './errors';

type Driver = typeof import('snowflake-sdk');
type Connection = import('snowflake-sdk').Connection;
type Row = Record<string, unknown>;

/** One session of the service, which runs one statement after another. */
export class Session {
  /** Set when nobody knows what state it is in. */
  broken = false;
  #tag = '';

  constructor(private readonly connection: Connection) {}

  /** Runs a statement; resolves to its rows. */
  async run(name: string, statement: Sql | string, { signal, timeoutMs, open }: RunOptions = {}): Promise<Row[]> {
    signal?.throwIfAborted();
    const [text, binds] =
      typeof statement === 'string'
        ? [statement, []]
        : [statement.text.join('?'), statement.values.map((v) => (Array.isArray(v) ? JSON.stringify(v) : v))];
    if (open) await this.tag(name, open);
    // The driver tells uploads from other statements by how they begin.
    const told = /^PUT /.test(text) ? text : `/* loadline:${name} */ ${text}`;
    return this.#send(told, binds as (string | number)[], signal, timeoutMs);
  }

  /** Names the load in the service's history of queries, from now on. */
  async tag(name: string, { loadId, pipeline }: NonNullable<RunOptions['open']>): Promise<void> {
    const tag = JSON.stringify({ loadline: name, loadId, pipeline });
    if (tag === this.#tag) return;
    const literal = `'${tag.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    await this.#send(`ALTER SESSION SET QUERY_TAG = ${literal}`, [], undefined, undefined);
    this.#tag = tag;
  }

  /** How many rows a statement has changed. */
  async change(name: string, statement: Sql | string, options: RunOptions = {}): Promise<number> {
    return changedRows(await this.run(name, statement, options));
  }

  #send(
    sqlText: string,
    binds: readonly (string | number)[],
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        act();
      };
      const statement = this.connection.execute({
        sqlText,
        binds: [...binds],
        // Numbers have more digits here than a double.
        fetchAsString: ['Number', 'Date'],
        complete: (error, _, rows) =>
          settle(() => {
            if (!error) return resolve((rows ?? []) as Row[]);
            if (isLost(error)) this.broken = true;
            reject(signal?.aborted ? (signal.reason as Error) : snowflakeFailure(error));
          }),
      });
      const cancel = (): void => statement.cancel(() => undefined);
      const timer = timeoutMs === undefined ? undefined : setTimeout(cancel, timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  end(): void {
    this.connection.destroy(() => undefined);
  }
}

/** Rows of an answer to DML, which tells numbers by their names. */
function changedRows(rows: readonly Row[]): number {
  const counts = Object.entries(rows[0] ?? {}).filter(([name]) => /^number of rows /i.test(name));
  return counts.reduce((sum, [, n]) => sum + Number(n), 0);
}

/** A pool of sessions of one account. The only file that imports the driver. */
export class SnowflakeClient {
  readonly #idle: Session[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #max: number;
  #open = 0;
  #driver: Promise<Driver> | undefined;

  constructor(private readonly config: ResolvedSnowflakeConfig) {
    this.#max = config.maxPublishing + config.maxStaging + 6;
  }

  /** Runs work with a session of its own. */
  async session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#take();
    try {
      return await work(session);
    } catch (error) {
      if (isLost(error)) session.broken = true;
      throw error;
    } finally {
      this.#give(session);
    }
  }

  async close(): Promise<void> {
    for (const session of this.#idle.splice(0)) session.end();
  }

  async #take(): Promise<Session> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#open >= this.#max) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return this.#take();
    }
    this.#open++;
    try {
      return await this.#connect();
    } catch (error) {
      this.#open--;
      throw error;
    }
  }

  #give(session: Session): void {
    if (session.broken) {
      this.#open--;
      session.end();
    } else this.#idle.push(session);
    this.#waiting.shift()?.();
  }

  async #connect(): Promise<Session> {
    const { createConnection } = await this.#load();
    const connection = createConnection(connectionOptions(this.config));
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) =>
        error ? reject(snowflakeFailure(error, { object: this.config.account })) : resolve(),
      );
    });
    const session = new Session(connection);
    await session.run('session', sessionSql(this.config.lockTimeoutMs));
    return session;
  }

  #load(): Promise<Driver> {
    this.#driver ??= import('snowflake-sdk').then(
      (found) => {
        const driver = ((found as unknown as { default?: Driver }).default ?? found) as Driver;
        driver.configure({ logLevel: 'OFF' as never, additionalLogToConsole: false } as never);
        return driver;
      },
      (cause: unknown) => {
        throw loadFailure('ToolUnavailable', {
          what: 'The driver of Snowflake is not installed.',
          object: 'snowflake-sdk',
          remedy: 'Install it where the worker runs: npm install snowflake-sdk.',
          cause,
        });
      },
    );
    this.#driver.catch(() => (this.#driver = undefined));
    return this.#driver;
  }
}

/** Whatever the account says: by its defaults, text of moments that differ in microseconds is the same text. */
const sessionSql = (lockTimeoutMs: number): string =>
  `ALTER SESSION SET TIMEZONE = 'UTC' AUTOCOMMIT = TRUE LOCK_TIMEOUT = ${Math.ceil(lockTimeoutMs / 1_000)}
    DATE_INPUT_FORMAT = 'AUTO' TIME_INPUT_FORMAT = 'AUTO' TIMESTAMP_INPUT_FORMAT = 'AUTO' BINARY_INPUT_FORMAT = 'HEX'
    DATE_OUTPUT_FORMAT = 'YYYY-MM-DD' TIME_OUTPUT_FORMAT = 'HH24:MI:SS.FF9' BINARY_OUTPUT_FORMAT = 'HEX'
    TIMESTAMP_NTZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF9' TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM'
    TIMESTAMP_LTZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM'`;

function connectionOptions(config: ResolvedSnowflakeConfig): import('snowflake-sdk').ConnectionOptions {
  const { account, user, login, database, schema, warehouse, role, endpoint } = config;
  const at = endpoint === null ? null : new URL(endpoint);
  return {
    account,
    username: user,
    ...loginOptions(login),
    database: quoted(database),
    schema: quoted(schema),
    ...(warehouse !== null && { warehouse: quoted(warehouse) }),
    ...(role !== null && { role: quoted(role) }),
    ...(at && {
      accessUrl: at.origin,
      host: at.hostname,
      port: Number(at.port || 443),
      protocol: at.protocol.replace(':', ''),
    }),
    // A NULL that is fetched as text would else be the text NULL.
    representNullAsStringNull: false,
    application: 'Loadline',
    clientSessionKeepAlive: true,
    sfRetryMaxLoginRetries: 2,
    retryTimeout: 60,
    arrayBindingThreshold: 1_000_000,
  } as import('snowflake-sdk').ConnectionOptions;
}

/** As it is stored, unless it is a name that needs no quotes. */
const quoted = (name: string): string => (/^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

function loginOptions(login: ResolvedSnowflakeConfig['login']): Record<string, unknown> {
  switch (login.by) {
    case 'password':
      return { password: login.password };
    case 'key-pair':
      return {
        authenticator: 'SNOWFLAKE_JWT',
        privateKey: login.privateKey,
        ...(login.passphrase !== null && { privateKeyPass: login.passphrase }),
      };
    case 'oauth':
      return { authenticator: 'OAUTH', token: login.token };
    case 'token':
      return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: login.token };
  }
}

export type { SnowflakeError };
