import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';

const blockBytes = 128 * 1024;

/** A zstd frame of blocks that are stored as they are, which needs no encoder. */
export function zstd(content: string | Buffer, checksum?: number): Buffer {
  const bytes = Buffer.from(content);
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, checksum === undefined ? 0 : 4, 10 << 3])];
  for (let at = 0, last = false; !last; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    last = at + blockBytes >= bytes.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) + (last ? 1 : 0), 0, 3);
    parts.push(header, block);
  }
  if (checksum !== undefined) parts.push(word(checksum));
  return Buffer.concat(parts);
}

/** A frame that a reader steps over. */
export const skippable = (content: string): Buffer =>
  Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18]), word(content.length), Buffer.from(content)]);

/** Lines packed by a real encoder, without a checksum. */
export async function packedByDuck(lines: string): Promise<Buffer> {
  const path = join(tmpdir(), `zstd-${randomUUID()}`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT unnest(string_split($1, chr(10))) AS line) TO '${path}' (FORMAT csv, HEADER false, QUOTE '', DELIMITER '\x01', COMPRESSION zstd)`,
    [lines.replace(/\n$/, '')],
  );
  connection.closeSync();
  instance.closeSync();
  const packed = readFileSync(path);
  rmSync(path);
  return packed;
}

/** The same frame with the checksum that its content has, or another. */
export function withChecksum(frame: Buffer, checksum: number): Buffer {
  const marked = Buffer.concat([frame, word(checksum)]);
  marked[4]! |= 4;
  return marked;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
