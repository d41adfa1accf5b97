import { openLocalFiles } from './local-files';
import type { Store } from './store';

/** The reserved name of the store that holds what `writeBatch` writes. No configured store may have it. */
export const stateStoreName = '@state';

/** The reserved name of the store that keeps batches for workers that share no folder. */
export const batchStoreName = '@batches';

/** The state folder as a store, for batches that {@link stateStoreName} refers to. */
export function openStateStore(stateDir: string): Store {
  return openLocalFiles(stateStoreName, stateDir);
}
