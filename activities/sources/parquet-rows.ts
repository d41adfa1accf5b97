import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { type Duck, openDuck, parquetFailure } from './duck';
import { openFifo } from './fifo';
import { copyAsCsv } from './parquet-sql';
import type { ParquetColumn } from './parquet-facts';

/** A query runs on a thread of libuv's pool until its end. Two threads must stay free for files and name look-ups. */
const copies = pLimit(Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 2));
const chunkBytes = 256 * 1024;

/** What a Parquet file is read with. */
export interface ParquetReading {
  readonly local: string;
  /** For failures. */
  readonly object: string;
  readonly signal: AbortSignal;
  readonly tempFile?: boolean;
  /** Finds the columns to read, on the connection that then reads them. */
  columns(duck: Duck): Promise<readonly ParquetColumn[]>;
}
/** The rows of a Parquet file as CSV text, and how much of the file has been read, from 0 to 1. */
export interface ParquetText {
  readonly stream: Readable;
  fraction(): number;
}

/** Opens a Parquet file as CSV text without header. The stream ends only after DuckDB has reported success. */
export function openParquetText(reading: ParquetReading): Promise<ParquetText> {
  return new Promise((resolve, reject) => {
    // An event that has happened already is not heard of again.
    reading.signal.throwIfAborted();
    const giveUp = (): void => reject(reading.signal.reason as Error);
    reading.signal.addEventListener('abort', giveUp, { once: true });
    // The slot is held until the stream is closed, not until it is open.
    void copies(async () => {
      try {
        reading.signal.throwIfAborted();
        const duck = await openDuck();
        const opened = await start(duck, reading).catch(async (error: unknown) => {
          await duck.close();
          throw error;
        });
        resolve(opened);
        await opened.closed;
      } catch (error) {
        reject(error as Error);
      } finally {
        reading.signal.removeEventListener('abort', giveUp);
      }
    });
  });
}

async function start(duck: Duck, reading: ParquetReading): Promise<ParquetText & { closed: Promise<void> }> {
  const { signal, object, local } = reading;
  const columns = await reading.columns(duck);
  const target = join(duck.folder, 'rows.csv');
  const fifo = reading.tempFile ? null : await openFifo(target);
  if (signal.aborted) {
    fifo?.reader.destroy();
    fifo?.release();
    throw signal.reason;
  }
  const interrupt = (): void => duck.connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  const copied = duck.connection
    .run(copyAsCsv(local, columns, target))
    .then(() => {})
    .catch((error: unknown) => {
      throw signal.aborted ? signal.reason : parquetFailure(error, object);
    })
    .finally(() => {
      signal.removeEventListener('abort', interrupt);
      fifo?.release();
    });
  // Without a FIFO the text is complete before it is read.
  if (!fifo) await copied;
  else copied.catch(() => {});
  const source = fifo?.reader ?? createReadStream(target, { highWaterMark: chunkBytes });
  let done = false;
  const { stream, closed } = relay({ source, copied, signal, interrupt }, () => {
    done = true;
    return duck.close();
  });
  const fraction = (): number => (done ? 1 : Math.max(0, duck.connection.progress.percentage) / 100);
  return { stream, fraction, closed };
}

interface Relayed {
  readonly source: Readable;
  readonly copied: Promise<void>;
  readonly signal: AbortSignal;
  interrupt(): void;
}

/** Passes a source on, ends when `copied` has succeeded as well, and cleans up however it ends. */
function relay({ source, copied, signal, interrupt }: Relayed, cleanUp: () => Promise<void>) {
  const pass = (chunk: Buffer): void => void (stream.push(chunk) || source.pause());
  const fail = (error: Error): void => void stream.destroy(error);
  const abort = (): void => fail(signal.reason as Error);
  const stream = new Readable({
    highWaterMark: chunkBytes,
    read: () => void source.resume(),
    destroy: (error, done) => {
      signal.removeEventListener('abort', abort);
      source.off('data', pass);
      void stop(source, copied, interrupt)
        .then(cleanUp)
        .then(
          () => done(error),
          (failure: Error) => done(error ?? failure),
        );
    },
  });
  signal.addEventListener('abort', abort, { once: true });
  source.on('data', pass).on('error', fail);
  source.on('end', () => void copied.then(() => stream.push(null), fail));
  copied.catch(fail);
  source.pause();
  if (signal.aborted) abort();
  return { stream, closed: new Promise<void>((resolve) => stream.once('close', resolve)) };
}

/**
 * Brings a copy to its end, finished or not. The reading end stays open and is emptied meanwhile: DuckDB may wait for
 * room in the FIFO, or be about to open it, which without a reader would block for ever. And it is interrupted again
 * and again, because an interrupt that comes before the query begins is forgotten.
 */
async function stop(source: Readable, copied: Promise<void>, interrupt: () => void): Promise<void> {
  source.resume();
  interrupt();
  const again = setInterval(interrupt, 20);
  await copied.catch(() => {});
  clearInterval(again);
  if (source.closed) return;
  await new Promise((resolve) => source.once('close', resolve).destroy());
}
