import path from 'node:path';
import { watch } from 'chokidar';

/** Where to look for changes. */
export interface WatchedPaths {
  readonly roots: readonly string[];
  /** Folders to leave alone, though they lie in a root. */
  readonly ignored: readonly string[];
}

/** An editor that saves writes more than once; several files are saved together. */
const settledMs = 100;

const code = /\.([mc]?[tj]s|json|ya?ml)$/;
const noCode = /(\.d\.[mc]?ts|\.(test|spec)\.[mc]?[tj]s|package-lock\.json)$/;
const noFolder = new Set(['node_modules', '.git', 'test', 'tests', '__tests__', 'coverage']);

/** Tells of files that a worker may be made of, when they were written, added or taken away. */
export function watchProject(
  { roots, ignored }: WatchedPaths,
  changed: (files: readonly string[]) => void,
  failed: (why: string) => void,
): { ready: Promise<void>; close(): Promise<void> } {
  const files = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const left = new Set(ignored.map((folder) => path.resolve(folder)).filter((folder) => !roots.includes(folder)));
  const watcher = watch([...roots], {
    ignoreInitial: true,
    // A save that replaces the file is one change, not an end and a beginning.
    atomic: true,
    ignored: (file, stats) => left.has(file) || (stats?.isFile() ? !isCode(file) : isLeft(file, roots)),
  });
  watcher.on('all', (event, file) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    files.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const batch = [...files].sort();
      files.clear();
      changed(batch);
    }, settledMs);
  });
  watcher.on('error', (error) => failed(error instanceof Error ? error.message : String(error)));
  return {
    ready: new Promise((resolve) => watcher.once('ready', resolve)),
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

const isCode = (file: string): boolean =>
  path.basename(file) === '.env' || (code.test(file) && !noCode.test(file) && !path.basename(file).startsWith('.'));

function isLeft(folder: string, roots: readonly string[]): boolean {
  const name = path.basename(folder);
  return !roots.includes(folder) && (noFolder.has(name) || (name.startsWith('.') && name !== '.env'));
}
