import { realpath } from 'node:fs/promises';
import { isAbsolute, join, sep, win32 } from 'node:path';
import { loadFailure } from '../../workflows/load-error';

/** Refuses a path or glob that names something outside the root by its text. */
export function refuseOutside(path: string, object: string): void {
  const expected = "a path relative to the store's root";
  if (path === '') throw loadFailure('InvalidRequest', { object, expected, got: 'an empty path' });
  if (path.includes('\0')) throw loadFailure('InvalidRequest', { object, expected, got: 'a NUL character' });
  if (isAbsolute(path) || win32.isAbsolute(path)) {
    throw loadFailure('InvalidRequest', { object, expected, got: 'an absolute path' });
  }
  // Braces and alternatives may hide a segment, as in `{..,a}/b`.
  if (path.split(/[/\\{},()|]/).includes('..')) {
    throw loadFailure('InvalidRequest', { object, expected, got: 'a path with ".."' });
  }
}

/** Whether a real path is the real root or lies under it. */
export function isInside(realRoot: string, realPath: string): boolean {
  return realPath === realRoot || realPath.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
}

/** Refuses a real path that a link has led out of the root. */
export function refuseEscape(realRoot: string, realPath: string, object: string): void {
  if (isInside(realRoot, realPath)) return;
  throw loadFailure('InvalidRequest', {
    what: "A link leads out of the store's root.",
    object,
    remedy: 'Put the file itself under the root, or configure a store for the folder that it lies in.',
  });
}

/** Finds the real path of many files, asking for each folder once. */
export function realPaths(root: string, realRoot: string): (path: string) => Promise<string> {
  const folders = new Map<string, Promise<string>>([['', Promise.resolve(realRoot)]]);
  return async (path) => {
    const cut = path.lastIndexOf('/');
    const folder = cut < 0 ? '' : path.slice(0, cut);
    let real = folders.get(folder);
    if (!real) folders.set(folder, (real = realpath(join(root, folder))));
    return join(await real, path.slice(cut + 1));
  };
}
