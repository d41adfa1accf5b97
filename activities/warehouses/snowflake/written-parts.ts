import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { batchRows } from '../sql/batch-rows';
import type { BulkLoad } from '../sql/port';
import { csvRows } from './csv-rows';

/** Packed about a fifth: parts of which COPY reads many at once, and of which two are little on a worker's disk. */
const partBytes = 512 * 1024 * 1024;

/**
 * Writes the rows of a batch as packed CSV into files of a folder, and tells each once it is whole. Many small files of the batch are one part, and a
 * large one is several.
 */
export async function* writtenParts(load: BulkLoad, folder: string, most = partBytes): AsyncGenerator<string> {
  const rows = batchRows(load, csvRows(load.columns.map(({ name }) => name)));
  const { signal } = load.context;
  try {
    for (let part = 0; ; part++) {
      const first = await rows.next();
      if (first.done) return;
      const path = join(folder, `${part}.csv.gz`);
      const portion = Readable.from(portionOf(first.value, rows, most));
      await pipeline(portion, createGzip({ level: 1 }), createWriteStream(path), { signal });
      yield path;
    }
  } finally {
    await rows.return(0);
  }
}

async function* portionOf(first: Buffer, rows: AsyncGenerator<Buffer, number>, most: number): AsyncGenerator<Buffer> {
  let bytes = first.length;
  yield first;
  while (bytes < most) {
    const next = await rows.next();
    if (next.done) return;
    bytes += next.value.length;
    yield next.value;
  }
}
