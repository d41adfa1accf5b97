import { statfs } from 'node:fs/promises';
import { loadFailure } from '../../../workflows/load-error';

/** What copies of one process may take together; a larger object is fetched alone. */
const mostBytes = 8 * 1024 ** 3;
/** What is left free for everything else that lies on the disk. */
const spareBytes = 256 * 1024 * 1024;

let taken = 0;
const waiting: (() => void)[] = [];

/**
 * Takes room for a copy, waiting for others of this process to end.
 *
 * @returns what gives it back
 * @throws `WorkerFull` when the disk has no room for it
 */
export async function takeSpace(folder: string, bytes: number, signal?: AbortSignal): Promise<() => void> {
  while (taken > 0 && taken + bytes > mostBytes) {
    signal?.throwIfAborted();
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  signal?.throwIfAborted();
  taken += bytes;
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    taken -= bytes;
    for (const wake of waiting.splice(0)) wake();
  };
  // What others are about to fetch counts as well: their files may not be written yet.
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: Number.MAX_SAFE_INTEGER, bsize: 1 }));
  if (bavail * bsize >= bytes + spareBytes) return release;
  release();
  throw loadFailure('WorkerFull', {
    object: folder,
    expected: `${bytes + spareBytes} bytes for an object that must be fetched to be read`,
    got: `${bavail * bsize} bytes`,
  });
}
