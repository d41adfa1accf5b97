import { Readable } from 'node:stream';
import { validateContract } from '../../../activities/contracts';
import type { Store } from '../../../activities/stores/store';
import { baseContract, contextOf, day, failure, openBench, type Bench } from './support/bench';
import { as, forgetAttempts, gate } from './support/gate';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('stage');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

const seeded = async (): Promise<void> => {
  await (
    await bench.ready(bench.warehouse(), { mode: 'replace', files: bench.file('seed', '1,kept', '2,kept') })
  ).publish();
};
const next = { runId: 'r2', activityId: '2', scheduledAtMs: 2 };
const stagesLeft = () =>
  bench.rows<{ name: string }>(
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '_loadline_stage' AND relkind = 'r'`,
  );

test('a stage that a crash has emptied after its audit does not empty the table', async () => {
  await seeded();
  const load = await bench.ready(bench.warehouse(), { mode: 'replace', files: bench.file('seed', '3,new') }, next);
  await bench.rows(`TRUNCATE ${load.stages[0]!.audited.stage}`);
  await expect(load.publish()).rejects.toEqual(failure('StageLost'));
  expect(await bench.table()).toBe('1:kept 2:kept');
});

test('a stage that a crash has emptied before its audit is lost', async () => {
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, { mode: 'append', files: bench.file('a', '1,x') });
  const stage = await bench.stage(warehouse, open);
  await bench.rows(`TRUNCATE ${stage.stage}`);
  await expect(bench.audit(warehouse, open, stage)).rejects.toEqual(failure('StageLost'));
});

test('a stage that is gone is lost, not an unknown error', async () => {
  const load = await bench.ready(bench.warehouse(), { mode: 'append', files: bench.file('a', '1,x') });
  await bench.rows(`DROP TABLE ${load.stages[0]!.audited.stage}`);
  await expect(load.publish()).rejects.toEqual(failure('StageLost'));
});

test('every attempt has a stage of its own', async () => {
  const [one, two] = [bench.warehouse(), bench.warehouse()];
  const open = await bench.open(one, { mode: 'append', files: bench.file('a', '1,x') });
  const first = await bench.stage(one, open, { attempt: 1 });
  const second = await bench.stage(two, open, { attempt: 2 });
  const third = await bench.stage(two, open, { attempt: 2, runId: 'r2' });
  expect(new Set([first.stage, second.stage, third.stage]).size).toBe(3);
  for (const { stage } of [first, second, third]) expect(await bench.rows(`SELECT id FROM ${stage}`)).toHaveLength(1);
});

test('rows that are equal collapse, however often the audit is tried', async () => {
  const warehouse = bench.warehouse();
  const open = await bench.open(warehouse, { mode: 'append', files: bench.file('a', '1,x', '1,x', '2,y', '1,x') });
  const stage = await bench.stage(warehouse, open);
  const audited = await bench.audit(warehouse, open, stage);
  expect(audited).toMatchObject({ rows: 4, audited: 2, duplicates: 2 });
  expect(await bench.audit(warehouse, open, stage)).toEqual(audited);
  const { manifest } = await bench.extract(open);
  expect((await warehouse.publish(open, [{ audited, manifest }], contextOf())).tables[0]).toMatchObject({
    read: 4,
    duplicates: 2,
    inserted: 2,
  });
  expect(await bench.table()).toBe('1:x 2:y');
});

test('rows that contradict each other are refused', async () => {
  const ready = bench.ready(bench.warehouse(), { mode: 'append', files: bench.file('a', '1,x', '1,y') });
  await expect(ready).rejects.toEqual(failure('ConflictingDuplicates'));
});

test('the newest of rows with one key wins, and a tie is refused', async () => {
  bench.contract = validateContract({ ...baseContract, newest: 'at' }, 'the test');
  const [old, now] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];
  const load = await bench.ready(bench.warehouse(), {
    mode: 'merge',
    files: bench.file('a', `1,new,${now}`, `1,old,${old}`),
    interval: day(1),
  });
  await load.publish();
  expect(await bench.table()).toBe('1:new');
  const tie = bench.ready(bench.warehouse(), {
    mode: 'merge',
    files: bench.file('b', `1,x,${now}`, `1,y,${now}`),
    interval: day(2),
  });
  await expect(tie).rejects.toEqual(failure('ConflictingDuplicates'));
});

test('rows without a key are refused', async () => {
  const ready = bench.ready(bench.warehouse(), { mode: 'append', files: bench.file('a', ',x') });
  await expect(ready).rejects.toEqual(failure('NullKey'));
});

describe('the sweeper', () => {
  test('drops the stages of ended workflows, and leaves those of running ones', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x') });
    expect(await warehouse.sweep(async () => false)).toEqual([]);
    expect(await warehouse.sweep(async (workflowId) => workflowId === 'w1')).toEqual([load.stages[0]!.audited.stage]);
    expect(await stagesLeft()).toEqual([]);
    expect(await bench.rows('SELECT 1 FROM _loadline.stages')).toEqual([]);
  });

  test('keeps an attempt that froze before it made its stage from making it', async () => {
    const [one, two] = [bench.warehouse(), bench.warehouse()];
    const open = await bench.open(one, { mode: 'append', files: bench.file('a', '1,x') });
    const registered = gate('zombie', 'before', 'stage:hold');
    const zombie = as('zombie', () => bench.stage(one, open));
    await registered.reached;
    expect(await two.sweep(async () => true)).toHaveLength(1);
    registered.open();
    await expect(zombie).rejects.toEqual(failure('Fenced'));
    expect(await stagesLeft()).toEqual([]);
  });

  test('does not forget a stage that is being made', async () => {
    const [one, two] = [bench.warehouse(), bench.warehouse()];
    const open = await bench.open(one, { mode: 'append', files: bench.file('a', '1,x') });
    const made = gate('slow', 'after', 'stage:create');
    const slow = as('slow', () => bench.stage(one, open));
    await made.reached;
    expect(await two.sweep(async () => true)).toEqual([]);
    made.open();
    const { stage } = await slow;
    expect(await bench.rows('SELECT stage FROM _loadline.stages')).toEqual([{ stage }]);
    expect(await two.sweep(async () => true)).toEqual([stage]);
  });

  test('ends a session that waits in COPY for a client that gives nothing more', async () => {
    const [one, two] = [bench.warehouse(), bench.warehouse()];
    const open = await bench.open(one, { mode: 'append', files: bench.file('a', '1,x') });
    const { manifest } = await bench.extract(open);
    const copying = one.stage(open, 0, { store: stuck(bench.store), manifest }, contextOf());
    copying.catch(() => undefined);
    await until(
      async () =>
        (
          await bench.rows(
            `SELECT 1 FROM pg_stat_activity WHERE query LIKE '/* loadline:stage:copy */%' AND wait_event = 'ClientRead'`,
          )
        ).length > 0,
    );
    expect(await two.sweep(async () => true)).toHaveLength(1);
    expect(await stagesLeft()).toEqual([]);
    await expect(copying).rejects.toEqual(failure('SessionLost'));
  });
});

/** A store whose files begin and never end. */
function stuck(store: Store): Store {
  async function* start(): AsyncGenerator<Buffer> {
    yield Buffer.from('id,v,at\n1,x,2026-01-01T00:00:00Z\n');
    await new Promise(() => undefined);
  }
  return { ...store, read: () => Readable.from(start(), { objectMode: false }) };
}

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((done) => setTimeout(done, 10));
}
