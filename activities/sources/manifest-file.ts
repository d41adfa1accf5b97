import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BatchRefFields } from '../../workflows/contract';
import { isLoadError, loadFailure } from '../../workflows/load-error';
import type { WritableStore } from '../stores/objects/object-store';
import { workerFull } from '../stores/store-error';
import type { Manifest } from './manifest';

const folder = 'batches';
const refPattern = /^batches\/([0-9a-f]{64})\.json$/;
const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** The sha256 of a batch: over the sorted hashes of the files and the options that decide how they are read. */
export function batchSha256({ format, csv, files }: Pick<Manifest, 'format' | 'csv' | 'files'>): string {
  const { delimiter, quote, escape, nullText, header } = csv;
  const options = format === 'csv' ? [delimiter, quote, escape, nullText, header] : [];
  return sha256(JSON.stringify(['v1', format, options, files.map((file) => file.sha256).sort()]));
}

/**
 * Writes a manifest under the hash of its own text (not of the batch: equal content may lie at other paths), so that
 * writing it again changes nothing, and returns the reference that history carries.
 */
export async function saveManifest(
  stateDir: string,
  manifest: Manifest,
  filesSkipped: number,
  batchStore?: WritableStore | null,
): Promise<BatchRefFields> {
  const text = JSON.stringify(manifest);
  const hash = sha256(text);
  const path = `${folder}/${hash}.json`;
  const saved = await readFile(join(stateDir, path), 'utf8').catch(() => null);
  if (saved !== text) await writeDurably(join(stateDir, path), text);
  // A manifest that is used again is not a leftover of its first use.
  else await utimes(join(stateDir, path), new Date(), new Date());
  const file = { file: join(stateDir, path), bytes: Buffer.byteLength(text), sha256: hash };
  await batchStore?.put(path, { ...file, contentType: 'application/json' });
  const { files } = manifest;
  const rows = files.reduce<number | null>(
    (sum, file) => (sum === null || file.rows === null ? null : sum + file.rows),
    0,
  );
  return {
    kind: 'batch',
    store: manifest.store,
    manifest: path,
    sha256: manifest.sha256,
    files: files.length,
    filesSkipped,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    rows,
    ...(manifest.repairs && { repairs: true as const }),
  };
}

/** Reads the manifest of a batch. @throws `BatchMissing` if it is gone or damaged */
export async function readManifest(
  stateDir: string,
  ref: BatchRefFields,
  batchStore?: WritableStore | null,
): Promise<Manifest> {
  const hash = refPattern.exec(ref.manifest)?.[1];
  const object = `manifest ${ref.manifest}`;
  if (!hash) {
    throw loadFailure('InvalidRequest', { object, expected: 'a batch that extract or writeBatch returned' });
  }
  const text = await readFile(join(stateDir, ref.manifest)).catch((cause: unknown) => {
    if (batchStore) return fetchManifest(batchStore, ref.manifest);
    throw loadFailure('BatchMissing', { object: join(stateDir, ref.manifest), cause });
  });
  const manifest = sha256(text) === hash ? (JSON.parse(text.toString()) as Manifest) : null;
  if (manifest?.version === 1 && manifest.sha256 === ref.sha256) return manifest;
  throw loadFailure('BatchMissing', {
    what: "A batch's manifest is damaged.",
    object: join(stateDir, ref.manifest),
    expected: `sha256 ${hash} of batch ${ref.sha256}`,
    got: manifest ? `version ${String(manifest.version)} of batch ${manifest.sha256}` : 'other bytes',
    remedy: 'Look for what writes into the state folder; start the load again, which writes the manifest anew.',
  });
}

/** A manifest that another worker has written. */
async function fetchManifest(batchStore: WritableStore, path: string): Promise<Buffer> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of batchStore.read(path) as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (cause) {
    if (!isLoadError(cause, 'SourceNotFound')) throw cause;
    throw loadFailure('BatchMissing', { object: `${batchStore.root}${path}`, cause });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const temp = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(temp, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw workerFull(error, path) ?? error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename outlive a crash of the machine, where folders can be synced. */
export async function syncFolder(path: string): Promise<void> {
  const folderHandle = await open(path, 'r').catch(() => null);
  await folderHandle?.sync().catch(() => {});
  await folderHandle?.close();
}
