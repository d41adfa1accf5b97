import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { loadFailure } from '../../workflows/load-error';
import type { Store } from '../stores/store';
import { refuseForeignEncoding, utf8Bom } from './text-encoding';

/** A text file's content as UTF-8 without a byte-order mark, unpacked. */
export interface StoredText {
  readonly stream: Readable;
  /** Stored bytes read so far. */
  bytesRead(): number;
  /** Over the stored bytes read. Callable once, after the stream's end. */
  sha256(): string;
  /** Stored bytes that unpacking consumed; `null` for a file that is not packed. */
  unpackedBytes(): number | null;
}

const chunkBytes = 256 * 1024;

/** Opens a text file of a store. @throws `CorruptFile`, `InvalidEncoding`, and what the store throws */
export async function openText(store: Store, path: string, signal?: AbortSignal): Promise<StoredText> {
  const object = `${store.name}/${path}`;
  signal?.throwIfAborted();
  const packed = await isPacked(store, path, object);
  const hash = createHash('sha256');
  let bytes = 0;
  const tap = new Transform({
    highWaterMark: chunkBytes,
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const raw = store.read(path);
  const gunzip = packed ? createGunzip({ chunkSize: chunkBytes }) : null;
  // Errors reach the consumer through the last stream; the callback only keeps them from being unhandled.
  const text = gunzip ? pipeline(raw, tap, gunzip, () => {}) : pipeline(raw, tap, () => {});
  const stream = Readable.from(clean(text, object), { objectMode: false, highWaterMark: chunkBytes });
  abortWith(signal, raw, stream);
  return {
    stream,
    bytesRead: () => bytes,
    sha256: () => hash.digest('hex'),
    unpackedBytes: () => gunzip?.bytesWritten ?? null,
  };
}

/** The first bytes of a file as stored, up to one chunk. */
export async function readHead(store: Store, path: string): Promise<Buffer> {
  for await (const chunk of store.read(path) as AsyncIterable<Buffer>) return chunk;
  return Buffer.alloc(0);
}

/** Text cannot begin with gzip's magic number: its second byte starts no character of UTF-8. */
async function isPacked(store: Store, path: string, object: string): Promise<boolean> {
  const head = await readHead(store, path);
  const magic = head[0] === 0x1f && head[1] === 0x8b;
  const lower = path.toLowerCase();
  if (lower.endsWith('.gz') && !magic) {
    throw loadFailure('CorruptFile', { object, expected: 'gzip, by the ending', got: 'bytes that are not gzip' });
  }
  if (/\.[ct]sv$/.test(lower) && magic) {
    throw loadFailure('CorruptFile', {
      what: 'A text file is packed but not named so.',
      object,
      expected: 'text, by the ending',
      got: 'gzip',
      remedy: 'Name the file .csv.gz or .tsv.gz, or unpack it.',
    });
  }
  return magic;
}

async function* clean(text: Readable, object: string): AsyncGenerator<Buffer> {
  try {
    let first: Buffer | null = Buffer.alloc(0);
    for await (const chunk of text as AsyncIterable<Buffer>) {
      if (first === null) {
        yield chunk;
        continue;
      }
      first = Buffer.concat([first, chunk]);
      if (first.length < utf8Bom.length) continue;
      yield withoutBom(first, object);
      first = null;
    }
    if (first?.length) yield withoutBom(first, object);
  } catch (error) {
    throw asCorruptFile(error, object);
  }
}

function withoutBom(head: Buffer, object: string): Buffer {
  refuseForeignEncoding(head, object);
  return head.subarray(0, utf8Bom.length).equals(utf8Bom) ? head.subarray(utf8Bom.length) : head;
}

function asCorruptFile(error: unknown, object: string): unknown {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || !code.startsWith('Z_')) return error;
  const truncated = code === 'Z_BUF_ERROR';
  return loadFailure('CorruptFile', {
    object,
    expected: 'a complete gzip file',
    got: truncated ? 'one that ends early' : 'one with damaged data',
    cause: error,
  });
}

/** Ends a chain of streams with the signal's reason; a cancelled activity must fail as cancelled. */
function abortWith(signal: AbortSignal | undefined, source: Readable, result: Readable): void {
  if (!signal) return;
  const abort = (): void => void source.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  result.once('close', () => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
}
