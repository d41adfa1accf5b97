import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { signalProcess } from './process-identity';
import type { StopPolicy } from './state-lock';
import { supervisorProgram } from './supervisor-program';

/** What to run under supervision. */
export interface SuperviseOptions extends StopPolicy {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Receives all output, appended. */
  readonly logFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A server that ends with this process at the latest. It does not keep this process alive. */
export interface SupervisedProcess {
  /** Of the server itself, not of its supervisor. */
  readonly pid: number;
  /** Resolves, with the exit code or signal as text, when the server has ended for whatever reason. */
  readonly exited: Promise<string>;
  /** Whether {@link exited} has resolved. */
  hasExited(): boolean;
  /** Asks the server to end, and waits. */
  stop(): Promise<void>;
  /** Ends the server by SIGKILL, as a crash would, and waits. */
  kill(): Promise<void>;
}

type Message = { readonly pid: number } | { readonly error: string } | { readonly exit: string };

/**
 * Starts a program in a session of its own: Ctrl-C in a terminal reaches this process only, which may still need the
 * server while it shuts down.
 */
export async function supervise(options: SuperviseOptions): Promise<SupervisedProcess> {
  const supervisor = await spawnSupervisor(options);
  const exited = exitOf(supervisor, options.stopSignal);
  const pid = await pidOfServer(supervisor);
  supervisor.unref();
  supervisor.channel?.unref();
  return handleOf(supervisor, pid, exited);
}

async function spawnSupervisor(options: SuperviseOptions): Promise<ChildProcess> {
  const { command, args, stopSignal, graceMs, uid, gid } = options;
  await mkdir(dirname(options.logFile), { recursive: true });
  const log = await open(options.logFile, 'a', 0o600);
  try {
    const task = JSON.stringify({ command, args, stopSignal, graceMs, uid, gid });
    return spawn(process.execPath, ['-e', supervisorProgram, task], {
      // Options for this process, such as a debugger's port, are not meant for the supervisor.
      env: { ...options.env, NODE_OPTIONS: '' },
      // The server's account may not be allowed to enter the current folder.
      cwd: '/',
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
  } finally {
    await log.close();
  }
}

function pidOfServer(supervisor: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.once('exit', (code) => reject(new Error(`The supervisor ended with ${code}.`)));
    supervisor.once('message', (message: Message) => {
      if ('pid' in message) resolve(message.pid);
      else reject(new Error('error' in message ? message.error : message.exit));
    });
  });
}

function exitOf(supervisor: ChildProcess, stopSignal: NodeJS.Signals): Promise<string> {
  let server: number | undefined;
  let ending: string | undefined;
  supervisor.on('message', (message: Message) => {
    if ('pid' in message) server = message.pid;
    if ('exit' in message) ending = message.exit;
  });
  return new Promise((resolve) => {
    supervisor.once('exit', () => {
      // A supervisor that was killed leaves its server behind.
      if (ending === undefined && server !== undefined) signalProcess(server, stopSignal);
      resolve(ending ?? 'its supervisor was killed');
    });
  });
}

function handleOf(supervisor: ChildProcess, pid: number, exited: Promise<string>): SupervisedProcess {
  let over = false;
  void exited.then(() => (over = true));
  const end = async (request: () => void): Promise<void> => {
    if (over) return;
    // Waiting for an unreferenced child alone would let Node exit in the middle.
    supervisor.ref();
    request();
    await exited;
  };
  return {
    pid,
    exited,
    hasExited: () => over,
    stop: () => end(() => supervisor.connected && supervisor.send('stop', () => undefined)),
    kill: () => end(() => signalProcess(pid, 'SIGKILL')),
  };
}
