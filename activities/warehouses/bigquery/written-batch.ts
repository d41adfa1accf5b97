import { Readable, pipeline } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGzip } from 'node:zlib';
import { loadFailure } from '../../../workflows/load-error';
import { CopyCsv, type CopyRefusal } from '../../check/copy-csv';
import { CopyText } from '../../check/copy-text';
import { requireColumnOrder } from '../../sources/column-order';
import type { ManifestFile } from '../../sources/manifest';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import type { BulkLoad } from '../sql/port';
import { JsonRows, type JsonColumn } from './json-rows';
import { textReader } from '../sql/text-formats';
import { valueReader, type ValueReader } from './values';

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
    const rows = yield* fileLines(input, file, tell);
    count(rows);
    done += rows;
    bytes += file.bytes;
    tell(0, 0);
  }
}

type Tell = (rows: number, bytesRead: number) => void;

async function* fileLines(input: BulkLoad, file: ManifestFile, tell: Tell): AsyncGenerator<Buffer, number> {
  const { contract } = input.target;
  const { store, manifest } = input.batch;
  const required = (name: string): boolean =>
    contract.columns[name]?.notNull === true || (contract.key?.includes(name) ?? false);
  const wanted = input.columns.map(({ name, from }) => ({
    from,
    nested: contract.columns[name]?.type === 'json',
    required: required(name),
  }));
  const extraColumns = contract.extraColumns ?? 'refuse';
  const opened = await openRows({ store, manifest, file, wanted, extraColumns, signal: input.context.signal });
  const inFile = opened.columns?.length ? opened.columns : wanted.map(({ from }) => from);
  const rows = new JsonRows({
    columns: inFile.map((from) => jsonColumn(input, file, from)),
    refuse: (column, line) => misfit(input, file, column, opened.lineOf?.(line) ?? line),
  });
  try {
    yield* read(opened, rows, inFile.length, file, manifest.format === 'csv', tell);
    await opened.verify();
  } finally {
    opened.stream.destroy();
  }
  if (file.rows !== null && rows.rows !== file.rows)
    throw loadFailure('SourceChanged', { object: file.path, expected: `${file.rows} rows`, got: `${rows.rows}` });
  return rows.rows;
}

/** How a field of the file is written: by its format in the contract, and then as the column's type has it. */
function jsonColumn({ columns, target, batch }: BulkLoad, file: ManifestFile, from: string): JsonColumn | null {
  const column = columns.find((c) => c.from === from);
  if (column === undefined) return null;
  const contract = target.contract.columns[column.name]!;
  const value = valueReader(contract.type, column.type);
  const iso = (contract.format ?? 'iso') === 'iso' || batch.manifest.repairs !== undefined;
  if (iso) return { name: column.name, ...(value && { json: value }) };
  const read = textReader(contract, file.path, from);
  return { name: column.name, json: (text) => formatted(text, read, value ?? JSON.stringify) };
}

/** The reader of a format fails with text of another form, which is told with its line like any other misfit. */
function formatted(text: string, read: (text: string) => string, value: ValueReader): string | null {
  try {
    return value(read(text));
  } catch {
    return null;
  }
}

/** Says the file, the line, the column and the type; never the value. */
function misfit({ target }: BulkLoad, { path }: ManifestFile, { name }: JsonColumn, line: number): Error {
  const { type, format } = target.contract.columns[name]!;
  return loadFailure('InvalidValue', {
    object: `${path}, column ${name}`,
    expected: format ? `${type} written as ${format}` : type,
    got: `another value in line ${line}`,
  });
}

async function* read(
  opened: RowStream,
  writer: JsonRows,
  fields: number,
  file: ManifestFile,
  isCsv: boolean,
  tell: Tell,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const refuse = (why: CopyRefusal, line: number): Error => refused(why, file.path, opened.lineOf?.(line) ?? line);
  const numbered = isCsv ? 'lines' : 'rows';
  const reader = opened.csv ? new CopyCsv({ csv: opened.csv, fields, writer, numbered, refuse }) : new CopyText(writer);
  let told = Date.now();
  for await (const chunk of opened.stream as AsyncIterable<Buffer>) {
    decode(decoder, file.path, chunk);
    reader.push(chunk);
    yield* writer.take();
    if (Date.now() - told < 1_000) continue;
    told = Date.now();
    tell(writer.rows, opened.bytesRead());
  }
  decode(decoder, file.path);
  if (reader instanceof CopyCsv) reader.end();
  yield* writer.take(true);
}

function decode(decoder: InstanceType<typeof TextDecoder>, object: string, chunk?: Buffer): void {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw loadFailure('InvalidEncoding', { object, cause });
  }
}

function refused(why: CopyRefusal, object: string, line: number): Error {
  const got = `line ${line}`;
  if (why === 'zero')
    return loadFailure('InvalidValue', {
      what: 'A text holds a zero byte.',
      object,
      got,
      remedy: 'Remove zero bytes at the source.',
    });
  return loadFailure('RaggedRow', { object, got });
}
