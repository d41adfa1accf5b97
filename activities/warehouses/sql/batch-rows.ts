import { fileRows, type RowsForm } from './file-rows';
import type { BulkLoad } from './port';

/**
 * The rows of all files of a batch, one after the other, and at the end how many they are. What does not fit is told by its file and
 * line, as on any warehouse.
 */
export async function* batchRows(input: BulkLoad, form: RowsForm): AsyncGenerator<Buffer, number> {
  const { files } = input.batch.manifest;
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let [done, bytes] = [0, 0];
  for (const file of files) {
    const tell = (rows: number, read: number): void =>
      input.context.progress({ step: 'stage', rows: done + rows, bytes: bytes + read, totalBytes, detail: file.path });
    done += yield* fileRows(input, file, form, tell);
    bytes += file.bytes;
    tell(0, 0);
  }
  return done;
}
