import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { loadFailure } from '../../workflows/load-error';
import { type ZstdFrame, zstdFrames } from './zstd-frames';

/** Unpacks the frames of a zstd file as they come. @throws `CorruptFile`, `UnsupportedFormat` */
export async function* unzstd(chunks: AsyncIterable<Buffer>, object: string): AsyncGenerator<Buffer> {
  const { createZstdDecompress: native } = zlib as { createZstdDecompress?: () => Transform };
  for await (const frame of zstdFrames(chunks, object)) {
    yield* native ? byNode(native(), frame, object) : byFzstd(frame, object);
  }
}

async function* byNode(decoder: Transform, { pieces }: ZstdFrame, object: string): AsyncGenerator<Buffer> {
  try {
    // Errors reach the consumer through the last stream; the callback only keeps them from being unhandled.
    yield* pipeline(Readable.from(pieces, { objectMode: false }), decoder, () => {}) as AsyncIterable<Buffer>;
  } catch (error) {
    throw String((error as { code?: unknown }).code).startsWith('ZSTD_') ? damaged(object, error) : error;
  }
}

/** Node has zstd from 22.15 on. */
async function* byFzstd({ pieces, checksum }: ZstdFrame, object: string): AsyncGenerator<Buffer> {
  const { default: xxhash } = await import('xxhash-wasm');
  const hash = (await xxhash()).create64();
  let unpacked: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => unpacked.push(chunk));
  const end = new Uint8Array(0);
  for await (const piece of andThen<Uint8Array>(pieces, end)) {
    try {
      decoder.push(piece, piece === end);
    } catch (cause) {
      throw damaged(object, cause);
    }
    for (const chunk of unpacked) {
      if (chunk.length === 0) continue;
      hash.update(chunk);
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
    unpacked = [];
  }
  const wanted = checksum();
  if (wanted !== null && Number(hash.digest() & 0xffffffffn) !== wanted) throw damaged(object);
}

async function* andThen<T>(items: AsyncIterable<T>, last: T): AsyncGenerator<T> {
  yield* items;
  yield last;
}

const damaged = (object: string, cause?: unknown): Error =>
  loadFailure('CorruptFile', { object, expected: 'a complete zstd file', got: 'one with damaged data', cause });
