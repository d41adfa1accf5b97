import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { copiesFolder, removeDeadCopies } from '../../../activities/stores/objects/copies-folder';
import { takeSpace } from '../../../activities/stores/objects/copy-space';
import { optionalPackage } from '../../../activities/stores/objects/optional-package';
import { ofCode } from '../sources/files';

let stateDir: string;
beforeEach(() => (stateDir = mkdtempSync(join(tmpdir(), 'loadline-test-'))));
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

test('copies of processes that are gone are removed at once; those of other machines after a day', async () => {
  const own = await copiesFolder(stateDir);
  const fetched = join(stateDir, 'fetched');
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, '_');
  const folders = {
    dead: join(fetched, `${host}~4194303~aa`),
    formerLife: join(fetched, `${host}~${process.pid}~bb`),
    elsewhere: join(fetched, 'another.host~1~cc'),
    elsewhereOld: join(fetched, 'another.host~2~dd'),
  };
  for (const folder of Object.values(folders)) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'x.copy'), 'x');
  }
  const old = Date.now() / 1000 - 2 * 24 * 3600;
  utimesSync(folders.elsewhereOld, old, old);
  await removeDeadCopies(stateDir);
  const left = Object.entries(folders).flatMap(([name, folder]) => (existsSync(folder) ? [name] : []));
  expect([existsSync(own), left]).toEqual([true, ['elsewhere']]);
});

test('a copy that the disk has no room for is WorkerFull, and takes none', async () => {
  await expect(takeSpace(stateDir, 2 ** 60)).rejects.toEqual(ofCode('WorkerFull'));
  (await takeSpace(stateDir, 1))();
});

test('copies wait for one another when they would take too much together', async () => {
  const half = 5 * 1024 ** 3;
  const stop = new AbortController();
  const first = await takeSpace('/nowhere', half);
  const second = takeSpace('/nowhere', half, stop.signal);
  const third = takeSpace('/nowhere', half);
  stop.abort(new Error('stop'));
  await expect(second).rejects.toThrow('stop');
  first();
  (await third)();
});

test('a package that is absent is named, with the command that installs it', async () => {
  const absent = (): Promise<unknown> => import('loadline-no-such-package' as string);
  const asked = optionalPackage('loadline-no-such-package', 'raw', absent);
  await expect(asked).rejects.toEqual(ofCode('InvalidConfig'));
  await expect(asked).rejects.toThrow('npm install loadline-no-such-package');
  await expect(optionalPackage('x', 'raw', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
