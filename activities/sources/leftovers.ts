import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeDeadCopies } from '../stores/objects/copies-folder';
import { mapBounded } from './map-bounded';

const dayMs = 24 * 3600 * 1000;
/** No load is on its way for so long; one that was held longer is extracted again. */
const batchDays = 30;

/**
 * Removes what no load can need any more: manifests and written batches that no load has touched for 30 days, and
 * folders for temporary files whose process is gone and which are older than a day, for a process of another container
 * may look as if it were gone; and fetched objects of processes that are gone. Never fails: what cannot be removed is left.
 */
export async function removeLeftovers(stateDir: string, now = Date.now()): Promise<void> {
  const written = join(stateDir, 'written');
  const batches = [join(stateDir, 'batches'), ...(await namesIn(written)).map((name) => join(written, name))];
  for (const folder of batches) await removeOld(folder, () => true, now - batchDays * dayMs);
  await removeOld(tmpdir(), isOfDeadProcess, now - dayMs);
  await removeDeadCopies(stateDir, now);
}

async function removeOld(folder: string, ours: (name: string) => boolean, before: number): Promise<void> {
  await mapBounded((await namesIn(folder)).filter(ours), 4, async (name) => {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && found.mtimeMs < before) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  });
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

function isOfDeadProcess(name: string): boolean {
  const pid = /^loadline-(\d+)-/.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
