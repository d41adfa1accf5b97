import { TextDecoder } from 'node:util';
import { loadFailure } from '../../../workflows/load-error';
import { CopyCsv, type CopyRefusal } from '../../check/copy-csv';
import { CopyText } from '../../check/copy-text';
import type { FieldWriter } from '../../check/row-writer';
import type { ManifestFile } from '../../sources/manifest';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import type { BulkLoad } from './port';
import { textReader } from './text-formats';
import type { ValueReader } from './values';

/** A column that rows are written with. */
export interface FieldColumn {
  readonly name: string;
  /** Makes of a field's text what is written; `null`: the text is no value of the column. @default the text */
  readonly value?: ValueReader;
}

/** Writes rows in the form of a warehouse. */
export interface RowsWriter extends FieldWriter {
  /** Rows so far. */
  readonly rows: number;
  /** Takes the whole rows that are written. */
  take(last?: boolean): Buffer[];
}

/** The form in which a warehouse takes rows. */
export interface RowsForm {
  /** For each field of the source, in order, its column; `null`: nobody wants it. `refuse`: why a row is not taken. */
  writer(columns: readonly (FieldColumn | null)[], refuse: (column: FieldColumn, line: number) => Error): RowsWriter;
  /** See {@link FieldColumn.value}, by the types of contract and column. */
  valueReader(type: string, columnType: string): ValueReader | undefined;
  /** How text is written that any column takes. */
  text(text: string): string;
}

/** Told now and then: rows and bytes read of this file. */
export type Tell = (rows: number, bytesRead: number) => void;

/**
 * The rows of one file of a batch as a warehouse's writer writes them, and at the end how many they are. What does not fit is told by its
 * file and line, as on any warehouse.
 *
 * @throws `InvalidValue`, `RaggedRow`, `MissingColumn`, `InvalidEncoding`, `SourceChanged`, …
 */
export async function* fileRows(
  input: BulkLoad,
  file: ManifestFile,
  form: RowsForm,
  tell: Tell,
): AsyncGenerator<Buffer, number> {
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
  const columns = inFile.map((from) => columnOf(input, from, form));
  const rows = form.writer(columns, (column, line) => misfit(input, file, column, opened.lineOf?.(line) ?? line));
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
function columnOf({ columns, target, batch }: BulkLoad, from: string, form: RowsForm): FieldColumn | null {
  const column = columns.find((c) => c.from === from);
  if (column === undefined) return null;
  const contract = target.contract.columns[column.name]!;
  const value = form.valueReader(contract.type, column.type);
  const iso = (contract.format ?? 'iso') === 'iso' || batch.manifest.repairs !== undefined;
  if (iso) return { name: column.name, ...(value && { value }) };
  const read = textReader(contract);
  return {
    name: column.name,
    value: (field) => {
      const text = read(field);
      return text === null ? null : (value ?? form.text)(text);
    },
  };
}

/** Says the file, the line, the column and the type; never the value. */
function misfit({ target }: BulkLoad, { path }: ManifestFile, { name }: FieldColumn, line: number): Error {
  const { type, format } = target.contract.columns[name]!;
  return loadFailure('InvalidValue', {
    object: `${path}, column ${name}`,
    expected: format ? `${type} written as ${format}` : type,
    got: `another value in line ${line}`,
  });
}

async function* read(
  opened: RowStream,
  writer: RowsWriter,
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
