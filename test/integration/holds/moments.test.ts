import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf } from '../support/source';
import { faulty, held, type Held } from './support/held';

let lab: Lab;
beforeAll(async () => {
  // A claim that is not held would be anybody's after a second.
  lab = await openLab('moments', { tune: { claimLeaseMs: 1_000 } });
});
afterAll(() => lab.stop());

const stages = (load: Held) =>
  lab.rows<{ stage: string }>('SELECT stage FROM _loadline.stages WHERE load_key = $1', [load.load.loadKey]);
const rowsIn = async (stage: string): Promise<number> =>
  (await lab.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${stage}`))[0]!.n;

test('the sweeper leaves the stage of a held load alone, even when its run is gone', async () => {
  const load = await held(lab, await faulty(lab, 'swept'));
  const [{ stage }] = (await stages(load)) as [{ stage: string }];
  expect(await lab.warehouse.sweep(async () => true)).toEqual([]);
  expect(await rowsIn(stage)).toBe(3);
  await load.decide({ verdict: 'release' });
  expect((await load.result()).outcome).toBe('loaded');
  expect(await load.steps()).toBe('openLoad extract stage audit hold audit publish');
});

test('a held claim does not expire: no other run gets it, and nobody rolls back or adopts under it', async () => {
  const request = await faulty(lab, 'claimed', {}, { interval: dayOf('2026-01-01') });
  const load = await held(lab, request);
  await new Promise((done) => setTimeout(done, 1_200));
  const { loadKey } = load.load;
  const [row] = await lab.rows<{ expired: boolean }>(
    'SELECT lease_until < clock_timestamp() AS expired FROM _loadline.claims WHERE load_key = $1',
    [loadKey],
  );
  expect(row!.expired).toBe(true);
  const claim = lab.warehouse.claim({
    loadKey,
    pipeline: 'claimed',
    targets: load.load.failed.map(({ table }) => table),
    identity: 'interval',
    sourceIdentity: null,
    onChanged: 'refuse',
    actor: { workflowId: 'other', runId: 'r', activityId: '1', scheduledAtMs: Date.now(), attempt: 1, buildId: 'b' },
  });
  expect((await failureOf(claim)).details[0].got).toContain('held for a verdict');
  await load.decide({ verdict: 'release' });
  expect((await load.result()).outcome).toBe('loaded');
});

test('a run that is cancelled while it holds gives the claim and the stage back', async () => {
  const request = await faulty(lab, 'cancelled');
  const load = await held(lab, request);
  await load.handle.cancel();
  await expect(load.result()).rejects.toThrow();
  expect(await stages(load)).toEqual([]);
  const [claim] = await lab.rows('SELECT state, workflow_id AS by FROM _loadline.claims WHERE load_key = $1', [
    load.load.loadKey,
  ]);
  expect(claim).toEqual({ state: 'open', by: null });
  const again = await held(lab, request);
  await again.decide({ verdict: 'quarantine' });
  expect(await again.result()).toMatchObject({ outcome: 'loaded', verdict: { verdict: 'quarantine' } });
});

test('a run that was terminated leaves a held key, which abandon frees', async () => {
  const request = await faulty(lab, 'terminated');
  const load = await held(lab, request);
  await load.handle.terminate('gone');
  await lab.warehouse.abandon(load.load.loadKey);
  expect(await lab.leftStages()).toEqual([]);
  const again = await held(lab, request);
  await again.decide({ verdict: 'release' });
  expect((await again.result()).outcome).toBe('loaded');
});

test('a stage that was emptied while it was held is made again, and the verdict counts for it', async () => {
  const load = await held(lab, await faulty(lab, 'emptied'));
  const [{ stage }] = (await stages(load)) as [{ stage: string }];
  await lab.rows(`TRUNCATE ${stage}`);
  await load.decide({ verdict: 'quarantine' });
  const receipt = await load.result();
  expect(receipt).toMatchObject({ outcome: 'loaded', verdict: { verdict: 'quarantine', by: 'ann' } });
  expect(countsOf(receipt.tables[0])).toEqual({ read: 3, quarantined: 1, inserted: 2 });
  expect(await load.steps()).toBe('openLoad extract stage audit hold audit stage audit publish');
});

test('a release after a newer interval is in the table obeys the order', async () => {
  const request = (day: string) =>
    faulty(
      lab,
      'ordered',
      { columns: { id: { type: 'integer' }, amount: wide } },
      { mode: 'replace', interval: dayOf(day) },
    );
  const load = await held(lab, await request('2026-01-01'));
  await lab.file('ordered/a.csv', 'id,amount\n9,9\n');
  await lab.load({ ...load.request, interval: dayOf('2026-01-02') });
  await load.decide({ verdict: 'release' });
  expect(await codeOf(load.result())).toBe('OutOfOrder');
  expect(await load.ids()).toEqual([9]);
  expect(await stages(load)).toEqual([]);
});

test('a release after the table has moved on reads it again', async () => {
  const unique = { id: { type: 'integer' }, amount: wide, mail: { type: 'text', unique: true } } as const;
  const request = await faulty(
    lab,
    'moved',
    { columns: unique },
    { interval: dayOf('2026-01-01'), outOfOrder: 'allow' },
  );
  await lab.file('moved/a.csv', 'id,amount,mail\n1,10,a\n2,-5,b\n');
  const load = await held(lab, request);
  await lab.file('moved/a.csv', 'id,amount,mail\n7,7,a\n');
  await lab.load({ ...request, interval: dayOf('2026-01-02') });
  await load.decide({ verdict: 'release' });
  expect(await codeOf(load.result())).toBe('NotUnique');
  expect(await load.ids()).toEqual([7]);
});

const wide = { type: 'decimal(12,2)', range: { min: 0 } } as const;
