import type { CsvOptions, FilesSource } from '../../workflows/contract';
import { loadFailure } from '../../workflows/load-error';

/** How all files of a batch are read. */
export interface BatchFormat {
  readonly format: 'csv' | 'parquet';
  readonly csv: Required<CsvOptions>;
}

interface FileFormat {
  readonly format: 'csv' | 'parquet';
  readonly delimiter: ',' | '\t';
}

const endings: Readonly<Record<string, FileFormat>> = {
  '.csv': { format: 'csv', delimiter: ',' },
  '.csv.gz': { format: 'csv', delimiter: ',' },
  '.tsv': { format: 'csv', delimiter: '\t' },
  '.tsv.gz': { format: 'csv', delimiter: '\t' },
  '.parquet': { format: 'parquet', delimiter: ',' },
};
const supported = Object.keys(endings).join(', ');

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

const describe = ({ format, delimiter }: FileFormat): string =>
  format === 'csv' && delimiter === '\t' ? 'tab-separated text' : format === 'csv' ? 'CSV' : 'Parquet';

function formatByEnding(path: string, source: FilesSource, object: string): FileFormat {
  const lower = path.toLowerCase();
  const ending = Object.keys(endings).find((one) => lower.endsWith(one));
  const known = ending === undefined ? undefined : endings[ending];
  if (source.format) return { format: source.format, delimiter: known?.delimiter ?? ',' };
  if (known) return known;
  throw loadFailure('UnsupportedFormat', {
    what: "A file's ending names no supported format.",
    object: `${object}/${path}`,
    expected: `one of ${supported}`,
    remedy: "Say files(store, glob, { format: 'csv' }) or 'parquet', narrow the glob, or convert the file.",
  });
}

function resolveCsv(options: CsvOptions = {}, delimiter: string, object: string): Required<CsvOptions> {
  const quote = options.quote ?? '"';
  const csv = { delimiter, escape: quote, nullText: '', header: true, ...options, quote };
  for (const option of ['delimiter', 'quote', 'escape'] as const) {
    const value = csv[option];
    if (value.length === 1 && value > '\0' && value < '\x80' && value !== '\n' && value !== '\r') continue;
    throw loadFailure('InvalidRequest', {
      object: `${object}: csv.${option}`,
      expected: 'one ASCII character that is no line break',
      got: JSON.stringify(value),
    });
  }
  if (csv.delimiter !== csv.quote && csv.delimiter !== csv.escape) return csv;
  throw loadFailure('InvalidRequest', {
    object: `${object}: csv.delimiter`,
    expected: 'a character other than quote and escape',
    got: JSON.stringify(csv.delimiter),
  });
}
