import type { Readable } from 'node:stream';

/** What a store says of a file without reading it. */
export interface ListedFile {
  /** Path relative to the store's root, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /**
   * Equal identity, equal content: for local files size, mtime, ctime (ns) and inode. `null` when the file changed
   * so recently that a further change could leave the identity as it is.
   */
  readonly identity: string | null;
  /**
   * What {@link identity} is made of, given at any age: differing stamps mean another content; equal ones prove
   * nothing about a file that changed a moment ago.
   */
  readonly stamp: string;
  /** Names this content for good, where the store keeps what was overwritten. */
  readonly version?: string;
}

/** The version of a file, as a field that is there only where there is one. */
export const versionOf = ({ version }: { readonly version?: string }): { readonly version?: string } =>
  version === undefined ? {} : { version };

/**
 * Which content of a path is meant, as a listing or a manifest has it. Stores of objects then read this content or fail
 * with `SourceChanged`; local files are compared by their readers.
 */
export type FilePin = Pick<ListedFile, 'bytes' | 'identity' | 'version'>;

/** Where source files live. */
export interface Store {
  readonly name: string;
  /** Where it lies, for people. */
  readonly root: string;
  /**
   * Files that match a glob, or the one file of this path, sorted by path. A file that several links lead to is
   * listed once. @throws `SourceNotFound`, `SourceUnreadable`, `InvalidRequest`, `SourceChanged`
   */
  list(glob: string): Promise<ListedFile[]>;
  /** The file's bytes as stored. @throws `SourceNotFound`, `SourceUnreadable`, `SourceChanged` */
  read(path: string, pin?: FilePin): Readable;
  /** Opens the file for reading and for asking what is read. @throws as {@link read} */
  open(path: string, pin?: FilePin): Promise<OpenFile>;
  /** The file where programs on this machine can open it. Release it afterwards. @throws as {@link read}, `WorkerFull` */
  local(path: string, pin?: FilePin, signal?: AbortSignal): Promise<LocalFile>;
  /** The file as {@link list} shows it now, or as it was pinned. @throws `SourceNotFound`, `SourceChanged` */
  stat(path: string, pin?: FilePin): Promise<ListedFile>;
  /** Gives back connections. */
  close?(): void;
}

/** A file that programs on this machine can open. */
export interface LocalFile {
  readonly path: string;
  /** Of a copy that was made for the caller alone: the hash of its bytes. `null`: it is the file itself. */
  readonly sha256: string | null;
  /** The content that was copied, where the store keeps it; see {@link ListedFile.version}. */
  readonly version?: string;
  /** Removes a copy. */
  release(): Promise<void>;
}

/** A file that stays what it is while it is open, whatever its path leads to meanwhile. */
export interface OpenFile {
  /** The file as {@link Store.list} shows it now. */
  stat(): Promise<ListedFile>;
  /** Reads on into a buffer; resolves to how many bytes it has, 0 at the end of the file. */
  read(into: Buffer): Promise<number>;
  close(): Promise<void>;
}
