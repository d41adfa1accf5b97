import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftovers } from '../../../activities/sources/leftovers';
import { freeze, type Sandbox, sandbox } from './files';

let box: Sandbox;
beforeEach(() => (box = sandbox()));
afterEach(() => box.remove());

const days = (count: number): Date => new Date(Date.now() - count * 24 * 3600 * 1000);
const age = (path: string, count: number): void => utimesSync(path, days(count), days(count));

test('batches that no load has touched for 30 days are removed, and one that was used again is kept', async () => {
  for (const name of ['old', 'again', 'young']) box.write(`${name}.csv`, `${name}\n1\n`);
  const paths: Record<string, string> = {};
  for (const name of ['old', 'again', 'young']) {
    paths[name] = join(box.stateDir, (await freeze(box, `${name}.csv`)).batch.manifest);
    age(paths[name], name === 'young' ? 29 : 31);
  }
  mkdirSync(join(box.stateDir, 'written/api'), { recursive: true });
  for (const [name, count] of [['a', 31], ['b', 29]] as const) {
    writeFileSync(join(box.stateDir, `written/api/${name}.csv`), 'a\n');
    age(join(box.stateDir, `written/api/${name}.csv`), count);
  } // prettier-ignore
  // The same manifest, but for a machine so slow that the file has meanwhile been quiet long enough to be recognized.
  paths['again'] = join(box.stateDir, (await freeze(box, 'again.csv')).batch.manifest);
  await removeLeftovers(box.stateDir);
  expect(Object.entries(paths).filter(([, path]) => existsSync(path)).map(([name]) => name)).toEqual(['again', 'young']); // prettier-ignore
  expect(existsSync(join(box.stateDir, 'written/api/a.csv'))).toBe(false);
  expect(existsSync(join(box.stateDir, 'written/api/b.csv'))).toBe(true);
});

test('folders for temporary files are removed when their process is gone, a day later', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const folders = [[dead, 2], [dead, 0], [process.pid, 2]].map(([pid, count]) => {
    const folder = join(tmpdir(), `loadline-${pid}-test-${count}`);
    mkdirSync(folder, { recursive: true });
    execFileSync('touch', [join(folder, 'spill')]);
    age(folder, count!);
    return folder;
  }); // prettier-ignore
  try {
    await removeLeftovers(box.stateDir);
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, true, true]);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
});
