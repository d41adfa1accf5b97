import { dirname, join, relative, resolve, sep } from 'node:path';
import type { CsvOptions, FilesSource } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import { checkColumns } from '../extract';
import { writeManifest } from '../sources/batch';
import type { Manifest } from '../sources/manifest';
import { openLocalFiles } from '../stores/local-files';
import type { Store } from '../stores/store';

/** How files are read, as `files(store, glob, …)` says it. */
export interface ReadingOptions {
  readonly format?: NonNullable<FilesSource['format']>;
  readonly csv?: CsvOptions;
}

/** Files as a load would take them: listed, hashed, their heads read and compared with the contract. */
export interface OpenBatch {
  readonly store: Store;
  readonly manifest: Manifest;
  /** By path in the store: as the file was named. */
  readonly named: ReadonlyMap<string, string>;
}

/** Freezes the files as a load does. @throws what `extract` does */
export async function openBatch(
  files: readonly string[],
  options: ReadingOptions,
  contract: TableContract,
  stateDir: string,
): Promise<OpenBatch> {
  const paths = files.map((file) => resolve(file));
  const root = commonFolder(paths);
  const named = new Map(paths.map((path, index) => [relative(root, path).split(sep).join('/'), files[index]!]));
  const store = openLocalFiles(relative('.', root) || '.', root);
  const listed = await Promise.all([...named.keys()].map((path) => store.stat(path)));
  const { manifest } = await writeManifest({
    store,
    source: { kind: 'files', store: store.name, glob: listed[0]!.path, ...options },
    files: listed,
    identity: 'path',
    stateDir,
    signal: new AbortController().signal,
  });
  checkColumns(manifest, { contract });
  return { store, manifest, named };
}

function commonFolder(paths: readonly string[]): string {
  let root = dirname(paths[0]!);
  while (!paths.every((path) => path.startsWith(join(root, '/')))) root = dirname(root);
  return root;
}
