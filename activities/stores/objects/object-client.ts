import type { FilePin } from '../store';

/** What a store of objects says of one, without reading it. */
export interface ObjectFacts {
  readonly key: string;
  readonly bytes: number;
  /** Equal identity, equal content. Names bucket and key as well, for it is compared across stores. */
  readonly identity: string;
  /** Names this content for good, where the bucket keeps what was overwritten. */
  readonly version?: string;
}

/** A part of an object, and what it is a part of. */
export interface ObjectPart {
  readonly bytes: Uint8Array;
  readonly version?: string;
}

/** The field of an object's metadata that holds the hash of its content. */
export const sha256Field = 'loadline-sha256';

/** A file of this machine that becomes an object. */
export interface NewObject {
  readonly key: string;
  /** Path of the file. */
  readonly file: string;
  readonly bytes: number;
  /** Kept with the object, so that an equal one is known without reading it. */
  readonly sha256: string;
  readonly contentType: string;
}

/** What can go wrong, in words that all vendors share. */
export type Trouble =
  | 'not-found'
  | 'no-bucket'
  | 'changed'
  | 'denied'
  | 'archived'
  | 'credentials'
  | 'clock'
  | 'region'
  | 'damaged'
  | 'unreachable';

/** An error of a vendor, told apart. */
export interface ToldApart {
  readonly trouble: Trouble;
  /** The vendor's code and status; never its message, which may quote headers or a signed URL. */
  readonly got: string;
}

/** The operations of one bucket. Errors are the vendor's own; {@link ObjectClient.tellApart} knows them. */
export interface ObjectClient {
  /** For people, such as `s3://bucket`. */
  readonly place: string;
  /** The objects whose keys begin with a text, a page at a time. */
  list(prefix: string): AsyncIterable<readonly ObjectFacts[]>;
  head(key: string, pin?: FilePin): Promise<ObjectFacts>;
  /** Bytes `from` to `to`, both included, of the pinned content. */
  read(key: string, pin: FilePin, from: number, to: number, signal?: AbortSignal): Promise<ObjectPart>;
  /** Makes the object; `exists`: there was one of this key, which stays as it is. */
  create(object: NewObject, signal?: AbortSignal): Promise<'made' | 'exists'>;
  /** The hash that {@link create} has kept with an object, if it has made it. */
  sha256Of(key: string): Promise<string | null>;
  /** `null`: an error of something else. */
  tellApart(error: unknown): ToldApart | null;
  close(): void;
}
