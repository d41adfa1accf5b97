import { createHash } from 'node:crypto';
import { loadFailure } from '../../workflows/load-error';
import type { ListedFile, Store } from '../stores/store';

/** The sha256 of a file's bytes as stored, in hex. */
export async function hashFile(
  store: Store,
  path: string,
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of store.read(path) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
    onBytes?.(chunk.length);
  }
  return hash.digest('hex');
}

/** Does something with a file as it was listed. @throws `SourceChanged` if it is, or becomes, another */
export async function unchanged<T>(store: Store, listed: ListedFile, read: () => Promise<T>): Promise<T> {
  const refuseChanged = async (): Promise<void> => {
    const now = await store.stat(listed.path);
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
