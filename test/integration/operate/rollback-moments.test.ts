import { ledgerVersion } from '../../../activities/warehouses/postgres/ledger-schema';
import { Client } from 'pg';
import { contextOf, failure } from '../protocol/support/bench';
import { as, gate, loseAnswer } from '../protocol/support/gate';
import { by, closeUndoBench, downgradeLedger, notReversible, openUndoBench, type UndoBench } from './support/undo';

let bench: UndoBench;
beforeEach(async () => {
  bench = await openUndoBench('moments');
});
afterEach(() => closeUndoBench(bench));

describe('at the wrong moment:', () => {
  test('asked for twice, it says that it is done, and undoes no other load', async () => {
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    const receipt = await bench.main.rollback(second.loadKey, by);
    expect(await bench.main.rollback(second.loadKey, by)).toEqual({ ...receipt, outcome: 'already-rolled-back' });
    expect(await bench.main.rollback(second.loadId, by)).toEqual({ ...receipt, outcome: 'already-rolled-back' });
    expect(await bench.table()).toBe('1:one');
  });

  test('two at once are one', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    const inMiddle = gate('A', 'after', 'rollback:delete');
    const one = as('A', () => bench.main.rollback(first.loadKey, by));
    await inMiddle.reached;
    const two = bench.warehouse().rollback(first.loadKey, { by: 'ben', reason: 'me too' });
    expect(await bench.waiting('publish:lock', two)).toBe('waiting');
    inMiddle.open();
    expect(await one).toMatchObject({ outcome: 'rolled-back', by: 'ann' });
    expect(await two).toMatchObject({ outcome: 'already-rolled-back', by: 'ann' });
  });

  test('a publish of the same table waits for it', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    const next = await bench.ready(bench.main, bench.append(2, '2,y'), { workflowId: 'w2' });
    const inMiddle = gate('A', 'after', 'rollback:delete');
    const rollback = as('A', () => bench.main.rollback(first.loadKey, by));
    await inMiddle.reached;
    const publish = as('B', next.publish);
    expect(await bench.waiting('publish:lock', publish)).toBe('waiting');
    inMiddle.open();
    await Promise.all([rollback, publish]);
    expect(await bench.table()).toBe('2:y');
  });

  test('a load under way under the key is left alone', async () => {
    await bench.load(bench.append(1, '1,x'));
    const open = await bench.open(
      bench.main,
      { ...bench.append(1, '2,y'), onChanged: 'reprocess' },
      { runId: 'r2', activityId: '2', scheduledAtMs: 1e9 },
    );
    await expect(bench.main.rollback(open.loadKey, by)).rejects.toEqual(failure('LoadInProgress'));
    expect(await bench.table()).toBe('1:x');
  });

  test('an attempt that froze before publishing the next generation is fenced by it', async () => {
    await bench.load(bench.append(1, '1,x'));
    const frozen = await bench.ready(
      bench.warehouse({ claimLeaseMs: 0 }),
      { ...bench.append(1, '2,y'), onChanged: 'reprocess' },
      { runId: 'r2', activityId: '2', scheduledAtMs: 1e9 },
    );
    await bench.main.rollback(frozen.open.loadKey, by);
    await expect(frozen.publish()).rejects.toEqual(failure('RolledBack'));
    // Nor once somebody else has opened the key.
    const opened = await bench.open(
      bench.main,
      { ...bench.append(1, '3,z'), onChanged: 'reprocess' },
      { workflowId: 'w3' },
    );
    expect(opened.fence).toBe(frozen.open.fence + 2);
    await expect(frozen.publish()).rejects.toEqual(failure('Fenced'));
    expect(await bench.table()).toBe('');
  });

  test('a publish whose answer was lost neither comes back nor counts as applied', async () => {
    const late = await bench.ready(bench.main, bench.append(1, '1,x'));
    loseAnswer('A', 'commit');
    await expect(as('A', late.publish)).rejects.toEqual(failure('CommitOutcomeUnknown'));
    await bench.main.rollback(late.open.loadKey, by);
    await expect(late.publish()).rejects.toEqual(failure('RolledBack'));
    expect(await bench.main.settle(late.open, late.stages[0]!.manifest.sha256, late.actor)).toBeNull();
    await bench.load({ ...bench.append(1, '2,y'), onChanged: 'reprocess' });
    await expect(late.publish()).rejects.toEqual(failure('Fenced'));
    expect(await bench.main.settle(late.open, null, late.actor)).toBeNull();
    expect(await bench.table()).toBe('2:y');
  });

  test('its own lost COMMIT answer is found out by asking again', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    loseAnswer('A', 'commit');
    await expect(as('A', () => bench.main.rollback(first.loadKey, by))).rejects.toEqual(
      expect.objectContaining({
        type: 'CommitOutcomeUnknown',
        message: expect.stringContaining('Run it again'),
      }) as Error,
    );
    expect(await bench.main.rollback(first.loadKey, by)).toMatchObject({ outcome: 'already-rolled-back' });
    expect(await bench.table()).toBe('');
  });

  test('a session that ends in the middle leaves everything as it was', async () => {
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    const inMiddle = gate('A', 'after', 'rollback:restore');
    const rollback = as('A', () => bench.main.rollback(second.loadKey, by));
    await inMiddle.reached;
    await bench.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%loadline:rollback:restore%' AND pid <> pg_backend_pid()`,
    );
    inMiddle.open();
    await expect(rollback).rejects.toEqual(failure('SessionLost'));
    expect(await bench.table()).toBe('2:two');
    expect(await bench.main.summary(second.loadKey)).toMatchObject({ state: 'applied' });
    expect(await bench.main.rollback(second.loadKey, by)).toMatchObject({ outcome: 'rolled-back' });
    expect(await bench.table()).toBe('1:one');
  });

  test('a writer that keeps to no rule waits, and its rows stay', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    const inMiddle = gate('A', 'after', 'rollback:delete');
    const rollback = as('A', () => bench.main.rollback(first.loadKey, by));
    await inMiddle.reached;
    const stranger = new Client({ connectionString: bench.url });
    await stranger.connect();
    const writing = stranger.query(`/* loadline:stranger */ INSERT INTO public.t VALUES (5, 'by hand')`);
    expect(await bench.waiting('stranger', writing)).toBe('waiting');
    inMiddle.open();
    await rollback;
    await writing;
    await stranger.end();
    expect(await bench.table()).toBe('5:by hand');
  });
});

describe('of a ledger of version 1', () => {
  test('works for append, and is refused for what was not kept', async () => {
    const first = await bench.load(bench.append(1, '1,x'));
    await downgradeLedger(bench);
    await bench.warehouse().rollback(first.loadKey, by);
    expect(await bench.table()).toBe('');
    await bench.rows(
      'DROP TABLE public.t; DELETE FROM _loadline.claims; DELETE FROM _loadline.ledger; DELETE FROM _loadline.rollbacks',
    );
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    await downgradeLedger(bench);
    await expect(bench.warehouse().rollback(second.loadKey, by)).rejects.toEqual(notReversible('were not kept'));
    expect(await bench.table()).toBe('2:two');
  });

  test('a load that an older release opened is published by this one', async () => {
    const ready = await bench.ready(bench.main, bench.append(1, '1,x'));
    await downgradeLedger(bench);
    expect(await bench.warehouse().publish(ready.open, ready.stages, contextOf())).toMatchObject({ outcome: 'loaded' });
    expect(await bench.rows('SELECT max(schema_version) AS v FROM _loadline.meta')).toEqual([{ v: ledgerVersion }]);
  });
});
