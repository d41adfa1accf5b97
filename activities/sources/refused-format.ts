/** A format that is refused by name: why, and how to turn a file of it into one that is loaded. */
export interface RefusedFormat {
  readonly what: string;
  readonly remedy: string;
}

const packed = (name: string, unpack: string): RefusedFormat => ({
  what: `A file is packed with ${name}, which Loadline does not unpack: gzip and zstd serve the same end.`,
  remedy: `Pack it with zstd instead: ${unpack} | zstd -o data.csv.zst`,
});
const zip: RefusedFormat = {
  what: 'A file is an archive, which may hold many files of many formats.',
  remedy: 'Unpack it where it arrives; to repack one file: unzip -p data.zip data.csv | gzip > data.csv.gz',
};
const tar: RefusedFormat = { ...zip, remedy: 'Unpack it where it arrives: tar -xf data.tar' };
const excel: RefusedFormat = {
  what: 'A file is a workbook, whose cells have no fixed types and whose dates are numbers.',
  remedy:
    "Save the sheet as CSV, or: duckdb -c \"INSTALL excel; COPY (FROM read_xlsx('data.xlsx', all_varchar = true)) TO 'data.csv'\"",
};
// DuckDB reads neither without an extension that it downloads when it runs. ORC has no maintained reader for Node at
// all; Avro's turns 64-bit numbers into doubles, and decimals into bytes, unless every type is mapped by hand.
const orc: RefusedFormat = {
  what: 'A file is ORC, for which there is no reader that could be relied on here.',
  remedy:
    "Convert it to Parquet: python -c \"import pyarrow.orc as o, pyarrow.parquet as p; p.write_table(o.read_table('data.orc'), 'data.parquet')\"",
};
const avro: RefusedFormat = {
  what: 'A file is Avro, for which there is no reader here that keeps every number exactly.',
  remedy:
    "Convert it to Parquet: duckdb -c \"INSTALL avro; COPY (FROM read_avro('data.avro')) TO 'data.parquet' (FORMAT parquet)\"",
};
const arrow: RefusedFormat = {
  what: 'A file is Arrow (Feather), which Loadline does not read.',
  remedy:
    "Convert it to Parquet: python -c \"import pyarrow.feather as f, pyarrow.parquet as p; p.write_table(f.read_table('data.arrow'), 'data.parquet')\"",
};
const xml: RefusedFormat = {
  what: 'A file is XML, which does not say what a row is.',
  remedy: 'Read it in an activity of your own and hand its rows to writeBatch.',
};

const packedParquet: RefusedFormat = {
  what: 'A Parquet file is packed, though it is packed inside already, and can be read only unpacked.',
  remedy: 'Unpack it: gunzip data.parquet.gz',
};

/** JSON that is one value rather than one object a line. */
export const jsonDocument: RefusedFormat = {
  what: 'A file is one JSON document, which would have to be read whole before its first row is known.',
  remedy:
    "Write one object a line: jq -c '.[]' data.json > data.ndjson. If the file is like that already, say format: 'ndjson'.",
};

const byEnding: Readonly<Record<string, RefusedFormat>> = {
  '.parquet.gz': packedParquet,
  '.parquet.zst': packedParquet,
  '.tar.gz': tar,
  '.tar.zst': tar,
  '.tgz': tar,
  '.tar': tar,
  '.zip': zip,
  '.7z': { ...zip, remedy: 'Unpack it where it arrives: 7z x data.7z' },
  '.bz2': packed('bzip2', 'bzcat data.csv.bz2'),
  '.xz': packed('xz', 'xzcat data.csv.xz'),
  '.lz4': packed('LZ4', 'lz4 -dc data.csv.lz4'),
  '.sz': packed('Snappy', 'snzip -dc data.csv.sz'),
  '.snappy': packed('Snappy', 'snzip -dc data.csv.snappy'),
  '.br': packed('Brotli', 'brotli -dc data.csv.br'),
  '.z': packed('compress', 'zcat data.csv.Z'),
  '.orc': orc,
  '.avro': avro,
  '.arrow': arrow,
  '.feather': arrow,
  '.xlsx': excel,
  '.xls': excel,
  '.ods': excel,
  '.xml': xml,
  '.json': jsonDocument,
  '.json.gz': jsonDocument,
  '.json.zst': jsonDocument,
};

/** What is known of a format that a file's ending names and Loadline does not read. */
export function refusedEnding(path: string): RefusedFormat | undefined {
  const lower = path.toLowerCase();
  const ending = Object.keys(byEnding).find((one) => lower.endsWith(one));
  return ending === undefined ? undefined : byEnding[ending];
}

const byMagic: readonly (readonly [hex: string, RefusedFormat])[] = [
  ['425a68', byEnding['.bz2']!],
  ['fd377a585a00', byEnding['.xz']!],
  ['04224d18', byEnding['.lz4']!],
  ['ff060000734e61507059', byEnding['.sz']!],
  ['504b0304', zip],
  ['377abcaf271c', byEnding['.7z']!],
  ['4f626a01', avro],
];
/** Behind `BZh` and a digit; three letters alone may begin a header. */
const bzip2Block = '314159265359';

/** A refused format that the first bytes of a file give away, whatever its ending says. */
export function refusedMagic(head: Buffer): RefusedFormat | undefined {
  const hex = head.subarray(0, 16).toString('hex');
  const found = byMagic.find(([magic]) => hex.startsWith(magic))?.[1];
  return found === byEnding['.bz2'] && !hex.startsWith(bzip2Block, 8) ? undefined : found;
}
