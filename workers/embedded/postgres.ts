import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import { findPort, loopback } from './free-port';
import { postgresAccount, type PostgresAccount } from './postgres-account';
import { findPostgresBinaries, reachableBinaries, type PostgresBinaries } from './postgres-binaries';
import { ensureCluster, superuser } from './postgres-cluster';
import { reachableFolder } from './reachable';
import { retryPortClash, startServer } from './start-server';
import { lockState, type StopPolicy } from './state-lock';
import type { SupervisedProcess } from './supervised-process';

/** Options of {@link startPostgres}. */
export interface PostgresServerOptions {
  /** Keeps the data over restarts. Made at the first start. */
  readonly dataDir: string;
  /** Must be free. @default `preferredPort` if that is free, else any free port */
  readonly port?: number;
  readonly preferredPort?: number;
  /** Created if missing. */
  readonly database: string;
  /** @default beside `dataDir` */
  readonly logFile?: string;
}

/** A PostgreSQL server that ends with this process. */
export interface EmbeddedPostgres {
  /** With user and password. */
  readonly url: string;
  readonly port: number;
  /** Of the postmaster. */
  readonly pid: number;
  readonly logFile: string;
  /** Resolves, with the exit code or signal, when the server has ended for whatever reason. */
  readonly exited: Promise<string>;
  /** Shuts down at once and cleanly; open transactions are rolled back. */
  stop(): Promise<void>;
  /** Ends the postmaster by SIGKILL, for tests of crashes. */
  kill(): Promise<void>;
}

interface Cluster {
  readonly dataDir: string;
  readonly logFile: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly account: PostgresAccount | undefined;
}

// SIGINT is PostgreSQL's fast shutdown.
const policy: StopPolicy = { stopSignal: 'SIGINT', graceMs: 15_000 };

/** Sized for a developer's machine, and as durable as a production server: Loadline's promises are tested on it. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: loopback,
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Starts PostgreSQL on a data folder, and waits until the database can be used. */
export async function startPostgres(options: PostgresServerOptions): Promise<EmbeddedPostgres> {
  const account = await postgresAccount();
  const { dataDir, binaries } = await placesFor(resolve(options.dataDir), account);
  const lock = await lockState(dataDir, policy);
  try {
    const password = await ensureCluster(dataDir, binaries, account);
    await removeStalePidFile(dataDir, lock.ended);
    const cluster = { dataDir, logFile: options.logFile ?? `${dataDir}.log`, password, binaries, account };
    const { port, server } = await retryPortClash(options.port !== undefined, async () => {
      const port = await findPort({ chosen: options.port, preferred: options.preferredPort }, 'PostgreSQL');
      return { port, server: await launch(cluster, port, options.database) };
    });
    await lock.record(server.pid);
    return handleOf(server, port, cluster.logFile, urlOf(cluster, port, options.database), lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Where data and programs are: elsewhere when the account cannot reach them, as below root's home. */
async function placesFor(
  dataDir: string,
  account: PostgresAccount | undefined,
): Promise<{ dataDir: string; binaries: PostgresBinaries }> {
  const binaries = await findPostgresBinaries();
  await mkdir(dirname(dataDir), { recursive: true });
  if (!account) return { dataDir, binaries };
  const folder = await reachableFolder(dirname(dataDir), account);
  return { dataDir: join(folder, basename(dataDir)), binaries: await reachableBinaries(binaries, account) };
}

// PostgreSQL removes the file of a dead server, unless the pid belongs to another process by now.
async function removeStalePidFile(dataDir: string, ended: number | undefined): Promise<void> {
  if (ended !== undefined && (await pidFile(dataDir))?.pid === ended) await rm(join(dataDir, 'postmaster.pid'));
}

function launch(cluster: Cluster, port: number, database: string): Promise<SupervisedProcess> {
  const { dataDir, logFile, binaries, account } = cluster;
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startServer({
    ...policy,
    ...account,
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', dataDir, '-p', String(port), ...flags],
    env: { ...process.env, LC_ALL: 'C' },
    logFile,
    // Recovery after a crash counts as starting.
    timeoutMs: 120_000,
    ready: async ({ pid }) => {
      const found = await pidFile(dataDir);
      if (found?.pid !== pid || found.status !== 'ready') return false;
      await ensureDatabase(urlOf(cluster, port, 'postgres'), database);
      return true;
    },
  });
}

// What pg_ctl looks at as well: a server that answers on the port need not be this one.
async function pidFile(dataDir: string): Promise<{ pid: number; status: string } | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n');
  return lines && { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

function urlOf({ password }: Cluster, port: number, database: string): string {
  // node-postgres decodes by decodeURI, which leaves alone what encodeURIComponent escapes beyond encodeURI.
  return `postgres://${superuser}:${password}@${loopback}:${port}/${encodeURI(database)}`;
}

function handleOf(
  server: SupervisedProcess,
  port: number,
  logFile: string,
  url: string,
  release: () => Promise<void>,
): EmbeddedPostgres {
  return {
    url,
    port,
    pid: server.pid,
    logFile,
    exited: server.exited,
    stop: () => server.stop().then(release),
    kill: () => server.kill().then(release),
  };
}
