import type { BatchRefFields, FilesSource } from '../../workflows/contract';
import type { WritableStore } from '../stores/objects/object-store';
import { versionOf, type ListedFile, type Store } from '../stores/store';
import { type Duck, openDuck } from './duck';
import { type BatchFormat, formatOf } from './file-format';
import { freezeText } from './freeze-file';
import { hashFile, unchanged } from './hash-file';
import { sourceIdentityOf } from './list-source';
import { batchSha256, saveManifest } from './manifest-file';
import type { Manifest, ManifestFile } from './manifest';
import { mapBounded } from './map-bounded';
import { readParquetFacts } from './parquet-facts';

/** What {@link writeManifest} is told. */
export interface WriteManifestInput {
  readonly store: Store;
  readonly source: FilesSource;
  /** The files to freeze, as listed. */
  readonly files: readonly ListedFile[];
  /** What makes a file the same as another. */
  readonly identity: 'content' | 'path';
  readonly stateDir: string;
  /** Where the manifest is kept as well. */
  readonly batchStore?: WritableStore | null;
  readonly signal: AbortSignal;
  /** Drops the second and later files of one content, as a load without interval must. @default false */
  readonly dropEqualFiles?: boolean;
  /** Tells by `fileId` which files are loaded already and are left out. Asked once, with all hashed files. */
  readonly skip?: (files: readonly ManifestFile[]) => Promise<ReadonlySet<string>>;
  /** Files left out before they were hashed; counted in `filesSkipped`. @default 0 */
  readonly alreadySkipped?: number;
  /** Over everything that was listed. @default computed from `files` */
  readonly sourceIdentity?: string | null;
  readonly onProgress?: (done: ManifestProgress) => void;
}

/** How far hashing is. */
export interface ManifestProgress {
  readonly files: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Freezes files into a batch: hashes them, reads what their heads tell, and writes the manifest. */
export async function writeManifest(input: WriteManifestInput): Promise<{ manifest: Manifest; batch: BatchRefFields }> {
  const { store, source, files, stateDir } = input;
  const how = formatOf(
    files.map((file) => file.path),
    source,
    store.name,
  );
  const hashed = await hashAll(input, how);
  const skipped = (await input.skip?.(hashed)) ?? new Set<string>();
  const wanted = hashed.filter((file) => !skipped.has(file.fileId));
  const kept = input.dropEqualFiles ? firstOfEach(wanted) : wanted;
  const { sourceIdentity = sourceIdentityOf(files, source) } = input;
  const content = { ...how, files: kept };
  const manifest: Manifest = {
    version: 1,
    store: store.name,
    ...content,
    sha256: batchSha256(content),
    sourceIdentity,
  };
  const filesSkipped = (input.alreadySkipped ?? 0) + hashed.length - kept.length;
  return { manifest, batch: await saveManifest(stateDir, manifest, filesSkipped, input.batchStore) };
}

/** Reading one small file is mostly waiting for the file system, which several ask at once. */
const filesAtOnce = 8;
/** Telling of each of very many small files would cost more than reading them. */
const reportEveryMs = 200;

async function hashAll(input: WriteManifestInput, how: BatchFormat): Promise<ManifestFile[]> {
  const { files, identity, onProgress } = input;
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let bytes = 0;
  let done = 0;
  let reported = performance.now();
  const report = (): void => onProgress?.({ files: done, bytes, totalBytes });
  const onBytes = (count: number): void => {
    bytes += count;
    const now = performance.now();
    if (now - reported < reportEveryMs) return;
    reported = now;
    report();
  };
  const duck = how.format === 'parquet' && files.length ? await openDuck() : null;
  try {
    const hashed = await mapBounded(files, filesAtOnce, async (listed) => {
      const { path } = listed;
      const read = duck
        ? await freezeParquet(input, listed, duck, onBytes)
        : await freezeText({ ...input, listed, how, onBytes });
      done++;
      const fileId = identity === 'content' ? read.sha256 : path;
      return { path, bytes: listed.bytes, ...read, identity: listed.identity, fileId };
    });
    report();
    return hashed;
  } finally {
    await duck?.close();
  }
}

function freezeParquet(
  { store, signal }: WriteManifestInput,
  listed: ListedFile,
  duck: Duck,
  onBytes: (bytes: number) => void,
) {
  const { path } = listed;
  signal.throwIfAborted();
  return unchanged(store, listed, async () => {
    const local = await store.local(path, listed, signal);
    try {
      const { columns, rows } = await readParquetFacts(duck.connection, local.path, `${store.name}/${path}`);
      if (local.sha256 !== null) onBytes(listed.bytes);
      const sha256 = local.sha256 ?? (await hashFile(store, path, { signal, onBytes }));
      return { columns: columns.map((column) => column.name), rows, sha256, ...versionOf(local) };
    } finally {
      await local.release();
    }
  });
}

function firstOfEach(files: readonly ManifestFile[]): ManifestFile[] {
  const seen = new Set<string>();
  return files.filter(({ sha256 }) => !seen.has(sha256) && seen.add(sha256));
}
