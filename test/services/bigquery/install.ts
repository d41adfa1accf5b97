import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '../../../workers/embedded/run-program';
import { cacheFolder } from '../../../workers/embedded/temporal-cli';

const requirements = join(__dirname, 'requirements.txt');

/** The Python of an environment of its own with what the stand-in needs, pinned; made once, in Loadline's cache. */
export async function standinPython(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const home = join(cacheFolder(), 'standins');
  const folder = join(home, `bigquery-${hash}`);
  const [done, lock] = [`${folder}.done`, `${folder}.lock`];
  mkdirSync(home, { recursive: true });
  while (!existsSync(done)) {
    if (!taken(lock)) {
      await sleep(200);
      continue;
    }
    try {
      if (!existsSync(done)) await install(folder, done);
    } finally {
      rmdirSync(lock);
    }
  }
  return join(folder, 'bin/python');
}

async function install(folder: string, done: string): Promise<void> {
  process.stderr.write('Installing the stand-in for BigQuery, once\n');
  rmSync(folder, { recursive: true, force: true });
  await succeed('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'];
  await succeed(join(folder, 'bin/python'), [...pip, '--only-binary=:all:', '--requirement', requirements]);
  writeFileSync(`${done}.new`, '');
  renameSync(`${done}.new`, done);
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const result = await runProgram(command, args, { timeout: 10 * 60_000 });
  if (!result.ok) throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
}

/** Takes a lock; one that is older than any installation belongs to nobody. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 600_000) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}
