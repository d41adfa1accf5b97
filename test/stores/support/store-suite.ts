import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Store } from '../../../activities/stores/store';
import { ofCode, textOf } from '../../unit/sources/files';
import type { Place } from './place';

const names = [
  'a.csv',
  'b c.csv',
  'a.csv.gz',
  'x/.hidden.csv',
  'x/+plus&amp;%20?#.csv',
  'x/[1].csv',
  'x/deep/er/z.csv',
  'x/q\'uote".csv',
  'ü/日本 😀.csv',
  'y/ lead and trail .csv',
];

const expected: readonly (readonly [glob: string, paths: readonly string[]])[] = [
  ['*.csv', ['a.csv', 'b c.csv']],
  ['**/*.csv', names.filter((name) => !name.includes('.hidden') && !name.endsWith('gz'))],
  ['x/*', ['x/+plus&amp;%20?#.csv', 'x/[1].csv', 'x/q\'uote".csv']],
  ['x/**/z.csv', ['x/deep/er/z.csv']],
  ['{a,b c}.csv*', ['a.csv', 'a.csv.gz', 'b c.csv']],
  ['x/[1].csv', ['x/[1].csv']],
  ['x/.h*', ['x/.hidden.csv']],
  ['x', []],
  ['./a.*', ['a.csv', 'a.csv.gz']],
  ['ü/日*', ['ü/日本 😀.csv']],
  ['!a.csv', []],
  ['z/*', []],
];

const pathsOf = async (store: Store, glob: string): Promise<string[]> => (await store.list(glob)).map((f) => f.path);
const sorted = (paths: readonly string[]): string[] => [...paths].sort((a, b) => (a < b ? -1 : 1));

/** What every store does, whatever its files lie in. */
export function storeSuite(open: () => Promise<Place>): void {
  let place: Place;
  let store: Store;
  beforeEach(async () => {
    place = await open();
    store = place.store();
  });
  afterEach(() => place.close());

  test('a glob finds the same files in every store, sorted, and each is read as it was written', async () => {
    for (const name of names) await place.write(name, name);
    for (const [glob, paths] of expected) {
      const found = await pathsOf(store, glob).catch((error: unknown) => {
        // A folder by its name is refused where folders exist.
        if (glob === 'x') return [];
        throw error;
      });
      expect([glob, found]).toEqual([glob, sorted(paths)]);
    }
    for (const file of await store.list('**/*')) {
      expect(await textOf(store.read(file.path, file))).toBe(file.path);
      expect(await store.stat(file.path)).toMatchObject({ path: file.path, bytes: Buffer.byteLength(file.path) });
    }
  });

  test('names of any text are listed and read', async () => {
    // What no server of this kind takes, what would be a folder, and the glob itself, is left to other tests.
    const odd = /[/\\\p{Cc}]/u;
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
    const usable = name.filter((t) => t !== '*' && !odd.test(t) && !t.startsWith('.') && t === t.normalize('NFC'));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(usable, { maxLength: 8 }), async (texts) => {
        const folder = `round-${round++}`;
        for (const text of texts) await place.write(`${folder}/${text}`, text);
        expect(await pathsOf(store, `${folder}/*`)).toEqual(sorted(texts.map((text) => `${folder}/${text}`)));
        for (const text of texts) expect(await textOf(store.read(`${folder}/${text}`))).toBe(text);
      }),
      { numRuns: 8 },
    );
  });

  test('more files than a page of a listing holds are all listed', async () => {
    const numbers = Array.from({ length: 1_005 }, (_, index) => index);
    for (let at = 0; at < numbers.length; at += 15)
      await Promise.all(numbers.slice(at, at + 15).map((n) => place.write(`many/${n}.csv`, `${n}`)));
    await place.write('other/1.csv', 'no');
    expect(await pathsOf(store, 'many/*.csv')).toEqual(sorted(numbers.map((n) => `many/${n}.csv`)));
  });

  test('a file of several parts is read in pieces of any size', async () => {
    const content = randomBytes(9 * 1024 * 1024 + 7);
    await place.write('big.bin', content);
    const file = await store.open('big.bin');
    const read: Buffer[] = [];
    for (let size = 1_000_003, bytes = 1; bytes > 0; size = Math.ceil(size / 1.3) + 10_000) {
      const piece = Buffer.alloc(size);
      bytes = await file.read(piece);
      read.push(piece.subarray(0, bytes));
    }
    await file.close();
    expect(Buffer.concat(read).equals(content)).toBe(true);
    const local = await store.local('big.bin');
    expect(readFileSync(local.path).equals(content)).toBe(true);
    await local.release();
    expect(existsSync(local.path)).toBe(local.sha256 === null);
  });

  test('an empty file is a file', async () => {
    await place.write('empty.csv', '');
    const [file] = await store.list('*.csv');
    expect(file).toMatchObject({ path: 'empty.csv', bytes: 0 });
    expect(await textOf(store.read('empty.csv', file))).toBe('');
  });

  test('the stamp tells one content from another, and stays while nothing happens', async () => {
    await place.write('a.csv', 'one');
    const [before] = await store.list('a.*');
    expect((await store.stat('a.csv')).stamp).toBe(before!.stamp);
    await place.write('a.csv', 'two');
    expect((await store.stat('a.csv')).stamp).not.toBe(before!.stamp);
  });

  test('what is not there is SourceNotFound, and what lies outside is refused', async () => {
    await place.write('a.csv', 'a');
    const asked = (path: string) => [
      () => store.list(path),
      () => store.stat(path),
      () => textOf(store.read(path)),
      () => store.local(path),
    ];
    for (const ask of asked('b.csv')) await expect(ask()).rejects.toEqual(ofCode('SourceNotFound'));
    for (const path of ['../a.csv', '/a.csv', '', 'a\0b', '{..,b}/a.csv'])
      for (const ask of asked(path)) await expect(ask()).rejects.toEqual(ofCode('InvalidRequest'));
  });
}
