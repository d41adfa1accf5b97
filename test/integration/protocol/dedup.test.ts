import fc from 'fast-check';
import { validateContract } from '../../../activities/contracts';
import { baseContract, day, openBench, type Bench, type ReadyLoad } from './support/bench';
import { as, forgetAttempts, gate } from './support/gate';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('dedup');
  bench.contract = eventContract;
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

const column = (type: string) => ({ type, notNull: true });
const eventContract = validateContract(
  {
    name: 't',
    table: 'main/public.t',
    columns: { id: column('bigint'), v: { type: 'text' }, at: column('timestamptz') },
    create: 'if-missing',
  },
  'the test',
);
const dedup = { by: ['id'], time: 'at', window: '7 days' } as const;
const at = (n: number, clock = '12:00:00'): string => `2026-03-${String(n).padStart(2, '0')}T${clock}Z`;

let files = 0;
const load = (rows: readonly string[], more: object = {}): Promise<ReadyLoad> => {
  files += 1;
  const asked = {
    mode: 'append',
    files: bench.file(`f${files}`, ...rows),
    pipeline: `p${files}`,
    dedup,
    ...more,
  } as const;
  return bench.ready(bench.warehouse(), asked);
};
const publish = async (rows: readonly string[], more: object = {}) =>
  (await (await load(rows, more)).publish()).tables[0]!;

test('two loads that bring one event beside each other insert it once', async () => {
  await publish([`9,seed,${at(1)}`]);
  const one = await load([`1,one,${at(2)}`, `2,one,${at(2)}`]);
  const two = await load([`1,two,${at(2)}`, `3,two,${at(2)}`]);
  const inMiddle = gate('one', 'before', 'publish:insert');
  const first = as('one', one.publish);
  await inMiddle.reached;
  const second = as('two', two.publish);
  await bench.waiting('publish:lock', second);
  inMiddle.open();
  expect((await first).tables[0]).toMatchObject({ read: 2, inserted: 2, unchanged: 0 });
  expect((await second).tables[0]).toMatchObject({ read: 2, inserted: 1, unchanged: 1 });
  expect(await bench.table()).toBe('1:one 2:one 3:two 9:seed');
});

test('a publish that fails after it has taken repeats out takes them out again', async () => {
  await publish([`1,seed,${at(1)}`]);
  await bench.rows('ALTER TABLE public.t ADD CONSTRAINT not_now CHECK (id <> 2)');
  const again = await load([`1,x,${at(1)}`, `2,x,${at(1)}`, `2,y,${at(1)}`]);
  await expect(again.publish()).rejects.toThrow('not_now');
  await bench.rows('ALTER TABLE public.t DROP CONSTRAINT not_now');
  expect((await again.publish()).tables[0]).toMatchObject({ read: 3, inserted: 1, unchanged: 1, duplicates: 1 });
  expect(await bench.table()).toBe('1:seed 2:x');
});

test('a generation takes its own former rows away before it asks what the table holds', async () => {
  const asked = { interval: day(1), pipeline: 'p' };
  await publish([`1,first,${at(1)}`, `2,first,${at(1)}`], asked);
  await publish([`5,other,${at(1)}`], { interval: day(2) });
  const next = { ...asked, onChanged: 'reprocess' as const };
  const counts = await publish([`1,second,${at(1)}`, `5,second,${at(1)}`], next);
  expect(counts).toMatchObject({ read: 2, inserted: 1, unchanged: 1, removed: 2 });
  expect(await bench.table()).toBe('1:second 5:other');
});

test('rows that are set aside neither make an event known nor are lost', async () => {
  const v = { type: 'integer', range: { min: 0 }, severity: 'quarantine' as const };
  bench.contract = validateContract({ ...eventContract, columns: { ...eventContract.columns, v } }, 'the test');
  const counts = await publish([`1,-5,${at(1)}`, `1,7,${at(2)}`, `1,8,${at(3)}`, `2,-1,${at(1)}`]);
  expect(counts).toMatchObject({ read: 4, quarantined: 2, inserted: 1, duplicates: 1 });
  expect(await bench.table()).toBe('1:7');
  expect(await bench.rows('SELECT 1 FROM _loadline.quarantine')).toHaveLength(2);
});

test('the window is inclusive, reaches both ways, and what lies outside of it is a new event', async () => {
  await publish([`1,seed,${at(15)}`]);
  const rows = [`1,edge before,${at(8)}`, `1,edge after,${at(22)}`];
  expect(await publish(rows)).toMatchObject({ read: 2, unchanged: 2, inserted: 0 });
  const outside = [`1,long before,${at(8, '11:59:59.999')}`, `1,long after,${at(22, '12:00:00.001')}`];
  expect(await publish(outside)).toMatchObject({ read: 2, inserted: 2 });
  expect(await bench.table()).toBe('1:long after 1:long before 1:seed');
});

