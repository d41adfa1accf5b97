import { loadFailure } from '../../workflows/load-error';

/** A frame of a zstd file: packed data that ends by itself. */
export interface ZstdFrame {
  /** The frame in pieces: its header, its blocks, its checksum. To be read before the next frame. */
  readonly pieces: AsyncGenerator<Buffer>;
  /** Low 32 bits of the XXH64 of the unpacked data, where the frame has it; known once the pieces are read. */
  checksum(): number | null;
}

/** What libzstd takes unless told otherwise: a larger window is a demand for memory. */
const maxWindowBytes = 2 ** 27;
const skippableBytes = 64 * 1024;

/**
 * Splits a zstd file into its frames, without unpacking them. Neither Node's decoder nor fzstd goes on reliably behind
 * the end of a frame, and the latter compares no checksums; both see one frame at a time.
 *
 * @throws `CorruptFile`, `UnsupportedFormat`
 */
export async function* zstdFrames(chunks: AsyncIterable<Buffer>, object: string): AsyncGenerator<ZstdFrame> {
  const bytes = new ByteReader(chunks, object);
  while (!(await bytes.atEnd())) {
    const magic = await bytes.take(4);
    const word = magic.readUInt32LE();
    if (word >>> 4 === 0x184d2a5) {
      for (let left = (await bytes.take(4)).readUInt32LE(); left > 0; left -= skippableBytes) {
        await bytes.take(Math.min(left, skippableBytes));
      }
      continue;
    }
    if (word !== 0xfd2fb528) throw corrupt(object, 'zstd data', 'other data');
    let checksum: number | null = null;
    const pieces = frame(magic, bytes, object, (found) => (checksum = found));
    yield { pieces, checksum: () => checksum };
  }
}

async function* frame(magic: Buffer, bytes: ByteReader, object: string, found: (checksum: number) => void) {
  const descriptor = await bytes.take(1);
  const flags = descriptor[0]!;
  const single = (flags & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const rest = await bytes.take((single ? 0 : 1) + dictionaryBytes + sizeBytes);
  if (dictionaryBytes > 0) throw unsupported(object, 'zstd without a dictionary', 'zstd that needs a dictionary');
  const window = single ? contentBytes(rest) : windowBytes(rest[0]!);
  if (window > maxWindowBytes) {
    throw unsupported(object, `zstd with a window of at most ${maxWindowBytes} bytes`, 'one with a larger window');
  }
  yield Buffer.concat([magic, descriptor, rest]);
  for (let last = false; !last;) {
    const header = await bytes.take(3);
    const word = header.readUIntLE(0, 3);
    last = (word & 1) === 1;
    const kind = (word >> 1) & 3;
    if (kind === 3 || word >> 3 > 128 * 1024) throw corrupt(object, 'zstd data', 'damaged data');
    yield Buffer.concat([header, await bytes.take(kind === 1 ? 1 : word >> 3)]);
  }
  if (!(flags & 4)) return;
  const checksum = await bytes.take(4);
  found(checksum.readUInt32LE());
  yield checksum;
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

const contentBytes = (field: Buffer): number =>
  field.length === 8 ? Number(field.readBigUInt64LE()) : field.readUIntLE(0, field.length);

const corrupt = (object: string, expected: string, got: string): Error =>
  loadFailure('CorruptFile', { object, expected, got });

const unsupported = (object: string, expected: string, got: string): Error =>
  loadFailure('UnsupportedFormat', {
    object,
    expected,
    got,
    remedy: 'Pack the file again with the defaults, by `zstd -f data.csv`.',
  });

/** Takes exact numbers of bytes from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    chunks: AsyncIterable<Buffer>,
    private readonly object: string,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async atEnd(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return true;
      this.#rest = next.value;
    }
    return false;
  }

  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = bytes; missing > 0;) {
      if (await this.atEnd()) throw corrupt(this.object, 'a complete zstd file', 'one that ends early');
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}
