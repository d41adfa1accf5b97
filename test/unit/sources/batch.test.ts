import { readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeManifest } from '../../../activities/sources/batch';
import { sourceIdentityOf } from '../../../activities/sources/list-source';
import { readManifest } from '../../../activities/sources/manifest-file';
import type { Store } from '../../../activities/stores/store';
import { zstd } from './zstd-data';
import { freeze, ofCode, type Sandbox, sandbox, settled, source, writeParquet } from './files';

let box: Sandbox;
beforeEach(() => (box = sandbox()));
afterEach(() => box.remove());

const columnsOf = async (name: string, content: string | Buffer, csv = {}) => {
  box.write(name, content);
  const { manifest } = await freeze(box, name, { csv });
  return manifest.files[0]?.columns;
};

test.each<[string, string | Buffer, readonly string[]]>([
  ['plain', 'a,b\n1,2\n', ['a', 'b']],
  ['a header without a line end', 'a,b', ['a', 'b']],
  ['a byte-order mark', '\ufeffa,b\n1,2\n', ['a', 'b']],
  ['a byte-order mark before a quote', '\ufeff"a","b"\r\n', ['a', 'b']],
  ['quotes, commas and line breaks in names', '"a ""x""","b,c","d\ne"\r\n1,2,3\r\n', ['a "x"', 'b,c', 'd\ne']],
  ['spaces, kept', ' a , b\n', [' a ', ' b']],
  ['an empty first name, as pandas writes its index', ',a\n0,1\n', ['', 'a']],
  ['unicode', 'größe,名前,😀\n', ['größe', '名前', '😀']],
  ['old Mac line ends', 'a,b\r1,2\r', ['a', 'b']],
])('the header is read: %s', async (_title, content, columns) => {
  expect(await columnsOf('x.csv', content)).toEqual(columns);
});

test('a character split between two chunks is read whole', async () => {
  const name = 'x'.repeat(256 * 1024 - 1) + '€';
  expect(await columnsOf('x.csv', `${name},b\n`)).toEqual([name, 'b']);
});

test('delimiter, quote and ending decide how the header is read', async () => {
  expect(await columnsOf('x.tsv', 'a,1\tb\n')).toEqual(['a,1', 'b']);
  expect(await columnsOf('y.csv', "a;'b;c'\n", { delimiter: ';', quote: "'" })).toEqual(['a', 'b;c']);
  expect(await columnsOf('z.csv', '"a\\"b",c\n', { escape: '\\' })).toEqual(['a"b', 'c']);
  expect(await columnsOf('n.csv', '1,2\n', { header: false })).toBeNull();
  expect(await columnsOf('g.tsv.gz', gzipSync('\ufeffa\tb\n'))).toEqual(['a', 'b']);
});

test('a file without a byte has no columns and no rows', async () => {
  box.write('empty.csv', '');
  box.write('bom.csv', '\ufeff');
  const { manifest, batch } = await freeze(box, '*.csv');
  expect(manifest.files.map(({ columns, rows }) => ({ columns, rows }))).toEqual([
    { columns: [], rows: 0 },
    { columns: [], rows: 0 },
  ]);
  expect(batch).toMatchObject({ files: 2, rows: 0, filesSkipped: 0 });
});

