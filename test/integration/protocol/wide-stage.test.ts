import { Readable } from 'node:stream';
import type { Store } from '../../../activities/stores/store';
import { contextOf, failure, openBench, type Bench } from './support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('wide');
});
afterEach(() => bench.stop());

// Quotes and line ends where a cut would hurt most; more than 4 MB, from where on a file is copied in parts.
const text = (i: number): string => `"${i} ""a""\n""b""\n${'x'.repeat(i % 97)}"`;
const rows = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${from + i},${text(from + i)},2026-01-01T00:00:00Z`);
const many = 70_000;

const contentOf = async (stage: string): Promise<unknown> =>
  (
    await bench.rows(`SELECT count(*)::int AS n, sum(hashtextextended(s::text, 0)::numeric)::text AS h FROM ${stage} s`)
  )[0];

const refusalOf = (staging: Promise<unknown>): Promise<unknown> =>
  staging.catch(({ type, message }: { type: string; message: string }) => [type, message]);

test('a large file is copied by two sessions, and every row arrives once and whole', async () => {
  const asked = { mode: 'append', files: bench.file('big', ...rows(1, many)) } as const;
  const [one, two] = [bench.warehouse({ copySessions: 1 }), bench.warehouse({ copySessions: 2 })];
  const open = await bench.open(one, asked);
  const single = await bench.stage(one, open, { attempt: 1 });
  const wide = await bench.stage(two, open, { attempt: 2 });
  expect([single.rows, wide.rows]).toEqual([many, many]);
  expect(await contentOf(wide.stage)).toEqual(await contentOf(single.stage));
  const transactions = (stage: string) => bench.rows(`SELECT DISTINCT xmin::text FROM ${stage}`);
  expect(await transactions(single.stage)).toHaveLength(1);
  expect(await transactions(wide.stage)).toHaveLength(2);
});

test('a wrong value in a large file is told by its line of the file, whichever session met it', async () => {
  const wrong = rows(1, many).map((row, i) => (i === many - 5 ? row.replace(/^\d+/, 'many') : row));
  const open = await bench.open(bench.warehouse(), { mode: 'append', files: bench.file('big', ...wrong) });
  // Each row has three lines, and the header one; the value is met when its row has been read to its end.
  const line = 1 + (many - 4) * 3;
  expect(await refusalOf(bench.stage(bench.warehouse(), open))).toEqual([
    'InvalidValue',
    expect.stringContaining(`another value in line ${line}.`),
  ]);
});

test('a crash between two large files, which empties what the first has left, fails the attempt', async () => {
  bench.file('big-1', ...rows(1, many));
  bench.file('big-2', ...rows(many + 1, many));
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, { mode: 'append', files: 'big-*.csv' });
  const { manifest } = await bench.extract(open);
  const staging = warehouse.stage(open, 0, { store: crashing(bench.store, 'big-2.csv'), manifest }, contextOf());
  await expect(staging).rejects.toEqual(failure('SessionLost'));
});

test('many small files are copied by two sessions, and every row arrives once', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
  names.forEach((name, i) => bench.file(name, ...rows(i * 10 + 1, 10)));
  const warehouse = bench.warehouse({ copySessions: 2 });
  const open = await bench.open(warehouse, { mode: 'append', files: 'many-*.csv' });
  const { stage, rows: copied } = await bench.stage(warehouse, open, { attempt: 1 });
  const single = await bench.stage(bench.warehouse({ copySessions: 1 }), open, { attempt: 2 });
  expect([copied, single.rows]).toEqual([400, 400]);
  expect(await contentOf(stage)).toEqual(await contentOf(single.stage));
  expect(await bench.rows(`SELECT DISTINCT xmin::text FROM ${stage}`)).toHaveLength(2);
});

test('a wrong value in one of many small files is told by its file and line, and nothing is left', async () => {
  for (let i = 0; i < 40; i++)
    bench.file(`many-${i}`, ...rows(i * 10 + 1, 9), ...(i === 23 ? ['wrong,b,2026-01-01T00:00:00Z'] : []));
  const open = await bench.open(bench.warehouse(), { mode: 'append', files: 'many-*.csv' });
  expect(await refusalOf(bench.stage(bench.warehouse(), open))).toEqual([
    'InvalidValue',
    expect.stringMatching(/many-23\.csv, column id.*another value in line 29\./),
  ]);
  const [{ stage } = { stage: '' }] = await bench.rows<{ stage: string }>('SELECT stage FROM _loadline.stages');
  expect(await contentOf(stage)).toMatchObject({ n: 0 });
});

test('a crash amid many small files, which empties what the others have left, fails the attempt', async () => {
  for (let i = 0; i < 40; i++) bench.file(`many-${i}`, ...rows(i * 10 + 1, 10));
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, { mode: 'append', files: 'many-*.csv' });
  const { manifest } = await bench.extract(open);
  const staging = warehouse.stage(open, 0, { store: crashing(bench.store, 'many-23.csv'), manifest }, contextOf());
  await expect(staging).rejects.toEqual(failure('SessionLost'));
});

/** A store that does what a crash of the server does, as soon as a file is read: sessions end, unlogged tables are empty. */
function crashing(store: Store, path: string): Store {
  async function* crash(): AsyncGenerator<Buffer> {
    await bench.rows(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const [stage] = await bench.rows<{ stage: string }>('SELECT stage FROM _loadline.stages');
    await bench.rows(`TRUNCATE ${stage!.stage}`);
    yield* store.read(path) as AsyncIterable<Buffer>;
  }
  const read = (asked: string): Readable =>
    asked === path ? Readable.from(crash(), { objectMode: false }) : store.read(asked);
  return { ...store, read };
}
