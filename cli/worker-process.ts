import { fork, type ChildProcess } from 'node:child_process';
import type { FromWorker, PreparedWorker, ToWorker, WorkerTask } from './dev-messages';
import type { ErrorFacts } from './print-error';

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** What became of getting ready. `ended`: the process is gone without a word. */
  readonly prepared: Promise<PreparedWorker | { readonly failed: ErrorFacts } | 'ended'>;
  /** Resolves when the process has ended; with why, if that was an error. */
  readonly ended: Promise<ErrorFacts | null>;
  /** Lets it poll. Resolves when it does, or has ended. */
  run(): Promise<void>;
  /** Lets running steps end, and waits for the end of the process. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Longer than the worker itself gives its steps. */
const patienceMs = 45_000;

/** Starts a process and has it read the configuration and bundle the workflows. */
export function startWorkerProcess(task: WorkerTask, env: NodeJS.ProcessEnv): WorkerProcess {
  // In a session of its own: Ctrl-C reaches us alone, who tell it when to stop.
  const child = fork(require.resolve('./dev-worker'), [], {
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let failure: ErrorFacts | null = null;
  const ended = new Promise<ErrorFacts | null>((resolve) => {
    child.once('error', () => resolve(endedBadly(null, null)));
    child.once('exit', (code, signal) => {
      process.off('exit', killWithUs);
      resolve(failure ?? (code === 0 ? null : endedBadly(code, signal)));
    });
  });
  child.on('message', (message: FromWorker) => {
    if (typeof message === 'object' && 'failed' in message) failure = message.failed;
  });
  send(child, { prepare: task });
  return {
    ended,
    prepared: Promise.race([
      heard(child, (message) =>
        typeof message === 'object' ? ('prepared' in message ? message.prepared : message) : undefined,
      ),
      ended.then(() => 'ended' as const),
    ]),
    run: async () => {
      const running = heard(child, (message) => (message === 'running' ? true : undefined));
      send(child, 'run');
      await Promise.race([running, ended]);
    },
    stop: async () => {
      send(child, 'stop');
      const lost = setTimeout(killWithUs, patienceMs);
      await ended;
      clearTimeout(lost);
    },
    kill: async () => {
      killWithUs();
      await ended;
    },
  };
}

/** The first message that an answer is found in. */
function heard<T>(child: ChildProcess, answer: (message: FromWorker) => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const look = (message: FromWorker): void => {
      const found = answer(message);
      if (found === undefined) return;
      child.off('message', look);
      resolve(found);
    };
    child.on('message', look);
  });
}

/** A process that is gone hears nothing, and its end is told elsewhere. */
const send = (child: ChildProcess, message: ToWorker): void =>
  void (child.connected && child.send(message, () => undefined));

function endedBadly(code: number | null, signal: NodeJS.Signals | null): ErrorFacts {
  return {
    code: 'Unexpected',
    what: `The worker has ended with ${signal ?? `exit code ${code}`}.`,
    remedy: 'What it wrote stands above; it is started again when a file changes.',
  };
}
