import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program printed and how it ended; `status` is text when it could not be started at all. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without a shell. Never throws: what went wrong is in the result. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<ProgramResult> {
  try {
    const { stdout, stderr } = await execute(command, args, { windowsHide: true, ...options, encoding: 'utf8' });
    return { ok: true, status: 0, stdout, stderr };
  } catch (error) {
    const { code, signal, stdout = '', stderr = '', message } = error as ExecFailure;
    return { ok: false, status: code ?? signal ?? 'failed', stdout, stderr: stderr || message };
  }
}

interface ExecFailure extends Error {
  readonly code?: number | string;
  readonly signal?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The last lines of a program's output that say something. */
export function lastLines(text: string, count: number): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-count)
    .join(' | ');
}
