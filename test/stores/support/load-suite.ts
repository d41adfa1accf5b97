import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openRows } from '../../../activities/sources';
import { writeManifest } from '../../../activities/sources/batch';
import { readManifest } from '../../../activities/sources/manifest-file';
import { loadErrorOf } from '../../../workflows/load-error';
import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import { openLab, type Lab } from '../../integration/support/lab';
import { raw } from '../../integration/support/source';
import { ofCode, textOf, writeParquet } from '../../unit/sources/files';
import type { ObjectPlace } from './place';
import { openProxy, type Fate, type Proxy } from './proxy';

const count = 5_000;
const csvOf = (mark: string, rows = count): string =>
  `id,mark\n${Array.from({ length: rows }, (_, id) => `${id},${mark}`).join('\n')}\n`;
const ndjsonOf = (mark: string): string =>
  Array.from({ length: count }, (_, id) => `${JSON.stringify({ id, mark })}\n`).join('');

async function parquetOf(mark: string, folder: string): Promise<Buffer> {
  const file = join(folder, `${mark}.parquet`);
  await writeParquet(file, `SELECT range::INTEGER AS id, '${mark}' AS mark FROM range(${count})`);
  return readFileSync(file);
}

/** A file of each format, each with rows of its own mark. */
async function contentOf(format: string, mark: string, folder: string): Promise<string | Buffer> {
  if (format === 'parquet') return parquetOf(mark, folder);
  if (format === 'ndjson') return ndjsonOf(mark);
  return format === 'csv.gz' ? gzipSync(csvOf(mark)) : csvOf(mark);
}

const formats = ['csv', 'csv.gz', 'ndjson', 'parquet'] as const;

