import { loadFailure } from '../workflows/load-error';
import type { WritableStore } from './stores/objects/object-store';
import type { Store } from './stores/store';

/** Where this worker keeps batches, and how it finds stores. */
export interface BatchHome {
  /** The state folder, absolute. */
  readonly stateDir: string;
  /** Where batches are kept as well, for workers that share no folder. */
  readonly batchStore?: WritableStore | null | undefined;
  /** @throws `UnknownStore` */
  store(name: string): Store;
}

interface Provided {
  home: BatchHome;
  users: number;
}

/**
 * One per process, and on `globalThis`: a user's activity is a plain function that Loadline does not wrap, so that an
 * AsyncLocalStorage would need an interceptor in every worker; and the user's import may load another copy of this
 * module than the worker's, which a variable of the module would not survive.
 */
const key = Symbol.for('loadline.batchHome');
const place = globalThis as unknown as Record<typeof key, Provided | undefined>;

/**
 * Tells activities of this process where batches live. Called by the worker when it starts.
 *
 * @returns what the worker calls when it has stopped
 * @throws `InvalidConfig` if another worker of this process keeps its state elsewhere
 */
export function provideBatchHome(home: BatchHome): () => void {
  const existing = place[key];
  if (existing && existing.home.stateDir !== home.stateDir) {
    throw loadFailure('InvalidConfig', {
      object: 'state',
      expected: `${existing.home.stateDir}, as of another worker in this process`,
      got: home.stateDir,
      remedy: 'Run workers with different state folders in processes of their own.',
    });
  }
  const provided = existing ?? { home, users: 0 };
  provided.home = home;
  provided.users++;
  place[key] = provided;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    if (--provided.users === 0 && place[key] === provided) place[key] = undefined;
  };
}

/** Where batches live in this process. @throws `InvalidConfig` outside a Loadline worker */
export function batchHome(): BatchHome {
  const provided = place[key];
  if (provided) return provided.home;
  throw loadFailure('InvalidConfig', {
    what: 'Batches can be written only inside a Loadline worker.',
    object: 'writeBatch',
    remedy: 'Run the activity on a worker with the Loadline plugin, or call provideBatchHome first in a test.',
  });
}
