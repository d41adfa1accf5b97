import { versionOf, type FilePin, type ListedFile, type OpenFile } from '../store';
import type { ObjectClient } from './object-client';
import { isPassing, objectFailure } from './object-failure';

/** What is asked for at once. Two such parts are in memory: one is read while the next is fetched. */
export const partBytes = 4 * 1024 * 1024;
const attempts = 4;
const firstWaitMs = 200;

/** An object that is read. */
export interface ObjectReading {
  readonly client: ObjectClient;
  readonly key: string;
  readonly file: ListedFile;
  /** For failures. */
  readonly object: string;
  readonly signal?: AbortSignal;
}

/** Opens the content of an object that a listing has shown. Every part is of this content, or reading fails. */
export function openObject(reading: ObjectReading): OpenFile {
  const stop = new AbortController();
  const { file } = reading;
  const pin: { -readonly [K in keyof FilePin]: FilePin[K] } = { ...file };
  let asked = 0;
  let next: Promise<Uint8Array> | null = null;
  let part: Uint8Array = new Uint8Array(0);
  const ahead = (): Promise<Uint8Array> | null => {
    if (asked >= file.bytes) return null;
    const from = asked;
    asked = Math.min(file.bytes, asked + partBytes);
    const coming = fetchPart({ ...reading, signal: stop.signal }, pin, from, asked - 1);
    // Whoever reads on hears of it.
    coming.catch(() => undefined);
    return coming;
  };
  return {
    stat: () => Promise.resolve({ ...file, ...versionOf(pin) }),
    async read(into) {
      if (part.length === 0) {
        const coming = next ?? ahead();
        if (!coming) return 0;
        part = await coming;
        next = ahead();
      }
      const taken = part.subarray(0, into.length);
      into.set(taken);
      part = part.subarray(taken.length);
      return taken.length;
    },
    close() {
      stop.abort();
      return Promise.resolve();
    },
  };
}

/** The bytes of an object as chunks of at most a part. */
export async function* objectChunks(reading: ObjectReading): AsyncGenerator<Buffer> {
  const file = openObject(reading);
  try {
    for (;;) {
      reading.signal?.throwIfAborted();
      const chunk = Buffer.allocUnsafe(Math.min(256 * 1024, Math.max(1, reading.file.bytes)));
      const bytes = await file.read(chunk);
      if (bytes === 0) return;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    await file.close();
  }
}

async function fetchPart(
  { client, key, object, signal }: ObjectReading,
  pin: { version?: string } & FilePin,
  from: number,
  to: number,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { bytes, version } = await client.read(key, pin, from, to, signal);
      // The first part tells which version it is of; the others are asked for by it.
      if (version !== undefined) pin.version = version;
      if (bytes.length === to - from + 1) return bytes;
      throw Object.assign(new Error('A part is shorter than it should be.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
    } catch (error) {
      signal?.throwIfAborted();
      // The client itself tries again until the answer begins, and not when it is cut off in the middle.
      if (attempt === attempts || !isPassing(client, error))
        throw objectFailure(client, error, { object, pinned: true });
      await new Promise((done) => setTimeout(done, firstWaitMs * 2 ** (attempt - 1)));
    }
  }
}
