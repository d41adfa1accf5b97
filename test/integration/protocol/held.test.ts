import { Client } from 'pg';
import { PostgresClient } from '../../../activities/warehouses/postgres/client';
import { postgresDefaults } from '../../../activities/warehouses/postgres/config';
import { loadErrorOf } from '../../../workflows/load-error';
import { day, openBench, type Bench } from './support/bench';
import { forgetAttempts } from './support/gate';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('held');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

const hidden = 'S3CRET-VALUE';

test.each([
  ['the table', 'merge', 'LOCK TABLE public.t IN SHARE MODE', 't'],
  ['a row of the table', 'merge', 'SELECT 1 FROM public.t WHERE id = 1 FOR UPDATE', 'a row of a table'],
  ['the table, which replace wants for itself', 'replace', `INSERT INTO public.t VALUES (77, '${hidden}')`, 't'],
  ["the load's own lock", 'append', 'SELECT 1 FROM _loadline.locks FOR UPDATE', 'a row of a table'],
] as const)(
  'a stranger who holds %s is named, and the load is published once it lets go',
  async (_what, mode, lock, object) => {
    const seed = { mode: 'append', files: bench.file('seed', '1,seed'), interval: day(1) } as const;
    await (await bench.ready(bench.warehouse(), seed)).publish();
    const impatient = bench.warehouse({ lockTimeoutMs: 3_000 });
    const load = await bench.ready(impatient, {
      mode,
      files: bench.file('a', '2,b', '1,c'),
      interval: day(2),
      pipeline: 'other',
    });
    const stranger = new Client({ connectionString: bench.url, application_name: 'nightly report' });
    await stranger.connect();
    try {
      await stranger.query(`BEGIN; /* ${hidden} */ ${lock}`);
      const [{ pid }] = (await stranger.query('SELECT pg_backend_pid() AS pid')).rows as [{ pid: number }];
      const failure = loadErrorOf(await load.publish().catch((e: unknown) => e))!;
      expect([failure.type, failure.details[0].object]).toEqual([
        'LockBusy',
        expect.stringMatching(new RegExp(`^(${object})$`)),
      ]);
      expect(failure.message).toMatch(
        new RegExp(`process ${pid} \\(nightly report, role \\w+, in a transaction since 20\\d\\d-.*Z\\)`),
      );
      expect(failure.message).not.toContain(hidden);
      expect(failure).not.toMatchObject({ nonRetryable: true });
      await stranger.query('ROLLBACK');
    } finally {
      await stranger.end();
    }
    if (mode === 'append') await bench.rows('DELETE FROM public.t WHERE id = 1');
    expect((await load.publish()).outcome).toBe('loaded');
    expect(await bench.table()).toBe('1:c 2:b');
  },
);

test('a wait that ends while it is looked at is not told as one for something else', async () => {
  await bench.rows('CREATE TABLE public.t (id int)');
  const stranger = new Client({ connectionString: bench.url });
  await stranger.connect();
  await stranger.query('BEGIN; LOCK TABLE public.t');
  const client = new PostgresClient({ ...postgresDefaults, kind: 'postgres', url: bench.url });
  const bounds = { lockTimeoutMs: 50, timeoutMs: 10_000, frozenTimeoutMs: 10_000 };
  const told = new Set<unknown>();
  const wait = async (): Promise<void> => {
    const error: unknown = await client
      .transaction(bounds, undefined, async (tx) => ({
        value: await tx.run('test:wait', 'LOCK TABLE public.t'),
        commit: false,
      }))
      .catch((e: unknown) => e);
    told.add(loadErrorOf(error)?.details[0].object);
  };
  try {
    for (let i = 0; i < 60; i++) await Promise.all([wait(), wait(), wait(), wait()]);
  } finally {
    await client.close();
    await stranger.end();
  }
  expect(told).toContain('t');
  expect(told).not.toContain('a row of a table');
});
