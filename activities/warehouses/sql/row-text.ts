import { parse } from 'csv-parse';
import type { ManifestFile } from '../../sources/manifest';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import { loadFailure } from '../../../workflows/load-error';
import { baseType } from './columns';
import type { BulkLoad } from './port';
import { textReader } from './text-formats';

/** The rows of one file of a batch as CSV in the order of the stage's columns: quotes around every value, nothing for NULL. */
export interface CsvText {
  readonly lines: AsyncIterable<string>;
  /** After the last line. @throws `SourceChanged` unless the bytes read have the manifest's hash */
  verify(): Promise<void>;
}

/** Opens a file of a batch as {@link CsvText}, whatever its format is. @throws `MissingColumn`, `InvalidValue`, … */
export async function csvOf(
  { batch, columns, target, context }: Pick<BulkLoad, 'batch' | 'columns' | 'target' | 'context'>,
  file: ManifestFile,
): Promise<CsvText> {
  const { contract } = target;
  const wanted = columns.map(({ name, from }) => {
    const c = contract.columns[name]!;
    const required = c.notNull === true || (contract.key?.includes(name) ?? false);
    return { from, nested: baseType(c.type) === 'json', required };
  });
  const opened = await openRows({
    ...batch,
    file,
    wanted,
    extraColumns: contract.extraColumns ?? 'refuse',
    signal: context.signal,
  });
  const inFile = opened.columns?.length ? opened.columns : columns.map((c) => c.from);
  const readers = columns.map(({ name, from }) => ({
    at: inFile.indexOf(from),
    read: textReader(contract.columns[name]!, file.path, from),
  }));
  return { lines: linesOf(opened, file, inFile.length, readers), verify: () => opened.verify() };
}

interface Reader {
  readonly at: number;
  readonly read: (text: string) => string;
}

async function* linesOf(
  rows: RowStream,
  file: ManifestFile,
  width: number,
  readers: readonly Reader[],
): AsyncGenerator<string> {
  let text: string[] = [];
  let size = 0;
  for await (const fields of rows.csv ? csvFields(rows, file, width) : tabFields(rows)) {
    const line = `${readers.map(({ at, read }) => quoted(fields[at], read)).join(',')}\n`;
    text.push(line);
    size += line.length;
    if (size < 65_536) continue;
    yield text.join('');
    text = [];
    size = 0;
  }
  if (text.length) yield text.join('');
}

const quoted = (value: string | null | undefined, read: (text: string) => string): string =>
  value === null || value === undefined ? '' : `"${read(value).replaceAll('"', '""')}"`;

async function* csvFields(rows: RowStream, file: ManifestFile, width: number): AsyncGenerator<(string | null)[]> {
  const { delimiter, quote, escape, nullText, header } = rows.csv!;
  const parser = parse({
    delimiter,
    quote,
    escape,
    bom: true,
    from_line: header ? 2 : 1,
    relax_column_count: true,
    // What stands in quotes is a value, even where it reads as NULL.
    cast: (value, { quoting }) => (!quoting && value === nullText ? (null as unknown as string) : value),
  });
  rows.stream.on('error', (error) => parser.destroy(error));
  rows.stream.pipe(parser);
  let line = header ? 1 : 0;
  try {
    for await (const fields of parser as AsyncIterable<(string | null)[]>) {
      line++;
      if (fields.length !== width)
        throw loadFailure('RaggedRow', {
          object: file.path,
          expected: `${width} fields`,
          got: `${fields.length} in row ${line}`,
        });
      yield fields;
    }
  } finally {
    rows.stream.destroy();
  }
}

const unescaped: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Lines with tabs between values, backslash escapes, and `\N` for NULL. */
async function* tabFields(rows: RowStream): AsyncGenerator<(string | null)[]> {
  const decoder = new TextDecoder();
  let rest = '';
  const fieldsOf = (line: string): (string | null)[] =>
    line
      .split('\t')
      .map((field) => (field === '\\N' ? null : field.replace(/\\(.)/gs, (_, c: string) => unescaped[c] ?? c)));
  try {
    for await (const chunk of rows.stream as AsyncIterable<Buffer | string>) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const line of lines) yield fieldsOf(line);
    }
    if (rest !== '') yield fieldsOf(rest);
  } finally {
    rows.stream.destroy();
  }
}
