import { createHash } from 'node:crypto';
import { versionOf, type ListedFile, type OpenFile, type Store } from '../stores/store';
import { readCsvFacts, type TextFacts } from './csv-header';
import type { BatchFormat } from './file-format';
import { sourceChanged } from './hash-file';
import { readNdjsonFacts } from './ndjson-head';
import { plainText } from './stored-text';

/** What one reading of a text file tells. */
export interface FrozenText extends TextFacts {
  /** Of the bytes as stored, in hex. */
  readonly sha256: string;
  /** See `ListedFile.version`. */
  readonly version?: string;
}

/** What {@link freezeText} is told. */
export interface FreezeTextInput {
  readonly store: Store;
  readonly listed: ListedFile;
  readonly how: BatchFormat;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

const chunkBytes = 1024 * 1024;
/** A header is decoded with all of its chunk; what is wrong far behind it, the database tells by its line. */
const headBytes = 64 * 1024;

/**
 * Hashes a text file and looks at its head, in one reading.
 *
 * @throws `SourceChanged` if it is, or becomes, another than was listed; and what its head is refused for
 */
export async function freezeText(input: FreezeTextInput): Promise<FrozenText> {
  const { store, listed } = input;
  const file = await store.open(listed.path, listed);
  const refuseChanged = async (): Promise<ListedFile> => {
    const now = await file.stat();
    if (now.stamp !== listed.stamp) throw sourceChanged(store, listed.path);
    return now;
  };
  try {
    await refuseChanged();
    const read = await readText(file, input).catch(async (error: unknown) => {
      // A file that is half written is rarely readable; that it changed is then the better explanation.
      await refuseChanged();
      throw error;
    });
    return { ...read, ...versionOf(await refuseChanged()) };
  } finally {
    await file.close();
  }
}

async function readText(file: OpenFile, { store, listed, how, signal, onBytes }: FreezeTextInput): Promise<FrozenText> {
  const hash = createHash('sha256');
  const size = Math.min(chunkBytes, listed.bytes);
  let left = listed.bytes;
  const read = async (into: Buffer): Promise<Buffer | null> => {
    signal.throwIfAborted();
    // A file that has grown has another stamp, for which its end need not be felt for.
    const bytes = left > 0 ? await file.read(into) : 0;
    if (bytes === 0) return null;
    left -= bytes;
    hash.update(into.subarray(0, bytes));
    onBytes(bytes);
    return into.subarray(0, bytes);
  };
  async function* beginning(): AsyncGenerator<Buffer> {
    for (let chunk; (chunk = await read(Buffer.allocUnsafe(Math.min(headBytes, size))));) yield chunk;
  }
  const head = beginning();
  const facts = await readFacts(head, listed.path, how, `${store.name}/${listed.path}`);
  // Unpacking reads ahead: two readings of one file at once would be hashed in any order.
  await head.return(undefined);
  // Nobody keeps a chunk any more, so one buffer serves for the rest; a new one each would cost more than the reading.
  const buffer = Buffer.allocUnsafe(size);
  while (await read(buffer));
  return { ...facts, sha256: hash.digest('hex') };
}

async function readFacts(head: AsyncGenerator<Buffer>, path: string, { format, csv }: BatchFormat, object: string) {
  const { bytes } = await plainText(head, path, object);
  return format === 'ndjson' ? readNdjsonFacts(bytes, object) : readCsvFacts(bytes, csv, object);
}
