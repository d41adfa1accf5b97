import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FilePin, Store } from '../stores/store';
import { packingOf, unpack, type Unpacked } from './packing';
import { refuseForeignEncoding, utf8Bom } from './text-encoding';

/** A text file's content as UTF-8 without a byte-order mark, unpacked. */
export interface StoredText {
  readonly stream: Readable;
  /** Stored bytes read so far. */
  bytesRead(): number;
  /** Over the stored bytes read. Callable once, after the stream's end. */
  sha256(): string;
  /** Stored bytes that unpacking consumed, where it may stop before their end; else `null`. */
  consumed(): number | null;
}

const chunkBytes = 256 * 1024;

/** Opens a text file of a store. @throws `CorruptFile`, `InvalidEncoding`, and what the store throws */
export async function openText(store: Store, path: string, signal?: AbortSignal, pin?: FilePin): Promise<StoredText> {
  signal?.throwIfAborted();
  const raw = store.read(path, pin);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* tapped(): AsyncGenerator<Buffer> {
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  }
  let text: Unpacked;
  try {
    text = await plainText(tapped(), path, `${store.name}/${path}`);
  } catch (error) {
    raw.destroy();
    throw error;
  }
  const stream = Readable.from(text.bytes, { objectMode: false, highWaterMark: chunkBytes });
  tie(stream, raw, signal);
  return { stream, bytesRead: () => bytes, sha256: () => hash.digest('hex'), consumed: text.consumed };
}

/** Stored bytes as text: unpacked, without a byte-order mark. @throws `CorruptFile`, `InvalidEncoding` */
export async function plainText(stored: AsyncGenerator<Buffer>, path: string, object: string): Promise<Unpacked> {
  const head = ((await stored.next()).value as Buffer | undefined) ?? Buffer.alloc(0);
  const { bytes, consumed } = unpack(startingWith(head, stored), packingOf(head, path, object), object);
  return { bytes: withoutMark(bytes, object), consumed };
}

async function* startingWith(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length) yield head;
  yield* rest;
}

async function* withoutMark(text: AsyncIterable<Buffer>, object: string): AsyncGenerator<Buffer> {
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
}

function withoutBom(head: Buffer, object: string): Buffer {
  refuseForeignEncoding(head, object);
  return head.subarray(0, utf8Bom.length).equals(utf8Bom) ? head.subarray(utf8Bom.length) : head;
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
