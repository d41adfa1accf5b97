import { existsSync, mkdirSync, renameSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../workers/embedded/temporal-cli';

/** Installs something once on this machine, whoever else wants it at the same time. */
export async function installOnce(
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
