import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program';

/**
 * Names a running process so that a later process with the same pid is not mistaken for it: `pid@start`.
 * Undefined when no such process runs.
 */
export async function identifyProcess(pid: number): Promise<string | undefined> {
  const started = process.platform === 'linux' ? await startOnLinux(pid) : await startElsewhere(pid);
  return started === undefined ? undefined : `${pid}@${started}`;
}

/** Whether the process that {@link identifyProcess} named is still running. */
export async function isRunning(identity: string): Promise<boolean> {
  return (await identifyProcess(pidOf(identity))) === identity;
}

/** The pid within an identity. */
export function pidOf(identity: string): number {
  return Number.parseInt(identity, 10);
}

/** Sends a signal; a process that has ended meanwhile is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function startOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may hold anything, so fields are counted from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return state === 'Z' || state === 'X' ? undefined : started;
}

async function startElsewhere(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return answersSignals(pid) ? 'unknown' : undefined;
  const ps = await runProgram('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } });
  return ps.stdout.trim() || undefined;
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
