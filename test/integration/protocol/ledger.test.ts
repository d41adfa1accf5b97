import { contextOf, day, failure, openBench, type Bench } from './support/bench';
import { as, forgetAttempts, loseAnswer } from './support/gate';
import { expectBalanced } from '../support/receipts';
import { validateContract } from '../../../activities/contracts';
import { PostgresClient } from '../../../activities/warehouses/postgres/client';
import { postgresDefaults } from '../../../activities/warehouses/postgres/config';
import { baseContract } from './support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('ledger');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

test('a late publish of an applied load gets its receipt and changes nothing', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) });
  const receipt = await load.publish();
  expect(receipt.outcome).toBe('loaded');
  expect(await load.publish()).toEqual(receipt);
  const other = warehouse.publish(load.open, load.stages, contextOf({ runId: 'another' }));
  expect(await other).toEqual({ ...receipt, outcome: 'already-loaded' });
  expect(await bench.table()).toBe('1:x');
  expect(await bench.rows('SELECT load_key FROM _loadline.ledger')).toHaveLength(1);
});

test('a late publish of an older generation does not bring it back', async () => {
  const warehouse = bench.warehouse();
  const first = await bench.ready(warehouse, { mode: 'replace', files: bench.file('a', '1,first') });
  await first.publish();
  const second = await bench.ready(
    warehouse,
    { mode: 'replace', files: bench.file('a', '1,second') },
    { runId: 'r2', activityId: '2', scheduledAtMs: 2 },
  );
  expect(second.open.generation).toBe(2);
  await second.publish();
  const late = bench.warehouse().publish(first.open, first.stages, contextOf({ runId: 'another' }));
  expect(await late).toMatchObject({ outcome: 'already-loaded', generation: 1 });
  expect(await bench.table()).toBe('1:second');
});

test('a late publish of other content than the applied one is told that it has not been loaded', async () => {
  const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
  const asked = { mode: 'append', files: 'a.csv', interval: day(1) } as const;
  bench.file('a', '1,first');
  const late = await bench.ready(one, asked);
  bench.file('a', '1,second');
  await (await bench.ready(two, asked, { workflowId: 'w2', runId: 'r2' })).publish();
  await expect(late.publish()).rejects.toEqual(failure('Fenced'));
  expect(await two.settle(late.open, late.stages[0]!.manifest.sha256, late.actor)).toBeNull();
  expect(await bench.table()).toBe('1:second');
});

test('a COMMIT whose answer is lost has an unknown outcome, which the ledger knows', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) });
  loseAnswer('A', 'commit');
  await expect(as('A', load.publish)).rejects.toEqual(failure('CommitOutcomeUnknown'));
  await expect(warehouse.abandon(load.open.loadKey)).rejects.toEqual(failure('LoadStillApplied'));
  const settled = await warehouse.settle(load.open, null, load.actor);
  expect(settled).toMatchObject({ outcome: 'loaded', loadId: load.open.loadId });
  expect(await load.publish()).toEqual(settled);
  expect(await bench.table()).toBe('1:x');
});

test('settle knows nothing of a load that has not committed, nor of an older generation', async () => {
  const warehouse = bench.warehouse();
  const first = await bench.ready(warehouse, { mode: 'replace', files: bench.file('a', '1,first') });
  expect(await warehouse.settle(first.open, null, first.actor)).toBeNull();
  await first.publish();
  const second = await bench.open(
    warehouse,
    { mode: 'replace', files: 'a.csv' },
    { runId: 'r2', activityId: '2', scheduledAtMs: 2 },
  );
  expect(await warehouse.settle(second, null, first.actor)).toBeNull();
});

