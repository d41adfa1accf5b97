import type { FilesSource } from '../../../workflows/contract';

/** Files of the lab's store. */
export function raw(glob: string, more: Omit<Partial<FilesSource>, 'kind' | 'store' | 'glob'> = {}): FilesSource {
  return { kind: 'files', store: 'raw', glob, ...more };
}

/** A UTC day as an interval. */
export function dayOf(date: string): { start: string; end: string } {
  const start = new Date(`${date}T00:00:00Z`);
  return { start: start.toISOString(), end: new Date(start.getTime() + 86_400_000).toISOString() };
}
