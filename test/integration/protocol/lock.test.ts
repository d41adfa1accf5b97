import { contextOf, day, failure, openBench, type Bench } from './support/bench';
import { as, forgetAttempts, gate, statementsOf } from './support/gate';
import { Client } from 'pg';
import type { OpenLoad } from '../../../workflows/contract';
import type { PublishStage } from '../../../activities/warehouses/warehouse';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('lock');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

test('the lock comes first, the ledger is asked under it, and its own row is written last', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x') });
  await as('A', load.publish);
  const sent = statementsOf('A');
  expect(sent.slice(0, 3)).toEqual(['begin', 'publish:lock', 'claim:read']);
  expect(sent.slice(sent.indexOf('publish:insert'), sent.indexOf('commit') + 1)).toEqual([
    'publish:insert',
    'publish:effect',
    'publish:files',
    'publish:noted',
    'publish:metrics',
    'publish:clock',
    'publish:version',
    'publish:claim',
    'publish:ledger',
    'commit',
  ]);
});

test('two publishes of one table wait for each other, so that the newer rows stay', async () => {
  const [one, two] = [bench.warehouse(), bench.warehouse()];
  await (await bench.ready(one, { mode: 'merge', files: bench.file('seed', '1,seed'), interval: day(1) })).publish();
  const older = await bench.ready(one, { mode: 'merge', files: bench.file('older', '1,older'), interval: day(2) });
  const newer = await bench.ready(two, { mode: 'merge', files: bench.file('newer', '1,newer'), interval: day(3) });
  const inMiddle = gate('older', 'before', 'publish:insert');
  const first = as('older', older.publish);
  await inMiddle.reached;
  const second = as('newer', newer.publish);
  const how = await bench.waiting('publish:lock', second);
  inMiddle.open();
  await Promise.all([first, second]);
  expect(await bench.table()).toBe('1:newer');
  expect(how).toBe('waiting');
});

test.each(['read committed', 'repeatable read', 'serializable'])(
  'what was published while a publish waited is seen by it, where the default is %s',
  async (level) => {
    await bench.rows(
      `ALTER DATABASE "${new URL(bench.url).pathname.slice(1)}" SET default_transaction_isolation = '${level}'`,
    );
    const [one, two] = [bench.warehouse(), bench.warehouse()];
    const files = bench.file('same', '1,x', '2,y');
    const a = await bench.ready(one, { mode: 'append', files, pipeline: 'a' });
    const b = await bench.ready(two, { mode: 'append', files, pipeline: 'b' }, { workflowId: 'w2' });
    const inMiddle = gate('a', 'after', 'publish:overlap');
    const first = as('a', a.publish);
    await inMiddle.reached;
    const second = as('b', b.publish);
    await bench.waiting('publish:lock', second);
    inMiddle.open();
    await first;
    await expect(second).rejects.toEqual(failure('SourceOverlap'));
    expect(await bench.table()).toBe('1:x 2:y');
  },
);

test('a set waits for its first table without holding its second', async () => {
  // Read in the order the rows were written, which is not the sorted one.
  const database = new URL(bench.url).pathname.slice(1);
  await bench.rows(`ALTER DATABASE "${database}" SET enable_indexscan = off`);
  await bench.rows(`ALTER DATABASE "${database}" SET enable_bitmapscan = off`);
  await bench.rows(`ALTER DATABASE "${database}" SET enable_indexonlyscan = off`);
  const warehouse = bench.warehouse();
  await warehouse.prepare();
  await bench.rows(`INSERT INTO _loadline.locks (target) VALUES ('d.s.b')`);
  await bench.rows(`INSERT INTO _loadline.locks (target) VALUES ('d.s.a')`);
  const other = new Client({ connectionString: bench.url });
  await other.connect();
  try {
    await other.query(`BEGIN; SELECT 1 FROM _loadline.locks WHERE target = 'd.s.a' FOR UPDATE`);
    const open = { loadKey: 'k', targets: [{ target: 'd.s.b' }, { target: 'd.s.a' }] } as unknown as OpenLoad;
    const stages = [{ audited: { index: 0 } }, { audited: { index: 1 } }] as unknown as PublishStage[];
    const publish = as('set', () => warehouse.publish(open, stages, contextOf()));
    expect(await bench.waiting('publish:lock', publish)).toBe('waiting');
    await expect(
      bench.rows(`SELECT 1 FROM _loadline.locks WHERE target = 'd.s.b' FOR UPDATE NOWAIT`),
    ).resolves.toHaveLength(1);
    await other.query('ROLLBACK');
    await expect(publish).rejects.toEqual(failure('Fenced'));
  } finally {
    await other.end();
  }
});

test('a publish without a row to lock is refused, and opening the load again restores the row', async () => {
  const warehouse = bench.warehouse();
  const asked = { mode: 'append', files: bench.file('a', '1,x') } as const;
  const load = await bench.ready(warehouse, asked);
  await bench.rows('DELETE FROM _loadline.locks');
  await expect(load.publish()).rejects.toEqual(failure('LockRowMissing'));
  expect(await bench.table()).toBe('');
  await (await bench.ready(warehouse, asked, { activityId: '2', scheduledAtMs: 2 })).publish();
  expect(await bench.table()).toBe('1:x');
});

test('a client that freezes in publish loses its lock within its time, and cannot go on', async () => {
  const [one, two] = [bench.warehouse({ frozenTimeoutMs: 1_500 }), bench.warehouse()];
  const frozen = await bench.ready(two, { mode: 'merge', files: bench.file('frozen', '1,frozen'), interval: day(1) });
  const asked = { mode: 'merge', files: bench.file('other', '2,other'), interval: day(1), part: 'other' } as const;
  const other = await bench.ready(two, asked);
  const inMiddle = gate('frozen', 'after', 'publish:insert');
  const late = as('frozen', () => one.publish(frozen.open, frozen.stages, contextOf()));
  await inMiddle.reached;
  expect((await other.publish()).outcome).toBe('loaded');
  inMiddle.open();
  await expect(late).rejects.toEqual(failure('SessionLost'));
  expect(await bench.table()).toBe('2:other');
});

test('an abort ends the statement that runs, and leaves nothing', async () => {
  const [one, two] = [bench.warehouse(), bench.warehouse()];
  const a = await bench.ready(one, { mode: 'append', files: bench.file('a', '1,x'), pipeline: 'a' });
  const b = await bench.ready(two, { mode: 'append', files: bench.file('b', '2,y'), pipeline: 'b' });
  const inMiddle = gate('a', 'after', 'publish:lock');
  const first = as('a', a.publish);
  await inMiddle.reached;
  const stop = new AbortController();
  const second = as('b', () => two.publish(b.open, b.stages, { ...contextOf(), signal: stop.signal }));
  expect(await bench.waiting('publish:lock', second)).toBe('waiting');
  stop.abort(new Error('cancelled'));
  await expect(second).rejects.toThrow('cancelled');
  inMiddle.open();
  await first;
  expect(await bench.table()).toBe('1:x');
  expect((await b.publish()).outcome).toBe('loaded');
});
