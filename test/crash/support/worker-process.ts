import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until';

/** Where a worker process ends, freezes, waits, or loses an answer. */
export interface Failpoint {
  /** The statement, by its tag: `publish:lock`. */
  readonly tag: string;
  /** `chunk`: in mid COPY. `answer`: the server has answered, and the answer is lost with the connection. */
  readonly moment: 'before' | 'after' | 'chunk' | 'answer';
  readonly do: 'SIGKILL' | 'SIGSTOP' | 'hold' | 'lose';
  readonly activity?: string;
  /** Only in a transaction that has run this statement. */
  readonly since?: string;
  /** @default 1 */
  readonly nth?: number;
}

/** A line that a worker process has written. */
export interface Line {
  readonly kind: 'statement' | 'failpoint' | 'log' | 'ready' | 'failed';
  readonly at: number;
  readonly moment?: string;
  readonly tag?: string;
  readonly message?: string;
  readonly activity?: string;
  readonly workflowId?: string;
  readonly attempt?: number;
}

export interface WorkerTask {
  readonly config: unknown;
  readonly configFile: string;
  readonly bundle: string;
  readonly logFile: string;
  readonly failpoints: readonly Failpoint[];
  readonly activities: number;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  lines(): Line[];
  /** Waits until the process has reached its failpoint, or its n-th. */
  reached(n?: number): Promise<Line>;
  /** Waits until the worker has logged an outcome of an activity: `loadline.publish attempt 1: Fenced`. */
  outcome(activity: string, attempt: number): Promise<string>;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Lets a process that holds at a failpoint go on. */
  resume(): void;
  readonly exited: Promise<void>;
  /** Waits until the process has ended at its failpoint. */
  died(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorker(
  task: WorkerTask,
  env: NodeJS.ProcessEnv,
  node: readonly string[] = [],
): Promise<WorkerProcess> {
  const child = fork(join(__dirname, 'worker-program.js'), [JSON.stringify(task)], {
    env,
    execArgv: [...node],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr!.on('data', (data: Buffer) => (stderr += data.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = (): Line[] => linesOf(task.logFile);
  const reached = (n = 1): Promise<Line> =>
    until(`failpoint ${n}`, () => lines().filter((l) => l.kind === 'failpoint')[n - 1]);
  await ready(child, () => `${stderr}${lines().find((l) => l.kind === 'failed')?.message ?? ''}`);
  return {
    pid: child.pid!,
    lines,
    exited,
    reached,
    async died() {
      await reached();
      await exited;
    },
    outcome: (activity, attempt) => {
      const start = `${activity} attempt ${attempt}: `;
      return until(start, () =>
        lines()
          .find((l) => l.kind === 'log' && l.message?.startsWith(start))
          ?.message!.slice(start.length),
      );
    },
    signal: (name) => void child.kill(name),
    resume: () => void child.send('resume'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGCONT');
      if (child.connected) child.send('stop');
      await Promise.race([exited, after(3_000)]);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function ready(child: ChildProcess, why: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', () => reject(new Error(`The worker process did not start: ${why()}`)));
  });
}

const after = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());

/** A process that was killed while it wrote leaves half a line. */
function linesOf(file: string): Line[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}
