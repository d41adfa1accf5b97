import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPort } from '../../../../workers/embedded/free-port';
import { startPostgres, type EmbeddedPostgres } from '../../../../workers/embedded/postgres';
import { postgresAccount } from '../../../../workers/embedded/postgres-account';
import { findPostgresBinaries, reachableBinaries } from '../../../../workers/embedded/postgres-binaries';

/** A PostgreSQL that a test may break. */
export interface OwnPostgres {
  readonly folder: string;
  readonly dataDir: string;
  readonly url: string;
  readonly port: number;
  /** Whether it listens. */
  running(): EmbeddedPostgres;
  stop(): Promise<void>;
  /** Starts again, on the same port. */
  start(): Promise<void>;
  end(): Promise<void>;
}

/** Starts a server of the test's own, with lines for its postgresql.conf. */
export async function ownPostgres(name: string, settings: readonly string[] = []): Promise<OwnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), `loadline-${name}-`));
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'postgres');
  const port = await findPort({ chosen: undefined, preferred: undefined }, 'PostgreSQL');
  const options = { dataDir, database: 'bad_day', port };
  let server: EmbeddedPostgres | undefined = await startPostgres(options);
  const { url } = server;
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  const start = async (): Promise<void> => {
    server = await startPostgres(options);
  };
  if (settings.length) {
    await stop();
    await appendFile(join(dataDir, 'postgresql.conf'), `\n${settings.join('\n')}\n`);
    await start();
  }
  return {
    folder,
    dataDir,
    url,
    port,
    running: () => server!,
    stop,
    start,
    async end() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A server that runs as it is told to, on a copy of the data of one that stands still. */
export interface RawPostgres {
  readonly url: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * Starts a server that need not become ready: a standby, or one with a limit of the operating system. Resolves when it
 * answers, be it by an error.
 */
export async function rawPostgres(
  own: OwnPostgres,
  { port = own.port, args = [], limits = [] }: { port?: number; args?: readonly string[]; limits?: readonly string[] },
): Promise<RawPostgres> {
  const account = await postgresAccount();
  const found = await findPostgresBinaries();
  const { postgres } = account ? await reachableBinaries(found, account) : found;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...args].flatMap((a) => ['-c', a]);
  const line = [postgres, '-D', own.dataDir, '-p', String(port), ...settings];
  const [command, ...rest] = limits.length ? ['prlimit', ...limits, ...line] : line;
  const child = spawn(command!, rest, {
    ...account,
    cwd: '/',
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  const url = new URL(own.url);
  url.port = String(port);
  await answers(url.href, child);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    url: url.href,
    dataDir: own.dataDir,
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT');
      await gone;
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    const answer = await client.connect().then(
      () => 'yes',
      (error: { code?: string }) => error.code,
    );
    await client.end().catch(() => undefined);
    if (answer !== 'ECONNREFUSED') return;
    await sleep(50);
  }
  throw new Error('the server does not answer');
}

/** Copies the data of a server that stands still. */
export async function copyOf(own: OwnPostgres, name: string): Promise<OwnPostgres> {
  const dataDir = join(own.folder, name);
  // With its owner.
  await promisify(execFile)('cp', ['-a', own.dataDir, dataDir]);
  return { ...own, dataDir };
}
