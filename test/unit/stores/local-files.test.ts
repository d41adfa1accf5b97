import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { ListedFile } from '../../../activities/stores/store';
import { backdate, ofCode, type Sandbox, sandbox, settled, textOf } from '../sources/files';

let box: Sandbox;
beforeEach(() => (box = sandbox()));
afterEach(() => box.remove());

const paths = (files: readonly ListedFile[]): string[] => files.map((file) => file.path);

test('a glob lists files in subfolders, sorted by path, with their sizes', async () => {
  box.write('b/2.csv', 'xyz');
  box.write('a/1.csv', 'x');
  box.write('B/0.csv', '');
  expect((await box.store.list('**/*.csv')).map(({ path, bytes }) => [path, bytes])).toEqual([
    ['B/0.csv', 0],
    ['a/1.csv', 1],
    ['b/2.csv', 3],
  ]);
});

test('a glob without a match lists nothing, a path without a file fails', async () => {
  expect(await box.store.list('*.csv')).toEqual([]);
  await expect(box.store.list('nope.csv')).rejects.toEqual(ofCode('SourceNotFound'));
  await expect(openLocalFiles('raw', join(box.root, 'gone')).list('*.csv')).rejects.toEqual(ofCode('SourceNotFound'));
});

test.each([
  'a[1].csv',
  'what?.csv',
  '{x}.csv',
  'sp ace, "quote" \'s.csv',
  'ünï€😀.csv',
  '*',
  '!x.csv',
  'back\\slash.csv',
])('an existing file named %p is found by its literal path and by a glob', async (name) => {
  box.write(name, 'x');
  box.write('a1.csv', 'other');
  expect(paths(await box.store.list(name))).toEqual([name]);
  expect(paths(await box.store.list('*'))).toContain(name);
  expect(await textOf(box.store.read(name))).toBe('x');
});

test('a root whose own path has glob characters works', async () => {
  const root = join(box.root, 'x[1]{a,b}*');
  mkdirSync(root);
  writeFileSync(join(root, 'f.csv'), 'x');
  expect(paths(await openLocalFiles('odd', root).list('*.csv'))).toEqual(['f.csv']);
});

test.each([
  '../x.csv',
  'a/../../x.csv',
  '{..,a}/x.csv',
  '*/../../raw/*.csv',
  '/etc/passwd',
  'C:\\x',
  '',
  'a\0b',
  '@(..|a)/x',
])('a path outside the root is refused: %p', async (path) => {
  await expect(box.store.list(path)).rejects.toEqual(ofCode('InvalidRequest'));
  await expect(box.store.stat(path)).rejects.toEqual(ofCode('InvalidRequest'));
  await expect(textOf(box.store.read(path))).rejects.toEqual(ofCode('InvalidRequest'));
  await expect(box.store.local(path)).rejects.toEqual(ofCode('InvalidRequest'));
});

test('names with two dots in them are no escape', async () => {
  box.write('a..b/..c.csv', 'x');
  expect(paths(await box.store.list('a..b/..c.csv'))).toEqual(['a..b/..c.csv']);
});

test('links that lead out of the root are refused, however they are reached', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'loadline-outside-'));
  writeFileSync(join(outside, 's.csv'), 'secret');
  symlinkSync(outside, join(box.root, 'folder'));
  symlinkSync(join(outside, 's.csv'), join(box.root, 'link.csv'));
  for (const path of ['folder/s.csv', 'link.csv']) {
    await expect(box.store.list(path)).rejects.toEqual(ofCode('InvalidRequest'));
    await expect(textOf(box.store.read(path))).rejects.toEqual(ofCode('InvalidRequest'));
    await expect(box.store.local(path)).rejects.toEqual(ofCode('InvalidRequest'));
  }
  for (const glob of ['*.csv', 'folder/*', '**/*.csv']) {
    await expect(box.store.list(glob)).rejects.toEqual(ofCode('InvalidRequest'));
  }
  rmSync(outside, { recursive: true });
});

test('links inside the root are followed, and a file that several lead to is listed once', async () => {
  box.write('2026/a.csv', 'x');
  symlinkSync('2026', join(box.root, 'latest'));
  symlinkSync('2026/a.csv', join(box.root, 'a.csv'));
  symlinkSync('..', join(box.root, '2026/loop'));
  expect(paths(await box.store.list('latest/*.csv'))).toEqual(['latest/a.csv']);
  expect(paths(await box.store.list('*.csv'))).toEqual(['a.csv']);
  expect(paths(await box.store.list('**/*.csv'))).toEqual(['2026/a.csv']);
});

test('a folder named as a file is refused with advice', async () => {
  box.write('day/a.csv', 'x');
  await expect(box.store.list('day')).rejects.toThrow(/folder\/\*\.csv/);
});

test('the identity appears once a file is a second old, and is then stable', async () => {
  box.write('a.csv', 'x');
  expect((await box.store.list('a.csv'))[0]).toMatchObject({ identity: null });
  expect((await box.store.list('*.csv'))[0]).toMatchObject({ identity: null });
  await settled();
  const [first] = await box.store.list('*.csv');
  expect(first?.identity).toEqual(expect.any(String));
  expect(await box.store.stat('a.csv')).toEqual(first);
});

test('a backdated file has no identity while its ctime is fresh', async () => {
  backdate(box.write('a.csv', 'x'));
  expect((await box.store.stat('a.csv')).identity).toBeNull();
});

test('an edit of equal size with the modification time put back changes the identity', async () => {
  const path = box.write('a.csv', 'x');
  const { atime, mtime } = statSync(path);
  await settled();
  const before = await box.store.stat('a.csv');
  writeFileSync(path, 'y');
  utimesSync(path, atime, mtime);
  await settled();
  const after = await box.store.stat('a.csv');
  expect(after.identity).not.toBeNull();
  expect(after.identity).not.toBe(before.identity);
  expect(after.stamp).not.toBe(before.stamp);
});

test('reading a missing file fails with SourceNotFound', async () => {
  await expect(textOf(box.store.read('gone.csv'))).rejects.toEqual(ofCode('SourceNotFound'));
  await expect(box.store.stat('gone.csv')).rejects.toEqual(ofCode('SourceNotFound'));
});

test('the local path is the real path, and no copy', async () => {
  box.write('a b.csv', 'x');
  const { path, sha256, release } = await box.store.local('a b.csv');
  expect([path, sha256]).toEqual([join(realpathSync(box.root), 'a b.csv'), null]);
  await release();
  expect(existsSync(path)).toBe(true);
});

test('a file that the worker may not read is told apart from one that is not there', async () => {
  box.write('secret.csv', 'x');
  const [file] = await box.store.list('secret.csv');
  for (const folder of [box.root, join(box.root, '..')]) chmodSync(folder, 0o755);
  chmodSync(join(box.root, 'secret.csv'), 0o000);
  // Root may read everything.
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65534);
  try {
    await expect(box.store.open(file!.path)).rejects.toEqual(ofCode('SourceUnreadable'));
  } finally {
    if (root) process.seteuid!(0);
  }
});