test.each<[string, string | Buffer, string]>([
  ['x.csv', 'a,b,a\n', 'InvalidValue'],
  ['x.csv', '"a,b\n1,2\n', 'RaggedRow'],
  ['x.csv', `"${'a\n'.repeat(1_000_000)}`, 'RaggedRow'],
  ['x.csv', '"a"b,c\n', 'RaggedRow'],
  ['x.csv', Buffer.from('gr\xf6\xdfe,b\n', 'latin1'), 'InvalidEncoding'],
  ['x.csv', Buffer.from('\ufeffa,b\n', 'utf16le'), 'InvalidEncoding'],
  ['x.csv', gzipSync('a,b\n'), 'CorruptFile'],
  ['x.csv.gz', 'a,b\n', 'CorruptFile'],
  ['x.csv.gz', '', 'CorruptFile'],
  ['x.csv.gz', gzipSync('a,b\n').subarray(0, 12), 'CorruptFile'],
  ['x.parquet', '', 'CorruptFile'],
  ['x.parquet', 'a,b\n1,2 and more that is no Parquet', 'CorruptFile'],
  ['x.json', '{}', 'UnsupportedFormat'],
  ['x.csv.zst', 'a,b\n', 'CorruptFile'],
  ['x.csv.zst', gzipSync('a,b\n'), 'CorruptFile'],
  ['x.csv', zstd('a,b\n'), 'CorruptFile'],
  ['x.csv', Buffer.from('BZh91AY&SY\x01'), 'UnsupportedFormat'],
  ['x.csv', Buffer.from('PK\x03\x04'), 'UnsupportedFormat'],
  ['x.csv', Buffer.from('Obj\x01'), 'UnsupportedFormat'],
  ['x.ndjson', '[{"a":1}]', 'UnsupportedFormat'],
  ['x.ndjson', '\n a,b', 'MalformedJson'],
  ['x.ndjson', `{"a": "${'x'.repeat(65 * 1024 * 1024)}"}`, 'RowTooLong'],
])('%s with %.30p is refused', async (name, content, code) => {
  box.write(name, content);
  await expect(freeze(box, name)).rejects.toEqual(ofCode(code));
});

test.each([
  'orc',
  'avro',
  'xlsx',
  'xml',
  'json',
  'json.gz',
  'feather',
  'csv.bz2',
  'csv.xz',
  'csv.lz4',
  'csv.snappy',
  'zip',
  'tar.gz',
  'parquet.zst',
])('.%s is refused by name, with a way to convert it', async (ending) => {
  // prettier-ignore
  box.write(`x.${ending}`, '{}');
  const refused = freeze(box, `x.${ending}`);
  await expect(refused).rejects.toEqual(ofCode('UnsupportedFormat'));
  await expect(refused).rejects.toThrow(
    /(A file is|A Parquet file is) .+ Expected one of \.csv.+(Convert|Unpack|Pack|Write|Save|Read)/,
  );
});

test('NDJSON tells by its first line only that it is some; an empty file has no rows', async () => {
  box.write('a.ndjson', '\n\r\n {"a":1}\n');
  box.write('b.jsonl.gz', gzipSync('{"a":1}'));
  box.write('c.ndjson.zst', zstd('{"b":1}\n'));
  box.write('d.jsonl', '\n \n');
  const { manifest } = await freeze(box, '*');
  expect(manifest).toMatchObject({
    format: 'ndjson',
    files: [{ rows: null }, { rows: null }, { rows: null }, { rows: 0 }],
  });
  expect(manifest.files.every(({ columns }) => columns === null)).toBe(true);
});

test('the hash of a large packed file is that of its bytes, whatever was unpacked for its header', async () => {
  const content = gzipSync('a\n' + Array.from({ length: 300_000 }, () => Math.random()).join('\n'));
  box.write('a.csv.gz', content);
  const { manifest } = await freeze(box, 'a.csv.gz');
  expect(manifest.files[0]).toMatchObject({
    columns: ['a'],
    sha256: createHash('sha256').update(content).digest('hex'),
  });
});

test('a word for NULL that could never be found is refused', async () => {
  box.write('a.csv', 'a\n');
  await expect(freeze(box, 'a.csv', { csv: { nullText: 'n,a' } })).rejects.toThrow(/csv\.nullText/);
  await expect(freeze(box, 'a.csv', { csv: { nullText: '"' } })).rejects.toEqual(ofCode('InvalidRequest'));
});

