import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { findPort, loopback } from './free-port';
import { retryPortClash, startServer } from './start-server';
import { lockState, type StopPolicy } from './state-lock';
import type { SupervisedProcess } from './supervised-process';
import { findTemporalCli } from './temporal-cli';
import { isTemporalReady } from './temporal-ready';

/** Types of search attributes, as the Temporal CLI spells them. */
export type SearchAttributeTypeName = 'Text' | 'Keyword' | 'KeywordList' | 'Int' | 'Double' | 'Bool' | 'Datetime';

/** Options of {@link startTemporalServer}. */
export interface TemporalServerOptions {
  /** Keeps workflows over restarts. Without it everything is in memory. */
  readonly dbFilename?: string;
  /** Must be free. @default `preferredPort` if that is free, else any free port */
  readonly port?: number;
  readonly preferredPort?: number;
  /** Must be free. @default `preferredUiPort` if that is free, else any free port */
  readonly uiPort?: number;
  readonly preferredUiPort?: number;
  /** Whether to serve the Temporal UI. @default true */
  readonly ui?: boolean;
  /** Created if missing. @default 'default' */
  readonly namespace?: string;
  /** Registered before the server counts as started. */
  readonly searchAttributes: Readonly<Record<string, SearchAttributeTypeName>>;
  /** @default beside `dbFilename`, else in a new temporary folder */
  readonly logFile?: string;
  readonly onProgress?: (line: string) => void;
  /** The Temporal CLI. @default found by {@link findTemporalCli} */
  readonly cliPath?: string;
}

/** A Temporal server that ends with this process. */
export interface EmbeddedTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves, with the exit code or signal, when the server has ended for whatever reason. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
  /** Ends the server by SIGKILL, for tests of crashes. */
  kill(): Promise<void>;
}

interface ResolvedServer {
  readonly cliPath: string;
  readonly port: number;
  readonly uiPort: number | null;
  readonly namespace: string;
  readonly dbFilename: string | null;
  readonly logFile: string;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeTypeName>>;
}

const policy: StopPolicy = { stopSignal: 'SIGTERM', graceMs: 10_000 };

/** Starts a Temporal development server, and waits until its namespace and search attributes can be used. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<EmbeddedTemporal> {
  const cliPath = options.cliPath ?? (await findTemporalCli(progressOf(options))).path;
  const dbFilename = options.dbFilename === undefined ? null : resolve(options.dbFilename);
  if (dbFilename) await mkdir(dirname(dbFilename), { recursive: true });
  const lock = dbFilename ? await lockState(dbFilename, policy) : undefined;
  try {
    const chosen = options.port !== undefined || options.uiPort !== undefined;
    const { server, resolved } = await retryPortClash(chosen, async () => {
      const resolved = await resolveServer(options, cliPath, dbFilename);
      return { resolved, server: await launch(resolved) };
    });
    await lock?.record(server.pid);
    return handleOf(resolved, server, async () => {
      await lock?.release();
      if (!options.logFile && !dbFilename) await rm(dirname(resolved.logFile), { recursive: true, force: true });
    });
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

function progressOf({ onProgress }: TemporalServerOptions): { onProgress?: (line: string) => void } {
  return onProgress ? { onProgress } : {};
}

async function resolveServer(
  options: TemporalServerOptions,
  cliPath: string,
  dbFilename: string | null,
): Promise<ResolvedServer> {
  const { ui = true, namespace = 'default', searchAttributes } = options;
  return {
    cliPath,
    dbFilename,
    namespace,
    searchAttributes,
    port: await findPort({ chosen: options.port, preferred: options.preferredPort }, 'Temporal'),
    uiPort: ui ? await findPort({ chosen: options.uiPort, preferred: options.preferredUiPort }, 'the UI') : null,
    logFile: options.logFile ?? (dbFilename ? `${dbFilename}.log` : await temporaryLog()),
  };
}

async function temporaryLog(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'loadline-temporal-')), 'server.log');
}

function launch(resolved: ResolvedServer): Promise<SupervisedProcess> {
  return startServer({
    ...policy,
    name: 'Temporal',
    command: resolved.cliPath,
    args: serverArguments(resolved),
    env: withoutTemporalSettings(process.env),
    logFile: resolved.logFile,
    timeoutMs: 60_000,
    ready: () => isTemporalReady(resolved),
  });
}

// SQLite's default is a journal that it writes and flushes twice for each of the server's many small transactions.
const writeAheadLog = ['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'];

function serverArguments({ port, uiPort, namespace, dbFilename, searchAttributes }: ResolvedServer): string[] {
  return [
    ...['server', 'start-dev', '--ip', loopback, '--port', String(port), '--log-level', 'error'],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...(dbFilename ? ['--db-filename', dbFilename, ...writeAheadLog] : []),
    ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    '--disable-config-file',
  ];
}

// They are meant for clients; an unknown profile would keep the server from starting.
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function handleOf(server: ResolvedServer, running: SupervisedProcess, release: () => Promise<void>): EmbeddedTemporal {
  return {
    address: `${loopback}:${server.port}`,
    namespace: server.namespace,
    uiUrl: server.uiPort === null ? null : `http://${loopback}:${server.uiPort}`,
    pid: running.pid,
    logFile: server.logFile,
    exited: running.exited,
    stop: () => running.stop().then(release),
    kill: () => running.kill().then(release),
  };
}