test('an error in the middle of publish leaves no row, no lock and no transaction', async () => {
  const warehouse = bench.warehouse();
  const bad = await bench.ready(warehouse, {
    mode: 'append',
    files: bench.file('bad', '1,x', '2,forbidden'),
    pipeline: 'bad',
  });
  await bench.rows(`ALTER TABLE public.t ADD CONSTRAINT no CHECK (v <> 'forbidden')`);
  await expect(bad.publish()).rejects.toEqual(failure('ConstraintViolated'));
  expect(await bench.table()).toBe('');
  expect(
    await bench.rows(
      `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
    ),
  ).toEqual([]);
  const good = await bench.ready(warehouse, { mode: 'append', files: bench.file('good', '3,y'), pipeline: 'good' });
  expect((await good.publish()).outcome).toBe('loaded');
  expect(await bench.table()).toBe('3:y');
  expect(await bench.rows('SELECT pipeline FROM _loadline.ledger')).toEqual([{ pipeline: 'good' }]);
  expect(await bench.rows('SELECT load_id FROM _loadline.files')).toHaveLength(1);
});

test('a COMMIT that the server answers with ROLLBACK is none', async () => {
  const client = new PostgresClient({ ...postgresDefaults, kind: 'postgres', url: bench.url });
  const bounds = { timeoutMs: 10_000, frozenTimeoutMs: 10_000, lockTimeoutMs: 10_000 };
  try {
    const swallowed = client.transaction(bounds, undefined, async (tx) => {
      await tx.run('test:error', 'SELECT 1 / 0').catch(() => undefined);
      return { value: 'done', commit: true };
    });
    await expect(swallowed).rejects.toEqual(failure('SessionLost'));
  } finally {
    await client.close();
  }
});

test('every row of a merge is accounted for once', async () => {
  bench.contract = validateContract(
    {
      ...baseContract,
      newest: 'at',
      columns: { ...baseContract.columns, v: { type: 'text', notNull: true, severity: 'quarantine' } },
    },
    'the test',
  );
  const warehouse = bench.warehouse();
  const [old, now] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];
  const seed = bench.file('seed', `1,same,${old}`, `2,before,${old}`, `3,newest,${now}`);
  await (await bench.ready(warehouse, { mode: 'merge', files: seed, interval: day(1) })).publish();
  const next = bench.file(
    'next',
    `1,same,${old}`,
    `2,after,${now}`,
    `3,too late,${old}`,
    `4,new,${old}`,
    `4,new,${old}`,
    `5,,${old}`,
  );
  const load = await bench.ready(warehouse, { mode: 'merge', files: next, interval: day(2) });
  const receipt = expectBalanced(await load.publish());
  expect(receipt.tables[0]).toMatchObject({
    read: 6,
    inserted: 1,
    updated: 1,
    unchanged: 1,
    stale: 1,
    duplicates: 1,
    quarantined: 1,
  });
  expect(await bench.table()).toBe('1:same 2:after 3:newest 4:new');
  expect(await bench.rows(`SELECT reasons, row ->> 'id' AS id FROM _loadline.quarantine`)).toEqual([
    { reasons: ['notNull of v'], id: '5' },
  ]);
});

test('insert-only leaves known keys alone and accounts for them', async () => {
  const warehouse = bench.warehouse();
  await (
    await bench.ready(warehouse, { mode: 'insert-only', files: bench.file('a', '1,first'), interval: day(1) })
  ).publish();
  const load = await bench.ready(warehouse, {
    mode: 'insert-only',
    files: bench.file('b', '1,second', '2,new'),
    interval: day(2),
  });
  expect(expectBalanced(await load.publish()).tables[0]).toMatchObject({ read: 2, inserted: 1, unchanged: 1 });
  expect(await bench.table()).toBe('1:first 2:new');
});

test('files that another load has brought since are found under the lock', async () => {
  const warehouse = bench.warehouse();
  const files = bench.file('same', '1,x');
  const [a, b] = [
    await bench.ready(warehouse, { mode: 'append', files, pipeline: 'a' }),
    await bench.ready(warehouse, { mode: 'append', files, pipeline: 'b' }),
  ];
  await a.publish();
  await expect(b.publish()).rejects.toEqual(failure('SourceOverlap'));
  expect(await bench.table()).toBe('1:x');
});
