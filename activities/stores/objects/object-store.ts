import { Readable } from 'node:stream';
import { loadErrorOf } from '../../../workflows/load-error';
import { versionOf, type FilePin, type ListedFile, type Store } from '../store';
import { localCopy } from './local-copy';
import type { NewObject, ObjectClient, ObjectFacts } from './object-client';
import { objectFailure } from './object-failure';
import { globSearch, isGlob, keyOf, type KeySpace } from './object-keys';
import { putObject, type PutOutcome } from './put-object';
import { objectChunks, openObject, type ObjectReading } from './read-object';

/** A store whose files never change: who writes one with a path that exists must bring the same content. */
export interface WritableStore extends Store {
  /** @throws `BatchMissing` when something else lies there, `SourceUnreadable`, `StoreUnreachable` */
  put(path: string, file: Omit<NewObject, 'key'>, signal?: AbortSignal): Promise<PutOutcome>;
  /** Asks for a page of its listing. @throws what {@link Store.list} throws */
  reach(): Promise<void>;
  close(): void;
}

/** What a store of objects is opened with. */
export interface ObjectStoreOptions {
  readonly name: string;
  /** What all keys begin with. */
  readonly prefix: string;
  /** Where objects are fetched to for programs that read files. */
  readonly stateDir: string;
}

/** A store of the objects under a prefix of a bucket. */
export function openObjectStore(client: ObjectClient, options: ObjectStoreOptions): WritableStore {
  const { name, stateDir } = options;
  const prefix = options.prefix.replace(/^\/+|\/+$/g, '').replace(/.$/, '$&/');
  const space: KeySpace = { prefix, nameOf: (path) => `${name}/${path}` };
  const stat = async (path: string, pin?: FilePin): Promise<ListedFile> => {
    const object = space.nameOf(path);
    const key = keyOf(space, path);
    return listedFile(path, await client.head(key, pin).catch(failing(client, object, pin !== undefined)));
  };
  const reading = async (path: string, pin?: FilePin, signal?: AbortSignal): Promise<ObjectReading> => {
    const key = keyOf(space, path);
    const file = pinned(path, pin) ?? (await stat(path));
    return { client, key, file, object: space.nameOf(path), ...(signal && { signal }) };
  };
  async function* chunks(path: string, pin?: FilePin): AsyncGenerator<Buffer> {
    yield* objectChunks(await reading(path, pin));
  }
  return {
    name,
    root: `${client.place}/${prefix}`,
    list: (glob) => list(client, space, glob, stat),
    read: (path, pin) => Readable.from(chunks(path, pin), { objectMode: false, highWaterMark: 256 * 1024 }),
    open: async (path, pin) => openObject(await reading(path, pin)),
    local: async (path, pin, signal) => localCopy(await reading(path, pin, signal), stateDir),
    stat,
    put: (path, file, signal) => putObject(client, { ...file, key: keyOf(space, path) }, space.nameOf(path), signal),
    async reach() {
      try {
        for await (const _ of client.list(prefix)) break;
      } catch (error) {
        throw objectFailure(client, error, { object: client.place, listing: true });
      }
    },
    close: () => client.close(),
  };
}

async function list(
  client: ObjectClient,
  space: KeySpace,
  glob: string,
  stat: (path: string) => Promise<ListedFile>,
): Promise<ListedFile[]> {
  const search = globSearch(space, glob);
  const literal = await stat(glob).catch((error: unknown) => {
    // A glob is rarely a key as well; and who may not list is not told that there is no such object.
    const code = loadErrorOf(error)?.type ?? '';
    if (isGlob(glob) && ['SourceNotFound', 'SourceUnreadable', 'InvalidRequest'].includes(code)) return null;
    throw error;
  });
  if (literal) return [literal];
  const found: ListedFile[] = [];
  try {
    for await (const page of client.list(search.prefix)) {
      for (const facts of page) {
        const path = facts.key.slice(space.prefix.length);
        if (search.matches(path)) found.push(listedFile(path, facts));
      }
    }
  } catch (error) {
    throw objectFailure(client, error, { object: space.nameOf(glob), listing: true });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const listedFile = (path: string, facts: Omit<ObjectFacts, 'key'>): ListedFile => ({
  path,
  bytes: facts.bytes,
  identity: facts.identity,
  stamp: facts.identity,
  ...versionOf(facts),
});

/** A file as a listing or a manifest has it; `null` where those had no identity of it. */
function pinned(path: string, pin: FilePin | undefined): ListedFile | null {
  if (!pin || pin.identity === null) return null;
  const { bytes, identity } = pin;
  return listedFile(path, { bytes, identity, ...versionOf(pin) });
}

const failing =
  (client: ObjectClient, object: string, isPinned: boolean) =>
  (error: unknown): never => {
    throw objectFailure(client, error, { object, pinned: isPinned });
  };
