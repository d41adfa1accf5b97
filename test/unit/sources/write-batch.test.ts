import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MockActivityEnvironment } from '@temporalio/testing';
import { provideBatchHome } from '../../../activities/batch-home';
import { readManifest } from '../../../activities/sources/manifest-file';
import { openRows } from '../../../activities/sources/open-rows';
import type { Row } from '../../../activities/sources/written-rows';
import { openStateStore } from '../../../activities/stores/state-store';
import { writeBatch, type WriteBatchOptions } from '../../../activities/write-batch';
import { ofCode, type Sandbox, sandbox, textOf } from './files';

let box: Sandbox;
let release: () => void;
beforeEach(() => {
  box = sandbox();
  release = provideBatchHome({ stateDir: box.stateDir, store: () => box.store });
});
afterEach(() => {
  release();
  box.remove();
});

const write = (rows: Iterable<unknown> | AsyncIterable<unknown>, more: Partial<WriteBatchOptions> = {}) =>
  writeBatch(rows as Iterable<Row>, { name: 'orders', ...more });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that something refers to. What a process has of the system depends on the tests that ran in it before. */
function reachable(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function read(batch: Awaited<ReturnType<typeof write>>): Promise<string> {
  const manifest = await readManifest(box.stateDir, batch);
  const [file] = manifest.files;
  const store = openStateStore(box.stateDir);
  const rows = await openRows({ store, manifest, file: file!, wanted: [], signal: new AbortController().signal });
  const text = await textOf(rows.stream);
  await rows.verify();
  return text;
}

test('values become text that warehouses read, and NULL stays apart from the empty text', async () => {
  const batch = await write([
    {
      t: 'a "q",\n',
      n: 0.1 + 0.2,
      b: 9007199254740993n,
      ok: true,
      at: new Date(0),
      x: new Uint8Array([0, 255]),
      o: { k: [1] },
    },
    { t: '', n: null, b: undefined, o: [] },
    { n: NaN, b: -Infinity, t: 'ü😀', o: { toJSON: () => '12.50' } },
  ]);
  expect(await read(batch)).toBe(
    '"t","n","b","ok","at","x","o"\n' +
      '"a ""q"",\n","0.30000000000000004","9007199254740993","true","1970-01-01T00:00:00.000Z","\\x00ff","{""k"":[1]}"\n' +
      '"",,,,,,"[]"\n' +
      '"ü😀","NaN","-Infinity",,,,"12.50"\n',
  );
  expect(batch).toMatchObject({ kind: 'batch', store: '@state', files: 1, rows: 3, filesSkipped: 0 });
});

test('equal rows give an equal batch, and nothing temporary is left', async () => {
  const first = await write([{ a: 1 }]);
  expect(await write([{ a: 1 }])).toEqual(first);
  expect(await write([{ a: 2 }])).not.toEqual(first);
  expect(readdirSync(join(box.stateDir, 'written/orders'))).toHaveLength(2);
});

test('no rows make an empty batch, with the columns if they are named', async () => {
  expect(await read(await write([]))).toBe('');
  const batch = await write([], { columns: ['a', 'b'] });
  expect(await read(batch)).toBe('"a","b"\n');
  expect((await readManifest(box.stateDir, batch)).files[0]).toMatchObject({ columns: ['a', 'b'], rows: 0 });
});

test('named columns decide the order; keys named like things of objects are columns', async () => {
  expect(await read(await write([{ b: 1, a: 2 }], { columns: ['a', 'b', 'toString'] }))).toBe(
    '"a","b","toString"\n"2","1",\n',
  );
});

test.each<[string, unknown[], string]>([
  ['a later row with another column', [{ a: 1 }, { a: 1, b: 2 }], 'UnknownColumn'],
  ['an invalid date', [{ a: new Date('x') }], 'InvalidValue'],
  ['a date of the year 10000', [{ a: new Date('+010000-01-01') }], 'InvalidValue'],
  ['half a character', [{ a: '\ud800' }], 'InvalidValue'],
  ['a function', [{ a: () => 1 }], 'InvalidValue'],
  ['a bigint inside an object', [{ a: { b: 1n } }], 'InvalidValue'],
  ['a row without columns', [{}], 'InvalidValue'],
  ['an array as a row', [[1]], 'InvalidValue'],
  ['null as a row', [null], 'InvalidValue'],
])('%s is refused and leaves nothing', async (_title, rows, code) => {
  await expect(write(rows)).rejects.toEqual(ofCode(code));
  expect(readdirSync(join(box.stateDir, 'written/orders'))).toEqual([]);
});

test('an error of the source passes through, and the source is closed on a failure of ours', async () => {
  async function* failing() {
    yield { a: 1 };
    throw new RangeError('api');
  }
  await expect(write(failing())).rejects.toThrow(RangeError);
  let closed = false;
  async function* closing() {
    try {
      yield { a: 1 };
      yield { b: 1 };
    } finally {
      closed = true;
    }
  }
  await expect(write(closing())).rejects.toEqual(ofCode('UnknownColumn'));
  expect(closed).toBe(true);
});

test.each(['', '../x', 'a/b', '.hidden', 'a b'])('the name %p is refused', async (name) => {
  await expect(write([], { name })).rejects.toEqual(ofCode('InvalidRequest'));
});

test('outside a worker it says so, and two workers with two state folders are refused', async () => {
  expect(() => provideBatchHome({ stateDir: '/elsewhere', store: () => box.store })).toThrow(ofCode('InvalidConfig'));
  const second = provideBatchHome({ stateDir: box.stateDir, store: () => box.store });
  second();
  second();
  await write([{ a: 1 }]);
  release();
  await expect(write([{ a: 1 }])).rejects.toEqual(ofCode('InvalidConfig'));
});

test('a cancelled activity stops writing and leaves nothing', async () => {
  const env = new MockActivityEnvironment();
  async function* endless() {
    for (let a = 0; ; a++) {
      if (a === 1000) env.cancel('CANCELLED');
      yield { a };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await expect(env.run(() => write(endless()))).rejects.toMatchObject({ name: 'CancelledFailure' });
  expect(readdirSync(join(box.stateDir, 'written/orders'))).toEqual([]);
});

test('memory stays flat and backpressure holds the source back', async () => {
  const taken: number[] = [];
  function* many() {
    for (let a = 0; a < 300_000; a++) {
      if (a % 50_000 === 0) taken.push(reachable());
      // Texts of their own, 60 MB in all.
      yield { a, text: Buffer.alloc(100, `${a} `).toString() };
    }
  }
  const batch = await write(many());
  expect(batch.rows).toBe(300_000);
  expect(Math.max(...taken) - taken[0]!).toBeLessThan(20e6);
});

test('a written file that is gone or altered is not loaded', async () => {
  const batch = await write([{ a: 1 }]);
  const [file] = (await readManifest(box.stateDir, batch)).files;
  const path = join(box.stateDir, file!.path);
  writeFileSync(path, readFileSync(path, 'utf8').replace('1', '2'));
  await expect(read(batch)).rejects.toEqual(ofCode('SourceChanged'));
});
