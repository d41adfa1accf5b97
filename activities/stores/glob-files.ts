import { readdir as readFolder, type BigIntStats, type Dirent } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { glob as expand } from 'tinyglobby';
import { loadFailure } from '../../workflows/load-error';
import { mapBounded } from '../sources/map-bounded';
import { realPaths, refuseEscape } from './safe-path';
import type { ListedFile } from './store';
import { errnoOf, storeFailure } from './store-error';

type ToListed = (path: string, facts: BigIntStats, nowMs: bigint) => ListedFile;

/** The files under a root that match a glob, sorted by path, each real file once. */
export async function globFiles(
  root: string,
  glob: string,
  nameOf: (path: string) => string,
  toListed: ToListed,
): Promise<ListedFile[]> {
  const paths = (await matches(root, glob, nameOf)).sort(byCodeUnit);
  const realRoot = await realpath(root);
  const realOf = realPaths(root, realRoot);
  const found = await mapBounded(paths, 16, async (path) => {
    try {
      const parent = await realOf(path);
      const now = BigInt(Date.now());
      const facts = await lstat(parent, { bigint: true });
      const isLink = facts.isSymbolicLink();
      const real = isLink ? await realpath(parent) : parent;
      refuseEscape(realRoot, real, nameOf(path));
      return { path, real, listed: toListed(path, isLink ? await stat(real, { bigint: true }) : facts, now) };
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw storeFailure(error, nameOf(path));
      throw loadFailure('SourceChanged', { what: 'A file vanished while it was listed.', object: nameOf(path) });
    }
  });
  return onceEach(realRoot, found);
}

async function matches(root: string, glob: string, nameOf: (path: string) => string): Promise<string[]> {
  const failures: { error: Error; folder: string }[] = [];
  const readdir = (
    folder: string,
    options: { withFileTypes: true },
    done: (e: Error | null, found: Dirent[]) => void,
  ) =>
    readFolder(folder, options, (error, found) => {
      // The library skips folders that it cannot read; a load must not skip data in silence.
      if (error && errnoOf(error) !== 'ENOENT') failures.push({ error, folder });
      done(error, found);
    });
  const options = { cwd: root, expandDirectories: false, fs: { readdir: readdir as typeof readFolder } };
  const paths = await expand(glob, options);
  const [failure] = failures;
  if (failure) throw storeFailure(failure.error, nameOf(failure.folder));
  return paths;
}

/** Links may lead to one file by several paths. The file's own path wins, else the first. */
function onceEach(realRoot: string, found: { path: string; real: string; listed: ListedFile }[]): ListedFile[] {
  const byReal = new Map<string, (typeof found)[number]>();
  for (const one of found) {
    if (!byReal.has(one.real) || one.real === join(realRoot, one.path)) byReal.set(one.real, one);
  }
  return found.filter((one) => byReal.get(one.real) === one).map((one) => one.listed);
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
