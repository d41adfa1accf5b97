import { Readable } from 'node:stream';
import { lineTooLong, maxLineBytes } from './ndjson-limits';
import { NdjsonScanner, type NdjsonScannerInput } from './ndjson-scanner';

/** Rows as text for COPY, and which line of the file a row was in. */
export interface NdjsonText {
  readonly stream: Readable;
  lineOf(row: number): number;
}

const newline = 0x0a;
const chunkBytes = 256 * 1024;

/** Turns NDJSON into lines of PostgreSQL's text format as it comes. The stream @throws what {@link NdjsonScanner} does, `RowTooLong` */
export function openNdjsonText(text: Readable, input: NdjsonScannerInput): NdjsonText {
  const scanner = new NdjsonScanner(input);
  const rows = rowsOf(text as AsyncIterable<Buffer>, scanner, input.object);
  const stream = Readable.from(rows, { objectMode: false, highWaterMark: chunkBytes });
  // A generator that never ran cannot close what it was to read.
  stream.once('close', () => void text.destroy());
  return { stream, lineOf: (row) => scanner.lineOf(row) };
}

async function* rowsOf(text: AsyncIterable<Buffer>, scanner: NdjsonScanner, object: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const keep = (part: Buffer): void => {
    if (part.length === 0) return;
    rest.push(part);
    restBytes += part.length;
    if (restBytes > maxLineBytes) throw lineTooLong(object, scanner.lines + 1);
  };
  for await (const chunk of text) {
    const end = chunk.lastIndexOf(newline) + 1;
    let start = 0;
    if (end > 0 && restBytes > 0) {
      start = chunk.indexOf(newline) + 1;
      keep(chunk.subarray(0, start));
      scanner.push(Buffer.concat(rest));
      rest = [];
      restBytes = 0;
    }
    scanner.push(chunk.subarray(start, end));
    keep(chunk.subarray(end));
    yield* scanner.take();
  }
  if (restBytes > 0) scanner.push(Buffer.concat([...rest, Buffer.from('\n')]));
  scanner.finish();
  yield* scanner.take();
}