test('an unknown ending is read as the source says, packed or not', async () => {
  box.write('orders.dat', 'a,b\n');
  box.write('orders.dat2', gzipSync('c,d\n'));
  const { manifest } = await freeze(box, 'orders.*', { format: 'csv' });
  expect(manifest.files.map((file) => file.columns)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('several formats in one batch are refused, plain and packed text are one', async () => {
  box.write('a.csv', 'a\n');
  box.write('b.CSV.GZ', gzipSync('a\n'));
  expect((await freeze(box, '*')).batch.files).toBe(2);
  box.write('c.tsv', 'a\n');
  await expect(freeze(box, '*')).rejects.toEqual(ofCode('UnsupportedFormat'));
  expect((await freeze(box, '*', { csv: { delimiter: ',' } })).batch.files).toBe(3);
  await writeParquet(join(box.root, 'd.parquet'), 'SELECT 1 AS a');
  await expect(freeze(box, '{a.csv,d.parquet}')).rejects.toEqual(ofCode('UnsupportedFormat'));
});

test('options that cannot work are refused by name', async () => {
  box.write('a.csv', 'a\n');
  await expect(freeze(box, 'a.csv', { csv: { delimiter: '||' } })).rejects.toThrow(/csv\.delimiter/);
  await expect(freeze(box, 'a.csv', { csv: { delimiter: '"' } })).rejects.toThrow(/other than quote/);
});

test('Parquet tells columns and rows, whatever its folder is called', async () => {
  box.write('day=1/x', '');
  await writeParquet(
    join(box.root, "day=1/it's [1].parquet"),
    `SELECT 1 AS "A", 2 AS "day x", {'k': 1, 'l': [2]} AS s, 3 AS z FROM range(7)`,
  );
  const { manifest, batch } = await freeze(box, '**/*.parquet');
  expect(manifest.files[0]).toMatchObject({ columns: ['A', 'day x', 's', 'z'], rows: 7 });
  expect(batch.rows).toBe(7);
});

test('freezing the same content again gives the same reference and rewrites nothing', async () => {
  box.write('a.csv', 'a\n1\n');
  const { batch } = await freeze(box, '*.csv');
  const path = join(box.stateDir, batch.manifest);
  const { ino } = statSync(path);
  expect((await freeze(box, '*.csv')).batch).toEqual(batch);
  expect(statSync(path).ino).toBe(ino);
  expect(readdirSync(join(box.stateDir, 'batches'))).toHaveLength(1);
});

test('the hash of a batch depends on content and reading options, not on names', async () => {
  box.write('a.csv', 'a\n1\n');
  box.write('b.csv', 'a\n2\n');
  const first = await freeze(box, '{a,b}.csv');
  box.write('c.csv', 'a\n2\n');
  box.write('d.csv', 'a\n1\n');
  const moved = await freeze(box, '{c,d}.csv');
  expect(moved.batch.sha256).toBe(first.batch.sha256);
  expect(moved.batch.manifest).not.toBe(first.batch.manifest);
  expect((await freeze(box, '{a,b}.csv', { csv: { nullText: 'NULL' } })).batch.sha256).not.toBe(first.batch.sha256);
});

test('files of equal content are dropped when asked, and counted', async () => {
  for (const name of ['a.csv', 'b.csv', 'c.csv']) box.write(name, 'a\n1\n');
  box.write('d.csv', 'a\n2\n');
  expect((await freeze(box, '*.csv')).batch).toMatchObject({ files: 4, filesSkipped: 0 });
  const { manifest, batch } = await freeze(box, '*.csv', { dropEqualFiles: true, alreadySkipped: 3 });
  expect(batch).toMatchObject({ files: 2, filesSkipped: 5 });
  expect(manifest.files.map((file) => file.path)).toEqual(['a.csv', 'd.csv']);
});

test('files that are loaded already are left out', async () => {
  box.write('a.csv', 'a\n1\n');
  box.write('b.csv', 'a\n2\n');
  const skip = async () => new Set(['a.csv']);
  const { manifest, batch } = await freeze(box, '*.csv', { identity: 'path', skip });
  expect(manifest.files.map((file) => file.fileId)).toEqual(['b.csv']);
  expect(batch.filesSkipped).toBe(1);
});

test('a file that changes between listing and hashing, or while it is hashed, is refused', async () => {
  const path = box.write('a.csv', 'a\n1\n');
  const files = await box.store.list('a.csv');
  await settled(20);
  writeFileSync(path, 'a\n2\n');
  await expect(freeze(box, 'a.csv', { files })).rejects.toEqual(ofCode('SourceChanged'));

  const changing: Store = {
    ...box.store,
    open: async (name) => {
      const file = await box.store.open(name);
      return { ...file, read: (into) => (writeFileSync(path, 'a\n3\n'), file.read(into)) };
    },
  };
  await settled(20);
  await expect(freeze(box, 'a.csv', { store: changing })).rejects.toEqual(ofCode('SourceChanged'));
});

test('a half-written Parquet file that grows meanwhile is reported as changed, not as corrupt', async () => {
  const path = join(box.root, 'a.parquet');
  await writeParquet(path, 'SELECT * FROM range(1000)');
  truncateSync(path, 500);
  const growing: Store = {
    ...box.store,
    local: (name) => (writeFileSync(path, 'more'), box.store.local(name)),
  };
  await settled(20);
  await expect(freeze(box, 'a.parquet', { store: growing })).rejects.toEqual(ofCode('SourceChanged'));
});

test('an aborted freeze fails with the reason and leaves no manifest', async () => {
  box.write('a.csv', 'a\n');
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(freeze(box, 'a.csv', { signal })).rejects.toThrow('stop');
  expect(() => readdirSync(join(box.stateDir, 'batches'))).toThrow(/ENOENT/);
});

test('progress reaches the total', async () => {
  box.write('a.csv', 'a\n1\n');
  box.write('b.csv', 'a\n22\n');
  const onProgress = jest.fn();
  await freeze(box, '*.csv', { onProgress });
  expect(onProgress).toHaveBeenLastCalledWith({ files: 2, bytes: 9, totalBytes: 9 });
});

test('a manifest is read back; a missing, damaged or exchanged one is told apart', async () => {
  box.write('a.csv', 'a\n1\n');
  const { manifest, batch } = await freeze(box, '*.csv');
  expect(await readManifest(box.stateDir, batch)).toEqual(manifest);
  await expect(readManifest(box.stateDir, { ...batch, sha256: 'other' })).rejects.toEqual(ofCode('BatchMissing'));
  await expect(readManifest(box.stateDir, { ...batch, manifest: '../../etc/passwd' })).rejects.toEqual(
    ofCode('InvalidRequest'),
  );
  const path = join(box.stateDir, batch.manifest);
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -5));
  await expect(readManifest(box.stateDir, batch)).rejects.toThrow(/damaged/);
  expect((await freeze(box, '*.csv')).batch).toEqual(batch);
  expect(await readManifest(box.stateDir, batch)).toEqual(manifest);
  await expect(readManifest(join(box.root, 'no'), batch)).rejects.toEqual(ofCode('BatchMissing'));
});

test('the identity of a source follows files and options, and is null while one file is fresh', async () => {
  const path = box.write('a.csv', 'a\n1\n');
  expect(sourceIdentityOf(await box.store.list('*'), source('*'))).toBeNull();
  await settled();
  const files = await box.store.list('*');
  const identity = sourceIdentityOf(files, source('*'));
  expect(identity).toMatch(/^[0-9a-f]{64}$/);
  expect(sourceIdentityOf(await box.store.list('a.csv'), source('a.csv'))).toBe(identity);
  expect(sourceIdentityOf(files, source('*', { csv: { nullText: 'x' } }))).not.toBe(identity);
  expect(sourceIdentityOf([], source('*'))).not.toBe(identity);
  expect((await freeze(box, '*')).manifest.sourceIdentity).toBe(identity);
  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'a\n2\n');
  utimesSync(path, atime, mtime);
  await settled();
  expect(sourceIdentityOf(await box.store.list('*'), source('*'))).not.toBe(identity);
});

test('a batch without files can be frozen', async () => {
  const { batch } = await writeManifest({
    store: box.store,
    source: source('*.parquet'),
    files: [],
    identity: 'content',
    stateDir: box.stateDir,
    signal: new AbortController().signal,
  });
  expect(batch).toMatchObject({ files: 0, rows: 0, bytes: 0 });
});