/** Loads from a store of objects into PostgreSQL, by a worker on the real server. */
export function loadSuite(name: string, open: () => Promise<ObjectPlace>): void {
  let place: ObjectPlace;
  let proxy: Proxy;
  let lab: Lab;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loadline-test-'));
    place = await open();
    proxy = await openProxy(place.endpoint);
    lab = await openLab(`stores-${name}`, { stores: { raw: place.config(proxy.endpoint) }, batchStore: 'raw' });
  });
  afterAll(async () => {
    await lab.stop();
    await proxy.close();
    await place.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => (proxy.fate = () => 'pass'));

  const table = (tableName: string): string =>
    lab.contract({
      name: tableName,
      columns: { id: { type: 'integer' }, mark: { type: 'text' } },
      create: 'if-missing',
    });
  const marksIn = (tableName: string) =>
    lab.rows<{ mark: string; n: number }>(`SELECT mark, count(*)::int AS n FROM ${tableName} GROUP BY mark`);
  const request = (into: string, glob: string): LoadRequest => ({
    pipeline: into,
    into,
    mode: 'append',
    from: raw(glob),
  });
  const copies = (): string[] =>
    readdirSync(lab.stateDir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.copy'));

  test.each(formats)('a file of %s is loaded once, and known by its listing the second time', async (format) => {
    const into = table(`f_${format.replace('.', '_')}`);
    await place.write(`${into}/a.${format}`, await contentOf(format, 'one', folder));
    const load = request(into, `${into}/*`);
    expect(await lab.load(load)).toMatchObject({ outcome: 'loaded' });
    let read = 0;
    proxy.fate = (method, url) => (method === 'GET' && url.includes(`a.${format}`) && read++, 'pass');
    expect(await lab.load(load)).toMatchObject({ outcome: 'already-loaded' });
    expect(read).toBe(0);
    expect(await marksIn(into)).toEqual([{ mark: 'one', n: count }]);
    expect(copies()).toEqual([]);
  });

  test.each(['csv', 'parquet'])(
    'a file of %s that is overwritten between extract and stage is loaded as it is then, and never as a mix',
    async (format) => {
      const into = table(`o_${format}`);
      const path = `${into}/a.${format}`;
      await place.write(path, await contentOf(format, 'old', folder));
      const other = await contentOf(format, 'new', folder);
      // The manifest is written when extract ends: what comes after it belongs to stage.
      let extracted = false;
      let overwritten = false;
      proxy.fate = async (method, url): Promise<Fate> => {
        if (method !== 'GET' && method !== 'HEAD') extracted ||= url.includes('batches');
        else if (extracted && !overwritten && decodeURIComponent(url).includes(path)) {
          overwritten = true;
          await place.write(path, other);
        }
        return 'pass';
      };
      expect(await lab.load(request(into, `${into}/*`))).toMatchObject({ outcome: 'loaded' });
      expect(overwritten).toBe(true);
      expect(await marksIn(into)).toEqual([{ mark: 'new', n: count }]);
      expect(copies()).toEqual([]);
    },
  );

  test('a file that is overwritten after it was loaded is a new file', async () => {
    const into = table('again');
    await place.write('again/a.csv', csvOf('one', 10));
    const load = request(into, 'again/*');
    await lab.load(load);
    await place.write('again/a.csv', csvOf('two', 10));
    expect(await lab.load(load)).toMatchObject({ outcome: 'loaded' });
    expect((await marksIn(into)).sort((a, b) => (a.mark < b.mark ? -1 : 1))).toEqual([
      { mark: 'one', n: 10 },
      { mark: 'two', n: 10 },
    ]);
  });

  test('rows of an activity are kept in the batch store, out of reach of globs', async () => {
    const into = table('written');
    const rows = [{ id: 1, mark: 'x' }];
    const receipt = await lab.run<LoadReceipt>('loadWritten', [{ pipeline: 'w', into, mode: 'append' }, rows]);
    expect(receipt).toMatchObject({ outcome: 'loaded' });
    expect(await marksIn(into)).toEqual([{ mark: 'x', n: 1 }]);
    const store = place.store();
    expect((await store.list('.loadline/written/**/*.csv')).length).toBe(1);
    expect((await store.list('**/*.json')).length).toBe(0);
  });

  const ofDay = (into: string, from: LoadRequest['from']): LoadRequest => ({
    pipeline: into,
    into,
    mode: 'append',
    from,
    interval: { start: '2026-03-01T00:00:00.000Z', end: '2026-03-02T00:00:00.000Z' },
    onChanged: 'reprocess',
  });

  test('a batch whose object is another now is not loaded again from a bucket without versions', async () => {
    const into = table('unkept');
    await place.write('unkept/a.csv', csvOf('one', 10));
    const first = await lab.load(ofDay(into, raw('unkept/*')));
    await place.write('unkept/a.csv', csvOf('two', 10));
    await lab.load(ofDay(into, raw('unkept/*')));
    const error: unknown = await lab.load(ofDay(into, first.batches![0]!)).catch((e: unknown) => e);
    expect(loadErrorOf(error)).toMatchObject({
      type: 'BatchMissing',
      message: expect.stringContaining('unkept/a.csv'),
    });
    expect(await marksIn(into)).toEqual([{ mark: 'two', n: 10 }]);
  });

  // The last to write: from here on the bucket keeps versions.
  test.each(formats)(
    'what was loaded of %s is loaded again from its versions, overwritten or deleted',
    async (format) => {
      await place.keepVersions();
      const into = table(`v_${format.replace('.', '_')}`);
      const path = `${into}/a.${format}`;
      await place.write(path, await contentOf(format, 'one', folder));
      const first = await lab.load(ofDay(into, raw(`${into}/*`)));
      await place.write(path, await contentOf(format, 'two', folder));
      expect(await lab.load(ofDay(into, raw(`${into}/*`)))).toMatchObject({ outcome: 'loaded', generation: 2 });
      expect(await marksIn(into)).toEqual([{ mark: 'two', n: count }]);
      await place.remove(path);
      const again = await lab.load(ofDay(into, first.batches![0]!));
      expect(again).toMatchObject({ outcome: 'loaded', generation: 3, loadKey: first.loadKey, batch: first.batch });
      expect(await marksIn(into)).toEqual([{ mark: 'one', n: count }]);
      expect(await lab.load(ofDay(into, first.batches![0]!))).toMatchObject({ outcome: 'already-loaded' });
    },
  );

  test('a worker reads the manifest and the batch that another one wrote, without its folder', async () => {
    await place.write('far/a.csv', csvOf('far', 3));
    const store = place.store();
    const batchStore = place.store({ prefix: 'landing/.loadline' });
    const signal = new AbortController().signal;
    const { batch } = await writeManifest({
      store,
      source: raw('far/*.csv'),
      files: await store.list('far/*.csv'),
      identity: 'content',
      stateDir: join(folder, 'here'),
      batchStore,
      signal,
    });
    const there = join(folder, 'there');
    await expect(readManifest(there, batch)).rejects.toEqual(ofCode('BatchMissing'));
    const manifest = await readManifest(there, batch, batchStore);
    const [file] = manifest.files;
    const rows = await openRows({ store, manifest, file: file!, wanted: [{ from: 'id' }], signal });
    expect(await textOf(rows.stream)).toBe(csvOf('far', 3));
    await rows.verify();
    const lost = { ...batch, manifest: `batches/${'0'.repeat(64)}.json` };
    await expect(readManifest(there, lost, batchStore)).rejects.toEqual(ofCode('BatchMissing'));
  });
}
