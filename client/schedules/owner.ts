import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ResolvedConfig } from '../../workers/config';

/**
 * Whose schedules those of a configuration are: the user's package, the configuration's place in it, and the task queue. Not the
 * folder of a checkout, which differs from one machine to the next.
 */
export function ownerOf({ path: file, rootDir, taskQueue }: ResolvedConfig): string {
  const { folder, name } = packageOf(rootDir);
  const place = path.relative(folder, file).split(path.sep).join('/');
  return [name, place, taskQueue].join('|');
}

function packageOf(from: string): { folder: string; name: string } {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    const name = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name : undefined;
    if (typeof name === 'string' && name !== '') return { folder, name };
    if (folder === path.dirname(folder)) return { folder: from, name: '' };
  }
}
