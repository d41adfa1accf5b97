import { pipeline, Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { loadFailure } from '../../workflows/load-error';
import { refusedMagic } from './refused-format';
import { unzstd } from './zstd';

/** What a text file is packed with. */
export type Packing = 'gzip' | 'zstd';

const endings: Readonly<Record<Packing, string>> = { gzip: '.gz', zstd: '.zst' };
const textEnding = /\.(csv|tsv|ndjson|jsonl)$/;
const chunkBytes = 256 * 1024;

/**
 * Tells by the first bytes what a text file is packed with; text cannot begin like that, for the second byte of either
 * magic number starts no character of UTF-8. An ending that says otherwise is a mistake of somebody's.
 *
 * @throws `CorruptFile`, `UnsupportedFormat`
 */
export function packingOf(head: Buffer, path: string, object: string): Packing | null {
  const lower = path.toLowerCase();
  const named = (Object.keys(endings) as Packing[]).find((packing) => lower.endsWith(endings[packing])) ?? null;
  const found = magicOf(head, named);
  if (found === null) refuseForeign(head, object);
  if (named !== null && found !== named) {
    throw loadFailure('CorruptFile', {
      object,
      expected: `${named}, by the ending`,
      got: found ?? `bytes that are not ${named}`,
    });
  }
  if (found === null || named !== null || !textEnding.test(lower)) return found;
  throw loadFailure('CorruptFile', {
    what: 'A text file is packed but not named so.',
    object,
    expected: 'text, by the ending',
    got: found,
    remedy: `Add ${endings[found]} to its name, or unpack it.`,
  });
}

function magicOf(head: Buffer, named: Packing | null): Packing | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length < 4) return null;
  const word = head.readUInt32LE();
  // A frame to be skipped may come first; its magic number could be text.
  return word === 0xfd2fb528 || (named === 'zstd' && word >>> 4 === 0x184d2a5) ? 'zstd' : null;
}

function refuseForeign(head: Buffer, object: string): void {
  const refused = refusedMagic(head);
  if (refused) throw loadFailure('UnsupportedFormat', { object, got: 'the first bytes of such a file', ...refused });
}

/** Bytes as they were before packing. */
export interface Unpacked {
  readonly bytes: AsyncIterable<Buffer>;
  /** Stored bytes that unpacking consumed, where it may stop before their end; else `null`. */
  consumed(): number | null;
}

/** Unpacks bytes as they come, whatever they grow to. The iterable @throws `CorruptFile` */
export function unpack(stored: AsyncIterable<Buffer>, packing: Packing | null, object: string): Unpacked {
  if (packing === null) return { bytes: stored, consumed: () => null };
  if (packing === 'zstd') return { bytes: unzstd(stored, object), consumed: () => null };
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  return { bytes: gunzipped(stored, gunzip, object), consumed: () => gunzip.bytesWritten };
}

async function* gunzipped(stored: AsyncIterable<Buffer>, gunzip: Gunzip, object: string): AsyncGenerator<Buffer> {
  try {
    // Errors reach the consumer through the last stream; the callback only keeps them from being unhandled.
    yield* pipeline(Readable.from(stored, { objectMode: false }), gunzip, () => {}) as AsyncIterable<Buffer>;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('Z_')) throw error;
    throw loadFailure('CorruptFile', {
      object,
      expected: 'a complete gzip file',
      got: code === 'Z_BUF_ERROR' ? 'one that ends early' : 'one with damaged data',
      cause: error,
    });
  }
}
