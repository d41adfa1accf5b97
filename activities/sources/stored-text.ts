import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
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
  const raw = store.read(path);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* tapped(): AsyncGenerator<Buffer> {
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
  const chunks = tapped();
  const head = (await chunks.next()).value as Buffer | undefined;
  let packed: boolean;
  try {
    packed = isPacked(head, path, object);
  } catch (error) {
    raw.destroy();
    throw error;
  }
  const gunzip = packed ? createGunzip({ chunkSize: chunkBytes }) : null;
  const source = startingWith(head, chunks);
  // Errors reach the consumer through the last stream; the callback only keeps them from being unhandled.
  const text = gunzip
    ? (pipeline(Readable.from(source, { objectMode: false }), gunzip, () => {}) as AsyncIterable<Buffer>)
    : source;
  const stream = Readable.from(clean(text, object), { objectMode: false, highWaterMark: chunkBytes });
  tie(stream, raw, signal);
  return {
    stream,
    bytesRead: () => bytes,
    sha256: () => hash.digest('hex'),
    unpackedBytes: () => gunzip?.bytesWritten ?? null,
  };
}

async function* startingWith(head: Buffer | undefined, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head) yield head;
  yield* rest;
}

/** Text cannot begin with gzip's magic number: its second byte starts no character of UTF-8. */
function isPacked(head: Buffer | undefined, path: string, object: string): boolean {
  const magic = head?.[0] === 0x1f && head[1] === 0x8b;
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

async function* clean(text: AsyncIterable<Buffer>, object: string): AsyncGenerator<Buffer> {
  try {
    let first: Buffer | null = Buffer.alloc(0);
    for await (const chunk of text) {
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

/** Closes the source with the result, and ends both with the signal's reason: a cancelled activity fails as cancelled. */
function tie(result: Readable, source: Readable, signal: AbortSignal | undefined): void {
  const abort = (): void => void source.destroy(signal?.reason as Error);
  signal?.addEventListener('abort', abort, { once: true });
  result.once('close', () => {
    signal?.removeEventListener('abort', abort);
    // A generator that never ran cannot close what it was to read.
    source.destroy();
  });
  if (signal?.aborted) abort();
}
