import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { requireColumnOrder } from '../../sources/column-order';
import { fileRows, type RowsForm } from '../sql/file-rows';
import type { BulkLoad } from '../sql/port';
import { valueReader } from '../sql/values';
import { JsonRows } from './json-rows';

const jsonRows: RowsForm = {
  writer: (columns, refuse) => new JsonRows(columns, refuse),
  valueReader,
  text: JSON.stringify,
};

/** The rows of a batch as packed lines of JSON, and how many they are once the stream has ended. */
export interface WrittenBatch {
  readonly stream: Readable;
  rows(): number;
}

/**
 * Reads all files of a batch through this worker. What does not fit is told by its file and line, as on any warehouse; the stream
 * fails with it, so that no file counts as whole that is not.
 */
export function writeBatch(input: BulkLoad): WrittenBatch {
  requireColumnOrder(input.batch.manifest, input.target.contract);
  let rows = 0;
  const lines = Readable.from(
    linesOf(input, (more) => (rows += more)),
    { objectMode: false },
  );
  const packed = createGzip({ level: 1 });
  pipeline(lines, packed, () => undefined);
  return { stream: packed, rows: () => rows };
}

async function* linesOf(input: BulkLoad, count: (rows: number) => void): AsyncGenerator<Buffer> {
  const { files } = input.batch.manifest;
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let [done, bytes] = [0, 0];
  for (const file of files) {
    const tell = (rows: number, read: number): void =>
      input.context.progress({ step: 'stage', rows: done + rows, bytes: bytes + read, totalBytes, detail: file.path });
    const rows = yield* fileRows(input, file, jsonRows, tell);
    count(rows);
    done += rows;
    bytes += file.bytes;
    tell(0, 0);
  }
}
