import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { loadFailure } from '../../workflows/load-error';

/** The names that a configuration file may have, the first found wins. */
export const configNames: readonly string[] = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(
  (end) => `loadline.config.${end}`,
);

/**
 * The configuration file: the one that was named, or else the nearest from `cwd` upward.
 *
 * @throws `ConfigNotFound`
 */
export function findConfig(cwd: string, named?: string): string {
  if (named === undefined) return searchUpward(cwd);
  const file = path.resolve(cwd, named);
  if (existsSync(file)) {
    const found = statSync(file).isDirectory() ? configIn(file) : file;
    if (found) return found;
  }
  throw loadFailure('ConfigNotFound', {
    object: file,
    got: 'no such file',
    remedy: 'Correct the path after --config.',
  });
}

function searchUpward(cwd: string): string {
  for (let dir = path.resolve(cwd); ; dir = path.dirname(dir)) {
    const found = configIn(dir);
    if (found) return found;
    if (dir === path.dirname(dir)) break;
  }
  throw loadFailure('ConfigNotFound', {
    object: path.resolve(cwd),
    expected: `loadline.config.ts (or ${configNames
      .slice(1)
      .map((name) => path.extname(name))
      .join(', ')}) here or in a folder above`,
    got: 'none',
  });
}

function configIn(dir: string): string | undefined {
  return configNames.map((name) => path.join(dir, name)).find((file) => existsSync(file));
}
