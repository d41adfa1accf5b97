import { posix } from 'node:path';
import { createHash } from 'node:crypto';
import picomatch from 'picomatch';
import { loadFailure } from '../../../workflows/load-error';
import { refuseOutside } from '../safe-path';

/** As local files are matched: the options that their library gives to the same matcher. */
const options = {
  dot: false,
  nobrace: false,
  nocase: false,
  noextglob: false,
  noglobstar: false,
  posix: true,
} as const;
const special = /[*?[\]{}()!+@|\\]/;

/** Whether a text may mean more than the one path that it is. */
export const isGlob = (text: string): boolean => special.test(text);

/** Keys and paths of one store: a key is the prefix and a path. */
export interface KeySpace {
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  /** For failures. */
  nameOf(path: string): string;
}

/** The key of a path that a request or a manifest names. @throws `InvalidRequest` */
export function keyOf({ prefix, nameOf }: KeySpace, path: string): string {
  refuseOutside(path, nameOf(path));
  const normal = posix.normalize(path);
  if (!normal.endsWith('/') && normal !== '.') return prefix + normal;
  throw loadFailure('InvalidRequest', {
    object: nameOf(path),
    expected: 'the path of an object',
    got: 'that of a folder',
    remedy: 'To load the objects under a prefix, write a glob such as `folder/*.csv`.',
  });
}

/** How a glob is looked for: among the keys that begin with its literal beginning. */
export interface GlobSearch {
  readonly prefix: string;
  /** Whether a path matches. @throws `InvalidRequest` for one that matches and cannot be a path */
  matches(path: string): boolean;
}

/** @throws `InvalidRequest` for a glob that names something outside of the store */
export function globSearch({ prefix, nameOf }: KeySpace, glob: string): GlobSearch {
  refuseOutside(glob, nameOf(glob));
  const pattern = posix.normalize(glob).replace(/\/$/, '');
  // As with local files, what is only taken away from nothing is nothing.
  const matcher = /^!(?!\()/.test(pattern) ? () => false : picomatch(pattern, options);
  return {
    prefix: prefix + literalStart(pattern),
    matches(path) {
      // Consoles mark a folder with an empty object of its name.
      if (path === '' || path.endsWith('/')) return false;
      if (isPath(path)) return matcher(path);
      if (![path, plainly(path), posix.normalize(path)].some((meant) => matcher(meant))) return false;
      throw noPath(nameOf(path));
    },
  };
}

/** The text that every match begins with. */
export function literalStart(pattern: string): string {
  // Outside of parentheses it divides the whole.
  if (pattern.replace(/\([^()\\]*\)/g, '').includes('|')) return '';
  const at = pattern.search(special);
  return at < 0 ? pattern : pattern.slice(0, at);
}

const isPath = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Without what is no name. */
const plainly = (path: string): string =>
  path
    .split('/')
    .filter((part) => !['', '.', '..'].includes(part))
    .join('/');

/** Data is never left out in silence. */
const noPath = (object: string): Error =>
  loadFailure('InvalidRequest', {
    what: 'An object that matches the glob has a key that is no path.',
    object: JSON.stringify(object),
    expected: 'a key whose parts between slashes are names',
    got: 'an empty part, "." or ".."',
    remedy: 'Copy the object to another key, or write a glob that leaves it out.',
  });

/** Tells objects of different buckets and keys apart, in an identity. */
export const placeHash = (place: string, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([place, key]))
    .digest('hex')
    .slice(0, 16);
