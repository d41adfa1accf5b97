import { spawn, type SpawnOptions } from 'node:child_process';

/** What a program left. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The surroundings of a stranger: nothing of the tests, and nothing of the npm that started them. */
export function strangersEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours =
    /^(LOADLINE|TEMPORAL|JEST|PG|npm_(package|lifecycle|command|config_local_prefix|config_global))|^(DATABASE_URL|NODE_OPTIONS|NODE_ENV|INIT_CWD|FORCE_COLOR)$/;
  const rest = Object.entries(process.env).filter(([name]) => !ours.test(name) || name === 'LOADLINE_CACHE');
  return { ...Object.fromEntries(rest), NO_COLOR: '1', npm_config_audit: 'false', npm_config_fund: 'false', ...more };
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: SpawnOptions): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: strangersEnv(), ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout?.on('data', (data) => (out += String(data)));
    child.stderr?.on('data', (data) => (err += String(data)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Runs a program that is to succeed. Returns what it wrote to stdout. */
export async function succeed(program: string, args: readonly string[], options: SpawnOptions): Promise<string> {
  const { code, out, err } = await run(program, args, options);
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}:\n${out}\n${err}`);
  return out;
}

/** The commands of a shell block, line by line or as a whole. */
export const shell = (text: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> =>
  succeed('sh', ['-ec', text], { cwd, env: strangersEnv(env) });
