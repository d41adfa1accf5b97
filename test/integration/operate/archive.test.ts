import { loadErrorOf } from '../../../workflows/load-error';
import { actorOf, baseContract, day, failure } from '../protocol/support/bench';
import { as, gate } from '../protocol/support/gate';
import { by, closeUndoBench, notReversible, openUndoBench, type UndoBench } from './support/undo';

let bench: UndoBench;
beforeEach(async () => {
  bench = await openUndoBench('archive');
});
afterEach(() => closeUndoBench(bench));

const everything = { olderThanMs: 0 };
const late = { runId: 'late', activityId: '99', scheduledAtMs: 1e9 };
const counts = () =>
  bench
    .rows<{ l: number; a: number; h: number }>(
      `SELECT (SELECT count(*) FROM _loadline.ledger)::int AS l, (SELECT count(*) FROM _loadline.ledger_archive)::int AS a,
         (SELECT count(*) FROM _loadline.history)::int AS h`,
    )
    .then(([row]) => row!);
/** A receipt or a code, without what differs between two databases. */
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (r) => {
      const { outcome, generation, fence } = r as { outcome: string; generation: number; fence: number };
      return { outcome, generation, fence };
    },
    (e: unknown) => loadErrorOf(e)?.type,
  );

/** A table with history of every kind: superseded, rolled back, adopted, by files. */
async function history(): Promise<Awaited<ReturnType<UndoBench['load']>>[]> {
  const first = await bench.load(bench.append(1, '1,x'));
  const again = await bench.load({ ...bench.append(1, '1,x2', '2,y'), onChanged: 'reprocess' });
  const undone = await bench.load(bench.append(2, '3,z'));
  await bench.main.rollback(undone.loadKey, by);
  const files = await bench.load({ mode: 'append', files: bench.file('f', '4,f'), pipeline: 'files' });
  const adopted = await bench.adopt({ mode: 'append', interval: day(3) });
  return [first, again, undone, files, adopted];
}

test('every answer about the past is the same before and after', async () => {
  const receipts = await history();
  const { main } = bench;
  const answers = async (): Promise<unknown[]> => [
    await main.list({ limit: 100 }),
    ...(await Promise.all(
      receipts.map(async ({ loadKey, loadId }) => [
        await main.show(loadKey),
        await main.show(loadId),
        await main.applied(loadKey),
        await main.appliedIdentity(loadKey),
        await main.receipt(loadId),
        await main.summary(loadKey),
      ]),
    )),
    await bench.rows('SELECT * FROM _loadline.claims ORDER BY 1'),
    await bench.rows('SELECT * FROM _loadline.files ORDER BY 1, 2'),
    await bench.rows('SELECT * FROM _loadline.history ORDER BY 1'),
  ];
  const before = await answers();
  expect(await main.archive(everything, { dryRun: true })).toMatchObject({ archived: 5, dryRun: true });
  expect(await counts()).toEqual({ l: 5, a: 0, h: 5 });
  expect(await main.archive(everything)).toMatchObject({ archived: 5, quarantineDeleted: 0, keptDeleted: 0 });
  expect(await counts()).toEqual({ l: 0, a: 5, h: 5 });
  expect(await answers()).toEqual(before);
});

