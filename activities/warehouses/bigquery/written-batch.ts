import { Readable, pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { requireColumnOrder } from '../../sources/column-order';
import { batchRows } from '../sql/batch-rows';
import type { RowsForm } from '../sql/file-rows';
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
  const counted = async function* (): AsyncGenerator<Buffer> {
    rows = yield* batchRows(input, jsonRows);
  };
  const lines = Readable.from(counted(), { objectMode: false });
  const packed = createGzip({ level: 1 });
  pipeline(lines, packed, () => undefined);
  return { stream: packed, rows: () => rows };
}
