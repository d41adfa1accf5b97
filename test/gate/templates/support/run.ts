import { spawn, type ChildProcess } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** What a program left. */
export interface Ran {
  readonly code: number | null;
  /** Both streams as they came, without colours. */
  readonly text: string;
}

// A test that runs out of time leaves what it has started. A runner that is told to stop ends its jobs.
const running = new Map<ChildProcess, Promise<unknown>>();
afterAll(async () => {
  for (const { pid } of running.keys()) if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  await Promise.all(running.values());
}, 30_000);

/** Runs a program to its end. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = process.cwd(), env = process.env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.set(child, new Promise((ended) => child.once('close', ended)));
    for (const end of ['close', 'error']) child.once(end, () => running.delete(child));
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data) => (text += data));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text: stripVTControlCharacters(text) }));
  });
}

/** Runs a program that is to succeed. */
export async function succeed(...call: Parameters<typeof run>): Promise<string> {
  const { code, text } = await run(...call);
  if (code !== 0) throw new Error(`${[call[0], ...call[1]].join(' ')} ended with ${code}:\n${text}`);
  return text;
}