describe.each([false, true])('with archiving: %s, the same is decided', (archiving) => {
  const archive = async (): Promise<void> => {
    if (archiving) expect((await bench.main.archive(everything)).archived).toBeGreaterThan(0);
  };

  test('of loads that come again', async () => {
    const ready = await bench.ready(bench.main, bench.append(1, '1,x'));
    const first = await ready.publish();
    const { open } = ready;
    await bench.rows(`UPDATE _loadline.claims SET source_identity = 'listed'`);
    await archive();
    const same = await bench.main.claim({
      ...{ loadKey: open.loadKey, pipeline: 'p', targets: open.targets.map((t) => t.target), identity: 'interval' },
      ...{ sourceIdentity: 'listed', onChanged: 'refuse', actor: actorOf(late) },
    });
    expect(same).toEqual({ receipt: { ...first, outcome: 'already-loaded' } });
    expect(await ready.publish()).toEqual(first);
    expect(await bench.main.settle(open, null, ready.actor)).toEqual(first);
    expect(await outcome(bench.adopt(bench.append(1, '1,x')))).toBe('LoadApplied');
    await expect(bench.main.abandon(open.loadKey)).rejects.toEqual(failure('LoadStillApplied'));
  });

  test('of a generation that takes the place of the one before', async () => {
    await bench.load(bench.append(1, '1,x', '2,y'));
    await archive();
    const again = await bench.load({ ...bench.append(1, '2,y2'), onChanged: 'reprocess' });
    expect(again.tables[0]).toMatchObject({ removed: 2, inserted: 1 });
    expect(await bench.table()).toBe('2:y2');
  });

  test('of adopted rows', async () => {
    await bench.load(bench.append(2, '1,x'));
    await bench.adopt({ mode: 'append', interval: day(1) });
    await archive();
    const ready = await bench.ready(bench.main, { ...bench.append(1, '1,new'), onChanged: 'reprocess' }, late);
    await expect(ready.publish()).rejects.toEqual(notReversible('nobody knows which they are'));
  });

  test('of an interval that is late', async () => {
    await bench.load(bench.replace(5, '5,x'));
    await archive();
    const ready = await bench.ready(bench.main, bench.replace(4, '4,x'), late);
    await expect(ready.publish()).rejects.toEqual(failure('OutOfOrder'));
  });

  test('of files that are loaded, and of an attempt that is fenced', async () => {
    const files = bench.file('f', '1,x');
    const frozen = await bench.ready(bench.main, { mode: 'append', files, pipeline: 'other' }, late);
    const loaded = await bench.load({ mode: 'append', files });
    const old = await bench.ready(bench.warehouse({ claimLeaseMs: 0 }), bench.append(7, '7,x'));
    await bench.open(bench.main, bench.append(7, '7,x'), { workflowId: 'w9' });
    await archive();
    await expect(frozen.publish()).rejects.toEqual(failure('SourceOverlap'));
    await expect(old.publish()).rejects.toEqual(failure('Fenced'));
    expect(await bench.main.receipt(loaded.loadId)).toEqual(loaded);
  });

  test('of rollbacks', async () => {
    await bench.load(bench.replace(1, '1,one'));
    const second = await bench.load(bench.replace(2, '2,two'));
    const third = await bench.load(bench.replace(3, '3,three'));
    await archive();
    await expect(bench.main.rollback(second.loadKey, by)).rejects.toEqual(notReversible(third.loadId));
    expect(await bench.main.rollback(third.loadId, by)).toMatchObject({ outcome: 'rolled-back' });
    expect(await bench.main.rollback(third.loadKey, by)).toMatchObject({ outcome: 'already-rolled-back' });
    expect(await bench.table()).toBe('2:two');
    await expect(bench.claim(bench.main, bench.replace(3, '3,three'), late)).rejects.toEqual(failure('RolledBack'));
    // Kept rows whose load is built on are forgotten, others not.
    await bench.main.sweep(async () => false);
    expect(await bench.rows('SELECT 1 FROM _loadline.kept')).toEqual([]);
  });
});

test('what is young, and what is under way, stays in the ledger', async () => {
  const [first] = await history();
  expect(await bench.main.archive({ olderThanMs: 3_600_000 })).toMatchObject({ archived: 0 });
  await bench.open(bench.main, { ...bench.append(1, '9,q'), onChanged: 'reprocess' }, late);
  expect(await bench.main.archive(everything)).toMatchObject({ archived: 3 });
  expect(await bench.rows('SELECT DISTINCT load_key FROM _loadline.ledger')).toEqual([{ load_key: first!.loadKey }]);
});

test('it goes on in batches until nothing old is left', async () => {
  await bench.load(bench.append(1, '1,x'));
  await bench.rows(`INSERT INTO _loadline.ledger SELECT 'l' || n, 'k' || n, generation, fence, pipeline, targets, modes, interval_start, interval_end, batch_sha256,
    protocol, workflow_id, run_id, attempt, build_id, published_at, receipt FROM _loadline.ledger, generate_series(1, 2500) n`);
  expect(await bench.main.archive(everything)).toMatchObject({ archived: 2501 });
  expect(await counts()).toEqual({ l: 0, a: 2501, h: 2501 });
});

