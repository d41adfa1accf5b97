import { mkdtempSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { DuckDBInstance } from '@duckdb/node-api';
import type { FilesSource } from '../../../workflows/contract';
import { type WriteManifestInput, writeManifest } from '../../../activities/sources/batch';
import { openRows } from '../../../activities/sources/open-rows';
import type { RowStream } from '../../../activities/sources/row-stream';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { Store } from '../../../activities/stores/store';

/** A folder for one test file, with a store of its files. */
export interface Sandbox {
  readonly root: string;
  readonly stateDir: string;
  readonly store: Store;
  write(path: string, content: string | Buffer): string;
  remove(): void;
}

export function sandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-test-'));
  const root = join(folder, 'raw');
  mkdirSync(root);
  return {
    root,
    stateDir: join(folder, 'state'),
    store: openLocalFiles('raw', root),
    write: (path, content) => {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, content);
      return full;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const source = (glob: string, more: Partial<FilesSource> = {}): FilesSource => ({
  kind: 'files',
  store: 'raw',
  glob,
  ...more,
});

type Freezing = Pick<FilesSource, 'format' | 'csv'> & Partial<WriteManifestInput>;

/** Freezes what a glob lists. */
export async function freeze(box: Sandbox, glob: string, more: Freezing = {}) {
  const { format, csv, ...input } = more;
  return writeManifest({
    store: box.store,
    source: source(glob, { ...(format ? { format } : {}), ...(csv ? { csv } : {}) }),
    files: await box.store.list(glob),
    identity: 'content',
    stateDir: box.stateDir,
    signal: new AbortController().signal,
    ...input,
  });
}

/** Freezes one file and opens its rows. */
export async function openOne(box: Sandbox, path: string, more: { wanted?: string[]; signal?: AbortSignal } = {}) {
  const { manifest } = await freeze(box, path);
  const [file] = manifest.files;
  if (!file) throw new Error('no file');
  const { wanted = [...(file.columns ?? [])], signal = new AbortController().signal } = more;
  return openRows({ store: box.store, manifest, file, wanted: wanted.map((from) => ({ from })), signal });
}

export async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Reads and verifies one file. */
export async function rowsOf(box: Sandbox, path: string, wanted?: string[]): Promise<string> {
  const rows: RowStream = await openOne(box, path, wanted ? { wanted } : {});
  const text = await textOf(rows.stream);
  await rows.verify();
  return text;
}

/** Writes the result of a query of DuckDB as a Parquet file. */
export async function writeParquet(path: string, query: string, options = ''): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${query}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
}

/** Lets a file look as if nobody had touched it for an hour; only its ctime tells. */
export function backdate(path: string): void {
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(path, hourAgo, hourAgo);
}

export const ofCode = (type: string) => expect.objectContaining({ type }) as Error;
export const settled = (ms = 1100) => new Promise((resolve) => setTimeout(resolve, ms));
