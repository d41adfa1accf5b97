import { validateContract } from '../../../activities/contracts';
import { baseContract, day, failure, openBench, type Bench } from './support/bench';
import { as, forgetAttempts, gate } from './support/gate';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('target');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

describe('an interval older than one that is in the table', () => {
  const load = async (mode: 'merge' | 'replace', n: number, row: string, more = {}) =>
    bench.ready(bench.warehouse(), { mode, files: bench.file(`day${n}`, row), interval: day(n), ...more });

  test.each(['merge', 'replace'] as const)('is refused by %s, wherever the older load began', async (mode) => {
    const older = await load(mode, 1, '1,older');
    await (await load(mode, 2, '1,newer')).publish();
    await expect(older.publish()).rejects.toEqual(failure('OutOfOrder'));
    expect(await bench.table()).toBe('1:newer');
  });

  test('is published where that was allowed', async () => {
    await (await load('merge', 2, '1,newer')).publish();
    await (await load('merge', 1, '1,older', { outOfOrder: 'allow' })).publish();
    expect(await bench.table()).toBe('1:older');
  });

  test('does not take newer rows back, where a column tells which are newer', async () => {
    bench.contract = validateContract({ ...baseContract, newest: 'at' }, 'the test');
    await (await load('merge', 2, '1,newer,2026-02-01T00:00:00Z')).publish();
    await (await load('merge', 1, '1,older,2026-01-01T00:00:00Z')).publish();
    expect(await bench.table()).toBe('1:newer');
  });
});

test('a table altered while a load was on its way is planned again', async () => {
  const warehouse = bench.warehouse();
  await (await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) })).publish();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('b', '2,y'), interval: day(2) });
  await bench.rows('ALTER TABLE public.t ADD COLUMN more text');
  await expect(load.publish()).rejects.toEqual(failure('SchemaMoved'));
  expect(await bench.table()).toBe('1:x');
});

test('a table dropped while a load was on its way is planned again', async () => {
  const load = await bench.ready(bench.warehouse(), { mode: 'append', files: bench.file('a', '1,x') });
  await bench.rows('DROP TABLE public.t');
  await expect(load.publish()).rejects.toEqual(failure('SchemaMoved'));
});

test('what another load has published since the audit is looked at again', async () => {
  bench.contract = validateContract(
    { ...baseContract, columns: { ...baseContract.columns, v: { type: 'text', unique: true } } },
    'the test',
  );
  const warehouse = bench.warehouse();
  await (
    await bench.ready(warehouse, { mode: 'merge', files: bench.file('seed', '9,seed'), interval: day(1) })
  ).publish();
  const load = await bench.ready(warehouse, { mode: 'merge', files: bench.file('a', '1,taken'), interval: day(3) });
  await (
    await bench.ready(warehouse, { mode: 'merge', files: bench.file('b', '2,taken'), interval: day(2) })
  ).publish();
  await expect(load.publish()).rejects.toEqual(failure('NotUnique'));
  expect(await bench.table()).toBe('2:taken 9:seed');
});

test('an empty batch empties no table, unless that was asked for', async () => {
  const warehouse = bench.warehouse();
  await (await bench.ready(warehouse, { mode: 'replace', files: bench.file('a', '1,x') })).publish();
  const again = { runId: 'r2', activityId: '2', scheduledAtMs: 2 };
  const empty = { mode: 'replace', files: bench.file('a') } as const;
  await expect((await bench.ready(warehouse, empty, again)).publish()).rejects.toEqual(failure('EmptyReplace'));
  expect(await bench.table()).toBe('1:x');
  await (
    await bench.ready(warehouse, { ...empty, allowEmpty: true }, { ...again, activityId: '3', scheduledAtMs: 3 })
  ).publish();
  expect(await bench.table()).toBe('');
});

test('a partition without rows keeps those it has, unless emptying it was asked for', async () => {
  bench.contract = validateContract({ ...baseContract, partition: { column: 'at', by: 'day' } }, 'the test');
  const warehouse = bench.warehouse();
  const two = bench.file('two', '1,x,2026-03-01T10:00:00Z', '2,y,2026-03-02T10:00:00Z');
  const partitions = ['2026-03-01', '2026-03-02'];
  await (await bench.ready(warehouse, { mode: 'replace-partition', files: two, partitions, pipeline: 'a' })).publish();
  const one = {
    mode: 'replace-partition',
    files: bench.file('one', '3,z,2026-03-01T11:00:00Z'),
    partitions,
    pipeline: 'b',
  } as const;
  await expect((await bench.ready(warehouse, one)).publish()).rejects.toEqual(failure('EmptyPartition'));
  expect(await bench.table()).toBe('1:x 2:y');
  const again = { activityId: '2', scheduledAtMs: 2 };
  await (await bench.ready(warehouse, { ...one, allowEmpty: true }, again)).publish();
  expect(await bench.table()).toBe('3:z');
});

test('nobody alters the table between the look at it and the writing', async () => {
  const warehouse = bench.warehouse();
  await (await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) })).publish();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('b', '2,y'), interval: day(2) });
  const looked = gate('A', 'after', 'target:columns');
  const publishing = as('A', load.publish);
  await looked.reached;
  await bench.rows(`SET lock_timeout = '200ms'`);
  await expect(bench.rows('ALTER TABLE public.t ALTER COLUMN id TYPE integer')).rejects.toThrow('lock timeout');
  looked.open();
  expect((await publishing).outcome).toBe('loaded');
});

describe('a trigger that keeps rows as they are', () => {
  const keep = async (event: string): Promise<void> => {
    await bench.rows(
      `CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.id = 1 THEN NULL ELSE coalesce(NEW, OLD) END; END $$`,
    );
    await bench.rows(`CREATE TRIGGER keep BEFORE ${event} ON public.t FOR EACH ROW EXECUTE FUNCTION keep()`);
  };

  test('is noticed by a merge, which would count them as unchanged', async () => {
    const warehouse = bench.warehouse();
    const seed = { mode: 'append', files: bench.file('a', '1,x', '2,x'), interval: day(1) } as const;
    await (await bench.ready(warehouse, seed)).publish();
    await keep('UPDATE');
    const merge = { mode: 'merge', files: bench.file('b', '1,y', '2,y'), interval: day(2) } as const;
    await expect((await bench.ready(warehouse, merge)).publish()).rejects.toEqual(failure('ConstraintViolated'));
    expect(await bench.table()).toBe('1:x 2:x');
  });

  test('is noticed where rows are replaced, or taken back', async () => {
    bench.contract = validateContract({ ...baseContract, key: undefined }, 'the test');
    const warehouse = bench.warehouse();
    const asked = { mode: 'append', interval: day(1) } as const;
    await (await bench.ready(warehouse, { ...asked, files: bench.file('a', '1,x', '2,x') })).publish();
    await keep('DELETE');
    const files = bench.file('b', '1,y', '2,y');
    const replace = await bench.ready(warehouse, { mode: 'replace', files, pipeline: 'other' });
    await expect(replace.publish()).rejects.toEqual(failure('ConstraintViolated'));
    const again = { activityId: '2', scheduledAtMs: 2 };
    const reprocess = await bench.ready(warehouse, { ...asked, files, onChanged: 'reprocess' }, again);
    await expect(reprocess.publish()).rejects.toEqual(failure('ConstraintViolated'));
    expect(await bench.table()).toBe('1:x 2:x');
  });
});
