import { contextOf, day, failure } from '../protocol/support/bench';
import { as, gate, loseAnswer } from '../protocol/support/gate';
import { by, closeUndoBench, downgradeLedger, notReversible, openUndoBench, type UndoBench } from './support/undo';

let bench: UndoBench;
beforeEach(async () => {
  bench = await openUndoBench('adopt');
  await bench.rows(`CREATE TABLE public.t (id bigint, v text, at timestamptz, _loadline_load_id text)`);
  await bench.rows(`INSERT INTO public.t VALUES (1, 'hand')`);
});
afterEach(() => closeUndoBench(bench));

const asked = () => ({ ...bench.append(1, '1,hand') });
const later = { workflowId: 'w2', scheduledAtMs: 1e9 };

test('a load under way is left alone, and so is one that waits for a verdict', async () => {
  const ready = await bench.ready(bench.main, asked());
  await expect(bench.adopt(asked())).rejects.toEqual(failure('LoadInProgress'));
  await bench.rows(`UPDATE _loadline.claims SET state = 'held', lease_until = '-infinity'`);
  await expect(bench.adopt(asked())).rejects.toEqual(failure('LoadInProgress'));
  await bench.rows(`UPDATE _loadline.claims SET state = 'open'`);
  expect((await ready.publish()).outcome).toBe('loaded');
});

test('a load that froze gets the receipt when it would bring the same content, and is fenced when it would not', async () => {
  const same = await bench.ready(bench.warehouse({ claimLeaseMs: 0 }), asked());
  const receipt = await bench.adopt(asked());
  expect(receipt.fence).toBe(same.open.fence + 1);
  expect(await same.publish()).toEqual({ ...receipt, outcome: 'already-loaded' });
  const other = await bench.ready(bench.warehouse({ claimLeaseMs: 0 }), bench.append(2, '2,other'));
  await bench.adopt({ mode: 'append', interval: day(2) });
  await expect(other.publish()).rejects.toEqual(failure('Fenced'));
  expect(await bench.table()).toBe('1:hand');
});

test('a publish that has begun is waited for, and then there is nothing to adopt', async () => {
  const ready = await bench.ready(bench.main, bench.append(1, '2,loaded'));
  const inMiddle = gate('A', 'after', 'publish:insert');
  const publish = as('A', ready.publish);
  await inMiddle.reached;
  const adopting = bench.adopt({ mode: 'append', interval: day(1) }, bench.warehouse());
  expect(await bench.waiting('publish:lock', adopting)).toBe('waiting');
  inMiddle.open();
  await publish;
  await expect(adopting).rejects.toEqual(failure('LoadApplied'));
});

test('a publish of the same table waits for it', async () => {
  const next = await bench.ready(bench.main, bench.append(2, '2,next'));
  const inMiddle = gate('A', 'after', 'adopt:claim');
  const adopting = as('A', () => bench.adopt(asked(), bench.warehouse()));
  await inMiddle.reached;
  const publish = as('B', next.publish);
  expect(await bench.waiting('publish:lock', publish)).toBe('waiting');
  inMiddle.open();
  await Promise.all([adopting, publish]);
  expect(await bench.table()).toBe('1:hand 2:next');
});

test('two at once are one', async () => {
  const inMiddle = gate('A', 'after', 'adopt:claim');
  const one = as('A', () => bench.adopt(asked()));
  await inMiddle.reached;
  const two = as('B', () => bench.adopt(asked(), bench.warehouse()));
  two.catch(() => undefined);
  expect(await bench.waiting('claim:locks', two)).toBe('waiting');
  inMiddle.open();
  expect(await one).toMatchObject({ adopted: by });
  await expect(two).rejects.toEqual(failure('LoadApplied'));
});

test('a session that ends in the middle leaves nothing, and a lost COMMIT answer is found out by asking again', async () => {
  const inMiddle = gate('A', 'after', 'adopt:claim');
  const ended = as('A', () => bench.adopt({ mode: 'append', files: bench.file('f', '1,hand') }));
  await inMiddle.reached;
  await bench.rows(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%loadline:adopt:claim%' AND pid <> pg_backend_pid()`,
  );
  inMiddle.open();
  await expect(ended).rejects.toEqual(failure('SessionLost'));
  expect(await bench.rows('SELECT 1 FROM _loadline.claims UNION ALL SELECT 1 FROM _loadline.files')).toEqual([]);
  loseAnswer('B', 'commit');
  await expect(as('B', () => bench.adopt(asked()))).rejects.toEqual(failure('CommitOutcomeUnknown'));
  await expect(bench.adopt(asked())).rejects.toEqual(failure('LoadApplied'));
});

test('files that another load brings meanwhile are adopted by nobody', async () => {
  const files = bench.file('f', '1,hand');
  const inMiddle = gate('A', 'before', 'claim:locks');
  const adopting = as('A', () => bench.adopt({ mode: 'append', files }));
  await inMiddle.reached;
  await bench.load({ mode: 'append', files, pipeline: 'another' });
  inMiddle.open();
  await expect(adopting).rejects.toEqual(failure('SourceOverlap'));
});

test('its rows are never taken for those of a load, whatever step is left out', async () => {
  await bench.adopt({ mode: 'append', interval: day(1) });
  // As a workflow does that stages a batch of its own.
  const ready = await bench.ready(bench.main, { ...bench.append(1, '1,new'), onChanged: 'reprocess' }, later);
  await expect(ready.publish()).rejects.toEqual(notReversible('nobody knows which they are'));
  expect(await bench.table()).toBe('1:hand');
});

test('it cannot be rolled back, and keeps no other load from being', async () => {
  const first = await bench.load(bench.append(2, '2,loaded'));
  const adopted = await bench.adopt(asked());
  await expect(bench.main.rollback(adopted.loadKey, by)).rejects.toEqual(notReversible('it was adopted'));
  await bench.main.rollback(first.loadKey, by);
  expect(await bench.table()).toBe('1:hand');
  const again = await bench.adopt({ mode: 'append', interval: day(2) });
  expect(again).toMatchObject({ loadKey: first.loadKey, generation: 2 });
});

test('it counts in the order of intervals, and is marked wherever it is shown', async () => {
  await bench.adopt({ mode: 'merge', interval: day(5) });
  const late = await bench.ready(bench.main, { mode: 'merge', files: bench.file('l', '4,late'), interval: day(4) });
  await expect(late.publish()).rejects.toEqual(failure('OutOfOrder'));
  const [adopted] = await bench.main.list({ limit: 9 }).then((all) => all.filter((l) => l.state === 'applied'));
  expect(adopted).toMatchObject({ adopted: true, workflowId: null, live: false });
  expect(await bench.main.show(adopted!.loadKey)).toMatchObject({ adopted: true, receipts: [{ adopted: { ...by } }] });
  const loaded = await bench.load({ mode: 'merge', files: bench.file('n', '6,new'), interval: day(6) });
  expect(await bench.main.summary(loaded.loadKey)).toMatchObject({ state: 'applied', adopted: false });
});

test('a ledger of the release before is brought up to date by it', async () => {
  await bench.adopt(asked());
  await downgradeLedger(bench);
  await bench.adopt({ mode: 'append', interval: day(2) }, bench.warehouse());
  const next = await bench.ready(bench.main, bench.append(3, '3,x'));
  expect(await bench.warehouse().publish(next.open, next.stages, contextOf())).toMatchObject({ outcome: 'loaded' });
});
