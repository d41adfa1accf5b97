import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The folder, in the state folder, of objects that are fetched for programs that read files. */
const home = 'fetched';
const dayMs = 24 * 3600 * 1000;
const host = hostname().replace(/[^A-Za-z0-9.-]/g, '_');
/** Of this life of the process: another life may have had the same process id on the same machine. */
const own = { host, pid: process.pid, life: randomBytes(6).toString('hex') };
const nameOf = ({ host: h, pid, life }: typeof own): string => `${h}~${pid}~${life}`;

/** The folder of this process. */
export async function copiesFolder(stateDir: string): Promise<string> {
  const folder = join(stateDir, home, nameOf(own));
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Removes the copies of processes that are gone: those of this machine at once, those of other machines that share the
 * folder after a day. Never fails.
 */
export async function removeDeadCopies(stateDir: string, now = Date.now()): Promise<void> {
  const folder = join(stateDir, home);
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (!found || !(isDead(name) ?? found.mtimeMs < now - dayMs)) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** `undefined`: of another machine, whose processes cannot be asked for. */
function isDead(name: string): boolean | undefined {
  const [, of, pid, life] = /^(.+)~(\d+)~([0-9a-f]+)$/.exec(name) ?? [];
  if (of !== own.host) return undefined;
  if (Number(pid) === own.pid) return life !== own.life;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
