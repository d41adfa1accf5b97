import { openSnowflake } from '../../../activities/warehouses/snowflake';
import { contextOf, day, failure, openBench, type Bench } from '../support/bench';
import { openSnowflakePlace, snowflakeAt } from '../support/snowflake-place';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openSnowflakePlace, 'guarantees');
});
afterEach(async () => {
  await bench.release();
  await bench.close();
});

test('a publish waits for another one of its table as long as it may, and leaves nothing when that is too short', async () => {
  const config = { ...snowflakeAt(bench.env['PLACE_URL']!, bench.env['PLACE_DATABASE']!), lockTimeoutMs: 1_000 };
  const impatient = openSnowflake('main', config);
  bench.file('a', '1,x');
  bench.file('b', '1,y');
  const first = await bench.ready(bench.warehouse(), { mode: 'merge', files: 'a.csv', interval: day(1) });
  const second = await bench.ready(impatient, { mode: 'merge', files: 'b.csv', interval: day(2), pipeline: 'q' });
  const held = await bench.hold('publish:insert 0', 'before');
  const publishing = first.publish();
  await held.reached();
  await expect(second.publish()).rejects.toEqual(failure('LockBusy'));
  await bench.release();
  expect((await publishing).tables).toMatchObject([{ inserted: 1 }]);
  expect(await bench.table()).toBe('1:x');
  expect((await second.publish()).tables).toMatchObject([{ inserted: 0, updated: 1 }]);
  expect(await bench.table()).toBe('1:y');
  await impatient.close();
});

test('two attempts at one load never write into one stage', async () => {
  bench.file('a', '1,x', '2,y');
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, { mode: 'merge', files: 'a.csv', interval: day(1) });
  const stages = [
    await bench.stage(warehouse, open),
    await bench.stage(warehouse, open),
    await bench.stage(warehouse, open, { attempt: 2 }),
  ];
  const names = stages.map(({ ref }) => ref.stage);
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(await bench.rows(`SELECT "id" FROM ${name}`)).toHaveLength(2);
});

test('of rows that repeat a key within a load the newest arrives, once, and the others are counted', async () => {
  const columns = { id: { type: 'bigint' }, v: { type: 'text' }, at: { type: 'timestamptz', notNull: true } };
  bench.contract({ columns, newest: 'at' });
  bench.file('a', '1,old,2026-01-01T00:00:00Z', '1,new,2026-01-03T00:00:00Z', '2,y,2026-01-02T00:00:00Z');
  bench.file('b', '1,older,2026-01-02T00:00:00Z');
  const receipt = await bench.load(bench.warehouse(), { mode: 'merge', files: '*.csv', interval: day(1) });
  expect(receipt.tables).toMatchObject([{ read: 4, duplicates: 2, inserted: 2 }]);
  expect(await bench.table()).toBe('1:new 2:y');
});

test('a stage that loses rows after they were counted, before the locks are taken, is not published', async () => {
  bench.contract({ key: undefined as never });
  bench.file('a', '1,x', '2,y');
  const load = await bench.ready(bench.warehouse(), { mode: 'append', files: 'a.csv', interval: day(1) });
  const held = await bench.hold('publish:lock', 'before');
  const publishing = load.warehouse.publish(load.open, load.stages, contextOf());
  publishing.catch(() => undefined);
  await held.reached();
  await bench.run(`DELETE FROM ${load.stages[0]!.audited.stage} WHERE "id" = 1`);
  await bench.release();
  await expect(publishing).rejects.toEqual(failure('StageLost'));
  expect(await bench.table()).toBe('');
});

test('rows that differ by a microsecond are two rows, whatever formats the account has for text', async () => {
  const columns = { id: { type: 'bigint' }, v: { type: 'time' }, at: { type: 'timestamp' } };
  bench.contract({ columns, key: undefined as never });
  bench.file('a', '1,10:00:00.000001,2026-01-01 00:00:00.000001', '1,10:00:00.000002,2026-01-01 00:00:00.000002');
  await bench.load(bench.warehouse(), { mode: 'append', files: 'a.csv', interval: day(1) });
  const rows = await bench.rows(`SELECT "v", "at" FROM ${bench.relation('t')} ORDER BY "at"`);
  expect(rows).toEqual([
    { v: '10:00:00.000001000', at: '2026-01-01 00:00:00.000001000' },
    { v: '10:00:00.000002000', at: '2026-01-01 00:00:00.000002000' },
  ]);
});

test('a rollback whose kept rows are deleted before its unit begins changes nothing, and says so', async () => {
  const warehouse = bench.warehouse();
  const asked = { mode: 'replace', files: 'a.csv' } as const;
  bench.file('a', '1,one');
  await bench.load(warehouse, { ...asked, interval: day(1) });
  bench.file('a', '2,two');
  const second = await bench.load(warehouse, { ...asked, interval: day(2) });
  const held = await bench.hold('rollback:lock', 'before');
  const undoing = warehouse.rollback(second.loadId, { by: 'ann', reason: 'wrong' });
  undoing.catch(() => undefined);
  await held.reached();
  expect(await bench.warehouse().archive({ olderThanMs: 0, keptOlderThanMs: 0 })).toMatchObject({ keptDeleted: 1 });
  await bench.release();
  await expect(undoing).rejects.toEqual(failure('NotReversible'));
  expect(await bench.table()).toBe('2:two');
});

test('two virtual warehouses of one database share its locks, load keys and receipts', async () => {
  await bench.run('CREATE WAREHOUSE IF NOT EXISTS LARGE_WH');
  const config = { ...snowflakeAt(bench.env['PLACE_URL']!, bench.env['PLACE_DATABASE']!), warehouse: 'LARGE_WH' };
  const large = openSnowflake('large', config);
  bench.contracts.set('t-large', { ...bench.contracts.get('t')!, name: 't-large' });
  bench.file('a', '1,x');
  const asked = { mode: 'merge', files: 'a.csv', interval: day(1) } as const;
  const first = await bench.load(large, { ...asked, into: 't-large' });
  const warehouse = bench.warehouse();
  expect(await warehouse.applied(first.loadKey)).toEqual(first);
  // To the database it is the same load once more.
  const again = await bench.load(warehouse, asked);
  expect(again).toMatchObject({ loadKey: first.loadKey, generation: 2, fence: 2, tables: [{ unchanged: 1 }] });
  await large.close();
});
