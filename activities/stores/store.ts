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
}

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
  /** The file's bytes as stored. @throws `SourceNotFound`, `SourceUnreadable` */
  read(path: string): Readable;
  /** Opens the file for reading and for asking what is read. @throws as {@link read} */
  open(path: string): Promise<OpenFile>;
  /** A path that programs on this machine can open. */
  localPath(path: string): string;
  /** The file as {@link list} shows it now. @throws `SourceNotFound` */
  stat(path: string): Promise<ListedFile>;
}

/** A file that stays what it is while it is open, whatever its path leads to meanwhile. */
export interface OpenFile {
  /** The file as {@link Store.list} shows it now. */
  stat(): Promise<ListedFile>;
  /** Reads on into a buffer; resolves to how many bytes it has, 0 at the end of the file. */
  read(into: Buffer): Promise<number>;
  close(): Promise<void>;
}
