import type { CsvOptions, FilesSource } from '../../workflows/contract';
import { loadFailure } from '../../workflows/load-error';
import { resolveCsv } from './csv-options';
import { refusedEnding } from './refused-format';

/** The formats of files, as `FilesSource.format` names them. */
export type FormatName = NonNullable<FilesSource['format']>;

/** How all files of a batch are read. */
export interface BatchFormat {
  readonly format: FormatName;
  readonly csv: Required<CsvOptions>;
}

interface FileFormat {
  readonly format: FormatName;
  readonly delimiter: ',' | '\t';
}

const csv: FileFormat = { format: 'csv', delimiter: ',' };
const tsv: FileFormat = { format: 'csv', delimiter: '\t' };
const ndjson: FileFormat = { format: 'ndjson', delimiter: ',' };
const plain: Readonly<Record<string, FileFormat>> = { '.csv': csv, '.tsv': tsv, '.ndjson': ndjson, '.jsonl': ndjson };
const endings: Readonly<Record<string, FileFormat>> = {
  ...Object.fromEntries(
    Object.entries(plain).flatMap(([ending, format]) =>
      ['', '.gz', '.zst'].map((packing) => [ending + packing, format] as const),
    ),
  ),
  '.parquet': { format: 'parquet', delimiter: ',' },
};
const supported = `one of ${Object.keys(plain).join(', ')}, each plain or with .gz or .zst, or .parquet`;

/** The format of a batch: what the source says, else what the files' endings say, which must agree. */
export function formatOf(paths: readonly string[], source: FilesSource, object: string): BatchFormat {
  const found = paths.map((path) => ({ path, ...formatByEnding(path, source, object) }));
  const [first = formatByEnding(source.glob, { ...source, format: source.format ?? 'csv' }, object)] = found;
  for (const { path, format, delimiter } of found) {
    const same = format === first.format && (source.csv?.delimiter !== undefined || delimiter === first.delimiter);
    if (same) continue;
    throw loadFailure('UnsupportedFormat', {
      what: 'The files of one load have several formats.',
      object: `${object}/${path}`,
      expected: describe(first),
      got: describe({ format, delimiter }),
      remedy: 'Narrow the glob to one format, or load each format on its own.',
    });
  }
  return { format: first.format, csv: resolveCsv(source.csv, first.delimiter, object) };
}

const names: Readonly<Record<FormatName, string>> = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' };

const describe = ({ format, delimiter }: FileFormat): string =>
  format === 'csv' && delimiter === '\t' ? 'tab-separated text' : names[format];

function formatByEnding(path: string, source: FilesSource, object: string): FileFormat {
  const lower = path.toLowerCase();
  const ending = Object.keys(endings).find((one) => lower.endsWith(one));
  const known = ending === undefined ? undefined : endings[ending];
  if (source.format) return { format: source.format, delimiter: known?.delimiter ?? ',' };
  if (known) return known;
  throw loadFailure('UnsupportedFormat', {
    what: "A file's ending names no supported format.",
    object: `${object}/${path}`,
    expected: supported,
    remedy: "Say files(store, glob, { format: 'csv' }), 'ndjson' or 'parquet', narrow the glob, or convert the file.",
    ...refusedEnding(path),
  });
}
