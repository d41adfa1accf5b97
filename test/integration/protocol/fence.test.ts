import { Client } from 'pg';
import { contextOf, day, failure, openBench, type Bench } from './support/bench';
import { as, forgetAttempts, gate } from './support/gate';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('fence');
});
afterEach(async () => {
  forgetAttempts();
  await bench.stop();
});

const asked = () => ({ mode: 'append', files: 'a.csv', interval: day(1) }) as const;
const other = { workflowId: 'w2', runId: 'r2' };

beforeEach(() => void bench.file('a', '1,x'));

test('an attempt whose load key has a newer fence cannot publish', async () => {
  // A lease of no time at all: the second workflow need not wait for it.
  const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
  const late = await bench.ready(one, asked());
  const newer = await bench.ready(two, asked(), other);
  expect(newer.open.fence).toBeGreaterThan(late.open.fence);
  await expect(late.publish()).rejects.toEqual(failure('Fenced'));
  expect(await bench.table()).toBe('');
  expect((await newer.publish()).outcome).toBe('loaded');
  expect(await bench.table()).toBe('1:x');
});

test('a live claim of another workflow is in progress, and asking changes nothing', async () => {
  const [one, two] = [bench.warehouse(), bench.warehouse()];
  const load = await bench.ready(one, asked());
  await expect(bench.claim(two, asked(), other)).rejects.toEqual(failure('LoadInProgress'));
  expect((await load.publish()).outcome).toBe('loaded');
});

test('a claim is renewed by whoever holds its fence, and by nobody else', async () => {
  const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
  const first = await bench.open(one, asked());
  expect(await two.renew(first)).toBe(true);
  await expect(bench.claim(two, asked(), other)).rejects.toEqual(failure('LoadInProgress'));
  expect(await one.renew(first)).toBe(true);
  const second = await bench.open(two, asked(), other);
  expect(await one.renew(first)).toBe(false);
  expect(await two.renew(second)).toBe(true);
});

test('renewals of a claim do not wait for the publish that holds it', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  const inMiddle = gate('A', 'after', 'claim:read');
  const publish = as('A', load.publish);
  await inMiddle.reached;
  // More than the pool has sessions.
  expect(await Promise.all(Array.from({ length: 30 }, () => warehouse.renew(load.open)))).toEqual(Array(30).fill(true));
  inMiddle.open();
  expect((await publish).outcome).toBe('loaded');
});

test('an open that is tried again keeps its fence', async () => {
  const warehouse = bench.warehouse();
  const first = await bench.open(warehouse, asked());
  const again = await bench.open(warehouse, asked(), { attempt: 2 });
  expect([again.fence, again.generation]).toEqual([first.fence, first.generation]);
});

test('an open that froze before its claim does not fence the one that took its place', async () => {
  const [one, two] = [bench.warehouse(), bench.warehouse()];
  const load = await bench.ready(one, asked(), { activityId: '9', scheduledAtMs: 100 });
  await expect(bench.claim(two, asked(), { activityId: '1', scheduledAtMs: 1 })).rejects.toEqual(failure('Fenced'));
  expect((await load.publish()).outcome).toBe('loaded');
});

test('an abandoned load cannot publish, and another workflow need not wait for its lease', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  await warehouse.abandon(load.open.loadKey);
  await expect(load.publish()).rejects.toEqual(failure('Fenced'));
  expect(await bench.table()).toBe('');
  expect((await (await bench.ready(warehouse, asked(), other)).publish()).outcome).toBe('loaded');
});

test('an applied load cannot be abandoned', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  await load.publish();
  await expect(warehouse.abandon(load.open.loadKey)).rejects.toEqual(failure('LoadStillApplied'));
});

test('an attempt that thaws after its load has failed cannot publish, even if its stage is still there', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  const reader = new Client({ connectionString: bench.url });
  await reader.connect();
  try {
    await reader.query(`BEGIN; SELECT count(*) FROM ${load.stages[0]!.audited.stage}`);
    await warehouse.discard(load.open);
    await expect(load.publish()).rejects.toEqual(failure('Fenced'));
  } finally {
    await reader.end();
  }
  expect(await bench.table()).toBe('');
  expect((await (await bench.ready(warehouse, asked(), other)).publish()).outcome).toBe('loaded');
});

test("giving back a claim twice, or one that is somebody else's by now, changes nothing", async () => {
  const warehouse = bench.warehouse();
  const first = await bench.open(warehouse, asked());
  await warehouse.discard(first);
  await warehouse.discard(first);
  const second = await bench.ready(warehouse, asked(), other);
  await warehouse.discard(first);
  expect((await second.publish()).outcome).toBe('loaded');
  await warehouse.discard(second.open);
  expect((await warehouse.summary(first.loadKey))?.state).toBe('applied');
});

test('a load that waits for a verdict is not published', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  await bench.rows(`UPDATE _loadline.claims SET state = 'held'`);
  await expect(load.publish()).rejects.toEqual(failure('Fenced'));
  expect(await warehouse.sweep(async () => true)).toEqual([]);
});

test.each(['rejected', 'rolled-back'])('a %s load is not published by a late attempt', async (state) => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  await bench.rows(`UPDATE _loadline.claims SET state = $1, fence = fence + 1`, [state]);
  await expect(load.publish()).rejects.toEqual(failure(state === 'rejected' ? 'Rejected' : 'RolledBack'));
  expect(await bench.table()).toBe('');
});

test('a publish that is tried again after its load was rolled back does not say that the rows are there', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, asked());
  await load.publish();
  await bench.rows(`UPDATE _loadline.claims SET state = 'rolled-back', fence = fence + 1`);
  await expect(load.publish()).rejects.toEqual(failure('RolledBack'));
});

test("a stage that a fenced attempt makes is nobody's, and is swept", async () => {
  const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
  const late = await bench.open(one, asked());
  const newer = await bench.ready(two, asked(), other);
  const { stage } = await bench.stage(one, late);
  expect(await two.sweep(async () => false)).toEqual([stage]);
  expect((await newer.publish()).outcome).toBe('loaded');
  const after = await bench.stage(one, late);
  expect(await two.sweep(async () => false)).toEqual([after.stage]);
  // Equal content under its key: what it set out to load is loaded.
  const answer = one.publish(late, newer.stages, contextOf());
  await expect(answer).resolves.toMatchObject({ outcome: 'already-loaded' });
});
