import { Client } from 'pg';
import { contextOf, day, failure, openBench, type Bench } from '../protocol/support/bench';

let bench: Bench;
let stranger: Client;
beforeEach(async () => {
  bench = await openBench('bounds');
  stranger = new Client({ connectionString: bench.url });
  await stranger.connect();
});
afterEach(async () => {
  await stranger.end();
  await bench.stop();
});

const asked = () => ({ mode: 'append', files: bench.file('a', '1,x'), interval: day(1) }) as const;

test('an open that is tried again while its load waits for a verdict leaves it waiting', async () => {
  const warehouse = bench.warehouse();
  const first = await bench.open(warehouse, asked());
  await bench.rows(`UPDATE _loadline.claims SET state = 'held'`);
  const again = await bench.open(warehouse, asked(), { attempt: 2 });
  expect([again.fence, again.generation]).toEqual([first.fence, first.generation]);
  expect(await warehouse.summary(first.loadKey)).toMatchObject({ state: 'held', live: true });
});

test('a renewal that gets no answer ends with the lease, and the next one works', async () => {
  const warehouse = bench.warehouse({ claimLeaseMs: 1_000 });
  const open = await bench.open(warehouse, asked());
  await stranger.query('BEGIN; LOCK TABLE _loadline.claims IN ACCESS EXCLUSIVE MODE');
  await expect(warehouse.renew(open)).rejects.toEqual(failure('SessionLost'));
  await stranger.query('ROLLBACK');
  expect(await warehouse.renew(open)).toBe(true);
});

test('an abort ends a stage that waits for its registration, and leaves no session waiting', async () => {
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, asked());
  const { manifest, store } = await bench.extract(open);
  await stranger.query('BEGIN; LOCK TABLE _loadline.stages IN ACCESS EXCLUSIVE MODE');
  const stop = new AbortController();
  const staging = warehouse.stage(open, 0, { store, manifest }, contextOf({}, stop.signal));
  expect(await bench.waiting('stage:register', staging)).toBe('waiting');
  stop.abort(new Error('cancelled'));
  await expect(staging).rejects.toThrow('cancelled');
  for (;;) {
    const left = await bench.rows(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%stage:register%' AND pid <> pg_backend_pid()`,
    );
    if (!left.length) break;
  }
});