describe('at the wrong moment:', () => {
  test('a publish that runs beside it finds every generation, and is not waited for', async () => {
    await bench.load(bench.append(1, '1,x'));
    const next = await bench.ready(bench.main, { ...bench.append(1, '2,y'), onChanged: 'reprocess' }, late);
    await bench.rows(`UPDATE _loadline.claims SET lease_until = '-infinity'`);
    const inMiddle = gate('A', 'after', 'archive:batch');
    const archiving = as('A', () => bench.warehouse().archive(everything));
    await inMiddle.reached;
    expect((await next.publish()).tables[0]).toMatchObject({ removed: 1, inserted: 1 });
    inMiddle.open();
    expect(await archiving).toMatchObject({ archived: 1 });
    expect(await counts()).toEqual({ l: 1, a: 1, h: 2 });
    expect(await bench.table()).toBe('2:y');
  });

  test('two at once archive every receipt once', async () => {
    await history();
    const inMiddle = gate('A', 'after', 'archive:batch');
    const one = as('A', () => bench.main.archive(everything));
    await inMiddle.reached;
    const two = await bench.warehouse().archive(everything);
    inMiddle.open();
    expect([(await one).archived, two.archived]).toEqual([5, 0]);
    expect(await counts()).toEqual({ l: 0, a: 5, h: 5 });
  });

  test('a session that ends in the middle loses and doubles nothing', async () => {
    await history();
    const before = await bench.rows('SELECT * FROM _loadline.history ORDER BY 1');
    const inMiddle = gate('A', 'after', 'archive:batch');
    const archiving = as('A', () => bench.main.archive(everything));
    await inMiddle.reached;
    await bench.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%loadline:archive:batch%' AND pid <> pg_backend_pid()`,
    );
    inMiddle.open();
    await expect(archiving).rejects.toEqual(
      expect.objectContaining({ type: 'CommitOutcomeUnknown', message: expect.stringContaining('Run it again') }),
    );
    expect(await bench.rows('SELECT * FROM _loadline.history ORDER BY 1')).toEqual(before);
    expect(await bench.main.archive(everything)).toMatchObject({ archived: 5 });
    expect(await bench.rows('SELECT * FROM _loadline.history ORDER BY 1')).toEqual(before);
  });
});

describe('deletes only what it is asked to:', () => {
  const quarantined = () => bench.rows('SELECT row FROM _loadline.quarantine');
  beforeEach(async () => {
    bench.change({ columns: { ...baseContract.columns, v: { type: 'text', notNull: true, severity: 'quarantine' } } });
    await bench.load(bench.replace(1, '1,one', '7,'));
  });

  test('rows that were set aside', async () => {
    await bench.main.archive(everything);
    await bench.main.archive({ ...everything, quarantineOlderThanMs: 3_600_000 });
    expect(await quarantined()).toHaveLength(1);
    const limits = { ...everything, quarantineOlderThanMs: 0 };
    expect(await bench.main.archive(limits, { dryRun: true })).toMatchObject({ quarantineDeleted: 1 });
    expect(await bench.main.archive(limits)).toMatchObject({ quarantineDeleted: 1, keptDeleted: 0 });
    expect(await quarantined()).toEqual([]);
  });

  test('rows that a rollback would put back, which is then refused', async () => {
    const second = await bench.load(bench.replace(2, '2,two'));
    await bench.main.archive({ ...everything, keptOlderThanMs: 3_600_000 });
    const limits = { ...everything, keptOlderThanMs: 0 };
    expect(await bench.main.archive(limits, { dryRun: true })).toMatchObject({ keptDeleted: 1 });
    const inMiddle = gate('A', 'after', 'rollback:table-lock');
    const rollback = as('A', () => bench.warehouse().rollback(second.loadKey, by));
    await inMiddle.reached;
    const deleting = bench.main.archive(limits);
    expect(await bench.waiting('publish:lock', deleting)).toBe('waiting');
    inMiddle.open();
    expect(await rollback).toMatchObject({ tables: [{ restored: 1 }] });
    expect(await deleting).toMatchObject({ keptDeleted: 0 });
    const third = await bench.load(bench.replace(3, '3,three'));
    expect(await bench.main.archive(limits)).toMatchObject({ keptDeleted: 1 });
    await expect(bench.main.rollback(third.loadKey, by)).rejects.toEqual(notReversible('not kept any more'));
    expect(await bench.table()).toBe('3:three');
  });
});

test('a database without a ledger stays without one', async () => {
  expect(await bench.warehouse({ ledgerSchema: '_elsewhere' }).archive(everything)).toMatchObject({ archived: 0 });
  expect(await bench.rows(`SELECT 1 FROM pg_namespace WHERE nspname = '_elsewhere'`)).toEqual([]);
});
