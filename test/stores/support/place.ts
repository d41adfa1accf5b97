import type { StoreConfig } from '../../../workflows/config';
import type { WritableStore } from '../../../activities/stores/objects/object-store';
import type { Store } from '../../../activities/stores/store';

/** A kind of store, with a place of its own to write to by another hand than the store's. */
export interface Place {
  /** Opens a store of what {@link write} has written. */
  store(): Store;
  write(path: string, content: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

/** What a store of objects may be opened with. */
export interface ObjectOptions {
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly stateDir?: string;
  readonly kmsKey?: string;
  readonly prefix?: string;
}

/** A bucket on a server, reached by a client of the test's own. */
export interface ObjectPlace extends Place {
  readonly endpoint: string;
  readonly stateDir: string;
  /** Lets the bucket keep what is overwritten or deleted. */
  keepVersions(): Promise<void>;
  store(options?: ObjectOptions): WritableStore;
  /** Stores that must be refused for their credentials, and what their failures must not tell. */
  refused(): Promise<{ stores: readonly Store[]; secrets: readonly string[]; close(): Promise<void> }>;
  /** The store as a configuration has it. */
  config(endpoint?: string): StoreConfig;
}
