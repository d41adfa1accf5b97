import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import type { TableContract } from '../../workflows/table-contract';
import { loadFailure } from '../../workflows/load-error';
import { requireColumnOrder } from '../sources/column-order';
import { duckText, type Duck } from '../sources/duck';
import type { Manifest, ManifestFile } from '../sources/manifest';
import { openRows } from '../sources/open-rows';
import type { RowStream, WantedColumn } from '../sources/row-stream';
import { CopyCsv, type CopyRefusal } from './copy-csv';
import { CopyText } from './copy-text';
import type { OpenBatch } from './open-batch';
import { RowWriter } from './row-writer';

/** A file whose rows are in the table `raw`: text columns `r0`, `r1`, … in the contract's order, and `n`. */
export interface ReadFile {
  readonly file: ManifestFile;
  /** What the number `n` of a row counts. */
  readonly numbered: 'lines' | 'rows';
  lineOf(n: number): number;
}

/** The columns of a contract, as a source is asked for them. */
export function wantedColumns({ columns, key }: TableContract): WantedColumn[] {
  return Object.entries(columns).map(([name, c]) => ({
    from: c.from ?? name,
    nested: c.type === 'json',
    required: c.notNull === true || (key?.includes(name) ?? false),
  }));
}

/** Reads one file of a batch into the table `raw`, as COPY would. @throws what `openRows` and `requireColumnOrder` do, `RaggedRow`, `InvalidValue` */
export async function readRows(
  duck: Duck,
  { store, manifest }: OpenBatch,
  file: ManifestFile,
  contract: TableContract,
): Promise<ReadFile> {
  requireColumnOrder(manifest, contract);
  const wanted = wantedColumns(contract);
  const { signal } = new AbortController();
  const extraColumns = contract.extraColumns ?? 'refuse';
  const rows = await openRows({ store, manifest, file, wanted, extraColumns, signal });
  const inFile = rows.columns?.length ? rows.columns : wanted.map(({ from }) => from);
  const numbered = manifest.format === 'csv' ? 'lines' : 'rows';
  const path = join(duck.folder, 'rows.csv');
  await pipeline(Readable.from(plainRows(rows, { file, manifest, fields: inFile.length })), createWriteStream(path));
  await rows.verify();
  await duck.connection.run(createRaw(path, inFile, wanted));
  await rm(path);
  return { file, numbered, lineOf: (n) => rows.lineOf?.(n) ?? n };
}

interface Plain {
  readonly file: ManifestFile;
  readonly manifest: Manifest;
  readonly fields: number;
}

async function* plainRows({ stream, csv }: RowStream, { file, manifest, fields }: Plain): AsyncGenerator<Buffer> {
  const writer = new RowWriter();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const refuse = (why: CopyRefusal, line: number): Error => refused(why, file.path, line);
  const numbered = manifest.format === 'csv' ? 'lines' : 'rows';
  const reader = csv ? new CopyCsv({ csv, fields, writer, numbered, refuse }) : new CopyText(writer);
  const decode = (chunk?: Buffer): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw loadFailure('InvalidEncoding', { object: file.path, cause });
    }
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    decode(chunk);
    reader.push(chunk);
    yield* writer.take();
  }
  decode();
  if (reader instanceof CopyCsv) reader.end();
  yield* writer.take(true);
}

function refused(why: CopyRefusal, object: string, line: number): Error {
  const got = `line ${line}`;
  if (why === 'zero')
    return loadFailure('InvalidValue', {
      what: 'A text holds a zero byte, which no text of a table may hold.',
      object,
      got,
      remedy: 'Remove zero bytes at the source.',
    });
  return loadFailure('RaggedRow', { object, got });
}

/** The longest row that DuckDB is let read. */
export const maxRowBytes = 32 * 1024 * 1024;

function createRaw(path: string, inFile: readonly string[], wanted: readonly WantedColumn[]): string {
  const struct = ['', ...inFile, ''].map((_, index) => `f${index}: 'VARCHAR'`).join(', ');
  const columns = wanted.map(({ from }, index) => `f${inFile.indexOf(from) + 1} AS r${index}`);
  const relation = `read_csv(${duckText(path)}, auto_detect = false, columns = {${struct}}, header = false, delim = ',',
    quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, null_padding = false, skip = 0,
    comment = '', max_line_size = ${maxRowBytes}, buffer_size = 67108864)`;
  return `CREATE OR REPLACE TEMP TABLE raw AS SELECT ${columns.join(', ')}, f${inFile.length + 1}::BIGINT AS n FROM ${relation}`;
}