test('of one event in a batch the earliest is taken, then the first after its window, however often it repeats', async () => {
  const rows = [1, 8, 9, 15, 16, 17, 24].map((n) => `1,d${n},${at(n)}`);
  const counts = await publish([...rows, ...rows, `2,only,${at(30)}`]);
  expect(counts).toMatchObject({ read: 15, inserted: 4, duplicates: 11 });
  expect(await bench.table()).toBe('1:d1 1:d17 1:d9 2:only');
});

test.each(['date', 'timestamp', 'timestamptz'])('a time may be a %s', async (type) => {
  const columns = { ...eventContract.columns, at: column(type) };
  bench.contract = validateContract({ ...eventContract, columns }, 'the test');
  const on = (n: number): string => (type === 'date' ? at(n).slice(0, 10) : at(n));
  await publish([`1,seed,${on(10)}`]);
  expect(await publish([`1,near,${on(3)}`, `1,far,${on(2)}`, `1,farther,${on(1)}`])).toMatchObject({
    unchanged: 1,
    inserted: 1,
    duplicates: 1,
  });
  expect(await bench.table()).toBe('1:farther 1:seed');
});

test('whatever comes in whatever batches, the table holds what rows taken one by one in order of time leave', async () => {
  const row = fc.record({ id: fc.integer({ min: 1, max: 3 }), hour: fc.integer({ min: 0, max: 24 * 25 }) });
  const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 4 });
  const instant = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
  const windowHours = 7 * 24;
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      await bench.rows('DROP TABLE IF EXISTS public.t');
      let held: { id: number; hour: number }[] = [];
      for (const batch of all) {
        // A file of the same content is the same file, whatever its name, and would be refused as loaded already.
        const v = `batch ${files}`;
        const counts = await publish(batch.map(({ id, hour }) => `${id},${v},${instant(hour)}`));
        const repeats = (among: typeof held, r: (typeof held)[number]): boolean =>
          among.some((h) => h.id === r.id && Math.abs(h.hour - r.hour) <= windowHours);
        const unknown = batch.filter((r) => !repeats(held, r)).sort((a, b) => a.hour - b.hour);
        const taken: typeof held = [];
        for (const r of unknown) if (!repeats(taken, r)) taken.push(r);
        held = [...held, ...taken];
        expect(counts).toMatchObject({
          read: batch.length,
          unchanged: batch.length - unknown.length,
          duplicates: unknown.length - taken.length,
          inserted: taken.length,
        });
      }
      const found = await bench.rows<{ id: string; at: Date }>('SELECT id, at FROM public.t');
      const text = (rows: { id: unknown; at: string }[]): string[] => rows.map((r) => `${r.id} ${r.at}`).sort();
      expect(text(found.map((r) => ({ id: r.id, at: r.at.toISOString() })))).toEqual(
        text(held.map((r) => ({ id: r.id, at: instant(r.hour) }))),
      );
    }),
    { numRuns: 15 },
  );
});

test('an event that repeats ten thousand times in a batch costs no more than as many rows', async () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => `1,x,${new Date(Date.UTC(2026, 0, 1, n)).toISOString()}`);
  const counts = await publish(rows, { dedup: { ...dedup, window: '90 minutes' } });
  expect(counts).toMatchObject({ read: 10_000, inserted: 5_000, duplicates: 5_000 });
}, 20_000);

test('of a table of many partitions only those within reach of the batch are read', async () => {
  await bench.rows('CREATE TABLE public.t (id bigint, v text, at timestamptz NOT NULL) PARTITION BY RANGE (at)');
  for (let month = 1; month <= 12; month++) {
    const next = month === 12 ? '2027-01-01' : `2026-${month + 1}-01`;
    await bench.rows(
      `CREATE TABLE public.t${month} PARTITION OF public.t FOR VALUES FROM ('2026-${month}-01') TO ('${next}')`,
    );
  }
  await bench.rows('CREATE INDEX ON public.t (id, at)');
  await publish([`1,seed,${at(1)}`, '2,seed,2026-08-01T00:00:00Z']);
  const reader = await load([`1,again,${at(3)}`, `3,new,${at(3)}`]);
  const inMiddle = gate('reader', 'after', 'publish:known');
  const publishing = as('reader', reader.publish);
  await inMiddle.reached;
  const locked = await bench.rows<{ name: string }>(
    `SELECT DISTINCT relation::regclass::text AS name FROM pg_locks
     WHERE locktype = 'relation' AND relation::regclass::text ~ '^t\\d+$' ORDER BY 1`,
  );
  inMiddle.open();
  expect((await publishing).tables[0]).toMatchObject({ unchanged: 1, inserted: 1 });
  expect(locked.map((l) => l.name)).toEqual(['t2', 't3']);
});

test('equal rows of a key that is more than the event are duplicates, as they are without a window', async () => {
  bench.contract = validateContract({ ...baseContract, ...eventContract, key: ['id', 'at'] }, 'the test');
  const counts = await publish([`1,x,${at(1)}`, `1,x,${at(1)}`, `1,x,${at(2)}`]);
  expect(counts).toMatchObject({ read: 3, duplicates: 2, inserted: 1 });
});
