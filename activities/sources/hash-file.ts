import { createHash } from 'node:crypto';
import { loadFailure } from '../../workflows/load-error';
import type { FilePin, ListedFile, Store } from '../stores/store';

const chunkBytes = 1024 * 1024;

/** How {@link hashFile} reads. */
export interface HashOptions {
  readonly signal?: AbortSignal;
  readonly pin?: FilePin;
  readonly onBytes?: (bytes: number) => void;
}

/** The sha256 of a file's bytes as stored, in hex. */
export async function hashFile(
  store: Store,
  path: string,
  { signal, pin, onBytes }: HashOptions = {},
): Promise<string> {
  const hash = createHash('sha256');
  const file = await store.open(path, pin);
  try {
    // One buffer for all: a new one for each chunk would cost more than the reading.
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (let bytes; (bytes = await file.read(buffer)) > 0;) {
      signal?.throwIfAborted();
      hash.update(buffer.subarray(0, bytes));
      onBytes?.(bytes);
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/** Does something with a file as it was listed. @throws `SourceChanged` if it is, or becomes, another */
export async function unchanged<T>(store: Store, listed: ListedFile, read: () => Promise<T>): Promise<T> {
  const refuseChanged = async (): Promise<void> => {
    const now = await store.stat(listed.path, listed);
    if (now.stamp !== listed.stamp) throw sourceChanged(store, listed.path);
  };
  await refuseChanged();
  let result: T;
  try {
    result = await read();
  } catch (error) {
    // A file that is half written is rarely readable; that it changed is then the better explanation.
    await refuseChanged();
    throw error;
  }
  await refuseChanged();
  return result;
}

/** The failure of a file that is not what it was. */
export function sourceChanged(store: Store, path: string): Error {
  return loadFailure('SourceChanged', { object: `${store.name}/${path}` });
}
