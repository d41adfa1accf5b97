import { constants, createReadStream, realpathSync, type BigIntStats } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { loadFailure } from '../../workflows/load-error';
import { globFiles } from './glob-files';
import { refuseEscape, refuseOutside } from './safe-path';
import type { ListedFile, LocalFile, OpenFile, Store } from './store';
import { errnoOf, storeFailure } from './store-error';

const chunkBytes = 256 * 1024;
const globCharacters = /[*?[\]{}()!+@|\\]/;

/**
 * A file younger than this has no identity. File systems stamp with a granularity of up to some milliseconds (some
 * with a second), so that a second write within it would leave size and times as they were: git's "racily clean".
 */
const racyMs = 1000n;

/** A store of the files in a folder of this machine. The folder need not exist yet. */
export function openLocalFiles(name: string, root: string): Store {
  const folder = resolve(root);
  const nameOf = (path: string): string => `${name}/${path}`;
  return {
    name,
    root,
    list: (glob) => list(folder, glob, nameOf),
    read: (path) => Readable.from(chunks(folder, path, nameOf(path)), { objectMode: false, highWaterMark: chunkBytes }),
    open: (path) => openFile(folder, path, nameOf(path)),
    local: async (path) => localFile(localPath(folder, path, nameOf(path))),
    stat: (path) => statInside(folder, path, nameOf(path)),
  };
}

async function list(root: string, glob: string, nameOf: (path: string) => string): Promise<ListedFile[]> {
  refuseOutside(glob, nameOf(glob));
  await realpath(root).catch((error: unknown) => {
    throw errnoOf(error) === 'ENOENT'
      ? loadFailure('SourceNotFound', { what: "The store's root does not exist.", object: root, cause: error })
      : storeFailure(error, root);
  });
  const literal = await statInside(root, glob, nameOf(glob)).catch((error: unknown) => {
    // A glob is rarely a path as well; only then is its absence no failure.
    if (globCharacters.test(glob) && (error as { type?: string }).type !== 'SourceUnreadable') return null;
    throw error;
  });
  return literal ? [literal] : globFiles(root, glob, nameOf, listedFile);
}

async function statInside(root: string, path: string, object: string): Promise<ListedFile> {
  refuseOutside(path, object);
  try {
    const real = await realInside(root, path, object);
    const now = BigInt(Date.now());
    const facts = await stat(real, { bigint: true });
    if (facts.isFile()) return listedFile(path, facts, now);
  } catch (error) {
    throw storeFailure(error, object);
  }
  throw loadFailure('InvalidRequest', {
    object,
    expected: 'a file',
    got: 'a folder or a special file',
    remedy: 'To load the files of a folder, write a glob such as `folder/*.csv`.',
  });
}

/** `nowMs` must be taken before `facts`. */
function listedFile(path: string, facts: BigIntStats, nowMs: bigint): ListedFile {
  const { size, mtimeNs, ctimeNs, ino } = facts;
  const stamp = [size, mtimeNs, ctimeNs, ino].map((part) => part.toString(36)).join('-');
  const settled = nowMs - facts.mtimeMs >= racyMs && nowMs - facts.ctimeMs >= racyMs;
  return { path, bytes: Number(size), identity: settled ? stamp : null, stamp };
}

async function openFile(root: string, path: string, object: string): Promise<OpenFile> {
  refuseOutside(path, object);
  const failing = <T>(done: Promise<T>): Promise<T> =>
    done.catch((error: unknown) => {
      throw storeFailure(error, object);
    });
  const file = await failing(openInside(root, path, object));
  return {
    stat: async () => {
      const now = BigInt(Date.now());
      return listedFile(path, await failing(file.stat({ bigint: true })), now);
    },
    read: async (into) => (await failing(file.read(into, 0, into.length))).bytesRead,
    close: () => file.close(),
  };
}

async function openInside(root: string, path: string, object: string): Promise<FileHandle> {
  return open(await realInside(root, path, object), constants.O_RDONLY | constants.O_NONBLOCK);
}

async function realInside(root: string, path: string, object: string): Promise<string> {
  const real = await realpath(join(root, path));
  // The root is asked for only where a link may be on the way.
  if (real !== join(root, path)) refuseEscape(await realpath(root), real, object);
  return real;
}

async function* chunks(root: string, path: string, object: string): AsyncGenerator<Buffer> {
  refuseOutside(path, object);
  try {
    const real = await realInside(root, path, object);
    yield* createReadStream(real, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw storeFailure(error, object);
  }
}

const localFile = (path: string): LocalFile => ({ path, sha256: null, release: () => Promise.resolve() });

function localPath(root: string, path: string, object: string): string {
  refuseOutside(path, object);
  try {
    const real = realpathSync(join(root, path));
    refuseEscape(realpathSync(root), real, object);
    return real;
  } catch (error) {
    throw storeFailure(error, object);
  }
}
