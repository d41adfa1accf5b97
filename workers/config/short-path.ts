import path from 'node:path';

/** A path relative to the working directory, where that is shorter to read. */
export function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}
