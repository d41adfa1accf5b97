import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../workers/embedded/temporal-cli';

const run = promisify(execFile);

/** Whether a program is there. */
export function works(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether Go is there. Without it a contributor's machine leaves out what needs it, and CI fails. */
export const hasGo = works('go', ['version']);
export const inCi = process.env['CI'] === 'true';

/** The path of a program that Go builds, from its module and version. */
export const installedByGo = (program: string, module: string): Promise<string> =>
  installed(`${program}-${module.split('@')[1]}`, program, async (folder) => {
    await run('go', ['install', module], { env: { ...process.env, GOBIN: folder, GOFLAGS: '-modcacherw' } });
  });

/** Python modules that stand-ins share. */
export const sharedModules = join(__dirname, 'python');

/** The folder of the programs of packages that pip installs, in an environment of their own. */
export const installedByPip = (name: string, packages: readonly string[]): Promise<string> =>
  installed(name, 'venv/bin', async (folder) => {
    // A virtual environment knows its place: it is made where it stays.
    await run('python3', ['-m', 'venv', join(folder, 'venv')]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    await run(join(folder, 'venv/bin/python'), [...pip, ...packages]);
  });

/** The Python of an environment with exactly what a file of requirements names. */
export async function installedByRequirements(name: string, requirements: string): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const exactly = ['--no-deps', '--only-binary=:all:', '--requirement', requirements];
  return join(await installedByPip(`${name}-${hash}`, exactly), 'python');
}

/** Installs something once on this machine, in Loadline's cache, whoever else wants it at the same time. */
export async function installed(
  name: string,
  result: string,
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const home = join(cacheFolder(), 'ci-tools');
  const folder = join(home, name);
  const done = join(home, `${name}.done`);
  mkdirSync(home, { recursive: true });
  const lock = join(home, `${name}.lock`);
  while (!existsSync(done)) {
    if (!taken(lock)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    try {
      if (existsSync(done)) break;
      process.stderr.write(`Installing ${name} for the tests, once\n`);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      await install(folder);
      writeFileSync(`${done}.new`, '');
      renameSync(`${done}.new`, done);
    } finally {
      rmdirSync(lock);
    }
  }
  return join(folder, result);
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
