import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { openLab, type Lab } from '../../integration/support/lab';
import { cronTrouble } from '../../../workers/config/cron';
import type { ScheduleConfig } from '../../../workflows/schedule-config';
import { applySchedules, planSchedules, type AppliedSchedules, type PlannedSchedule } from '../../../client/schedules';
import { apply, configWith, plan, removeSchedules } from './support';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('apply');
});
afterAll(() => lab.stop());

const made: string[] = [];
afterEach(() => removeSchedules(lab, ...made.splice(0)));

/** A schedule that never runs by itself during a test. */
function schedule(more: Partial<ScheduleConfig> = {}): ScheduleConfig {
  const id = more.id ?? `apply-${randomUUID()}`;
  if (!made.includes(id)) made.push(id);
  return { id, workflow: 'sweepStages', input: { by: 'test' }, cron: ['0 3 1 1 MON', '@yearly'], zone: 'Europe/Berlin', ...more };
} // prettier-ignore

const handle = ({ id }: ScheduleConfig) => lab.client.schedule.getHandle(id);
const planned = async (one: ScheduleConfig): Promise<PlannedSchedule> => (await plan(lab, one)).schedules[0]!;

/** The server takes a pause before it answers with it. */
async function untilPaused(one: ScheduleConfig, paused: boolean): Promise<void> {
  while ((await handle(one).describe()).state.paused !== paused) await sleep(20);
}

test('what is declared is created once, and is as declared from then on, whatever the server makes of it', async () => {
  const one = schedule({ jitter: '5m', every: '36h', offset: '1h', calendar: { hour: 7, dayOfWeek: { start: 'MONDAY', end: 'FRIDAY' } }, overlap: 'buffer-one', pauseOnFailure: true, note: 'n' }); // prettier-ignore
  expect(await planned(one)).toMatchObject({ change: 'create' });
  expect((await apply(lab, [one])).created).toEqual([one.id]);
  expect(await planned(one)).toMatchObject({ change: 'none', changed: [], edited: [], heldPaused: false });
  expect(await apply(lab, [one])).toMatchObject({ created: [], updated: [], unchanged: [one.id] });
  const { spec, action, policies } = await handle(one).describe();
  expect(spec).toMatchObject({ timezone: 'Europe/Berlin', jitter: 300_000 });
  expect(action).toMatchObject({ workflowType: 'sweepStages', workflowId: one.id, taskQueue: lab.taskQueue, args: [{ by: 'test' }] });
  expect(policies).toMatchObject({ overlap: 'BUFFER_ONE', pauseOnFailure: true, catchupWindow: 365 * 86_400_000 });
}); // prettier-ignore

test.each<[string[], Partial<ScheduleConfig>]>([
  [['cron'], { cron: '0 4 1 1 *' }],
  [['zone'], { zone: 'America/New_York' }],
  [['input'], { input: { by: 'another' } }],
  [['jitter'], { jitter: '1m' }],
  [['overlap'], { overlap: 'skip' }],
  [['catchupWindow'], { catchupWindow: '1h' }],
  [['pauseOnFailure'], { pauseOnFailure: true }],
  [['note'], { note: 'another' }],
  [['workflow'], { workflow: 'retryQuarantine' }],
  [['workflowId'], { workflowId: 'another' }],
  [['every'], { every: '100 days' }],
  [['calendar'], { calendar: { month: 'MAY', dayOfMonth: 1 } }],
  [['paused'], { paused: true }],
])('a change of %s is found by its name, and applied', async (changed, more) => {
  const one = schedule();
  await apply(lab, [one]);
  const other = { ...one, ...more };
  expect(await planned(other)).toMatchObject({ change: 'update', changed, edited: [] });
  expect((await apply(lab, [other])).updated).toEqual([one.id]);
  expect(await planned(other)).toMatchObject({ change: 'none' });
});

test('what somebody changed on the server is found, and undone', async () => {
  const one = schedule();
  await apply(lab, [one]);
  await handle(one).update((there) => ({ ...there, spec: { ...there.spec, timezone: 'Asia/Tokyo' } }));
  expect(await planned(one)).toMatchObject({
    change: 'update',
    changed: [],
    edited: expect.arrayContaining(['times']),
  });
  await handle(one).update((there) => ({ ...there, action: { ...there.action, args: [{ by: 'hand' }] } }));
  expect(await planned(one)).toMatchObject({ edited: expect.arrayContaining(['input', 'times']) });
  await apply(lab, [one]);
  expect(await planned(one)).toMatchObject({ change: 'none' });
  expect((await handle(one).describe()).spec.timezone).toBe('Europe/Berlin');
});

test('what was paused by hand stays paused through every apply, and is said with the reason', async () => {
  const one = schedule();
  await apply(lab, [one]);
  await handle(one).pause('the bank is closed');
  await untilPaused(one, true);
  expect(await planned(one)).toMatchObject({ change: 'none', heldPaused: true, note: 'the bank is closed' });
  await apply(lab, [{ ...one, cron: '0 5 1 1 *' }]);
  expect((await handle(one).describe()).state).toMatchObject({ paused: true, note: 'the bank is closed' });
});

test('what is declared as paused is paused, and goes on once it is declared otherwise', async () => {
  const one = schedule({ paused: true, note: 'not yet' });
  await apply(lab, [one]);
  expect((await handle(one).describe()).state).toMatchObject({ paused: true, note: 'not yet' });
  await handle(one).unpause();
  await untilPaused(one, false);
  expect(await planned(one)).toMatchObject({ change: 'update', edited: ['paused'] });
  await apply(lab, [one]);
  expect((await handle(one).describe()).state.paused).toBe(true);
  await apply(lab, [{ ...one, paused: false }]);
  expect((await handle(one).describe()).state.paused).toBe(false);
});

test('what is no longer declared goes on until it is pruned; what is of nobody or of others is never touched', async () => {
  const [kept, gone, foreign, others] = [schedule(), schedule(), schedule(), schedule()];
  await apply(lab, [kept, gone]);
  const action = { type: 'startWorkflow' as const, workflowType: 'sweepStages', taskQueue: lab.taskQueue, args: [] };
  await lab.client.schedule.create({ scheduleId: foreign.id, spec: { intervals: [{ every: '300 days' }] }, action });
  await apply({ ...lab, taskQueue: `${lab.taskQueue}-other` }, [others]);
  const seen = await plan(lab, kept);
  expect(seen).toMatchObject({ orphaned: [gone.id], drift: true });
  expect(seen.unmanaged).toEqual(expect.arrayContaining([foreign.id, others.id]));
  expect((await apply(lab, [kept])).pruned).toEqual([]);
  await handle(gone).describe();
  expect((await apply(lab, [kept], true)).pruned).toEqual([gone.id]);
  await expect(handle(gone).describe()).rejects.toThrow(/not found/i);
  await Promise.all([kept, foreign, others].map((one) => handle(one).describe()));
  expect(await plan(lab, kept)).toMatchObject({ orphaned: [], drift: false });
  expect(await planned(foreign)).toMatchObject({ change: 'foreign' });
}); // prettier-ignore

test('a workflow, a contract and a store that do not exist are refused before anything is changed', async () => {
  const load = { pipeline: 'p', into: 'nothing', mode: 'append', from: { kind: 'files', store: 'raw', glob: '*.csv' } } as const; // prettier-ignore
  const refused = (one: ScheduleConfig, type: string) => expect(plan(lab, one)).rejects.toMatchObject({ type });
  await refused(schedule({ workflow: 'sweepStagse' }), 'UnknownWorkflow');
  await refused({ id: schedule().id, load, every: '1h' }, 'UnknownContract');
  const into = lab.contract({ name: 'known', columns: { id: { type: 'integer' } } });
  await refused({ id: schedule().id, load: { ...load, into, from: { ...load.from, store: 'rwa' } }, every: '1h' }, 'UnknownStore'); // prettier-ignore
  await refused({ id: schedule().id, load: { ...load, into, mode: 'upsert' as 'append' }, every: '1h' }, 'InvalidRequest'); // prettier-ignore
});

test('a schedule that no time matches is told as such when it is applied, and from then on', async () => {
  const one = schedule({ cron: '0 3 30 2 *' });
  expect(await apply(lab, [one])).toMatchObject({ created: [one.id], never: [one.id] });
  expect(await planned(one)).toMatchObject({ change: 'none', never: true, nextAt: null });
  expect(await apply(lab, [{ ...one, cron: '0 3 28 2 *' }])).toMatchObject({ updated: [one.id], never: [] });
  const paused = schedule({ cron: '0 3 30 2 *', paused: true });
  expect((await apply(lab, [paused])).never).toEqual([]);
});

test('several that apply the same plan at once do no harm; what somebody else made since the plan is left alone', async () => {
  const one = schedule();
  const config = configWith(lab, [one]);
  const planned = await planSchedules(lab.client, config);
  const applying = (): Promise<AppliedSchedules> => applySchedules(lab.client, config, planned, { prune: false });
  const all = await Promise.all(Array.from({ length: 6 }, applying));
  expect(all.map(({ created }) => created)).toEqual(all.map(() => [one.id]));
  expect(await plan(lab, one)).toMatchObject({ drift: false });

  const other = schedule();
  const later = await planSchedules(lab.client, configWith(lab, [other]));
  const action = { type: 'startWorkflow' as const, workflowType: 'sweepStages', taskQueue: 'elsewhere', args: [] };
  await lab.client.schedule.create({ scheduleId: other.id, spec: { intervals: [{ every: '300 days' }] }, action });
  const refused = applySchedules(lab.client, configWith(lab, [other]), later, { prune: false });
  await expect(refused).rejects.toThrow(/not of this configuration.*--adopt/);
  expect((await lab.client.schedule.getHandle(other.id).describe()).action.taskQueue).toBe('elsewhere');
});

test('one whose write is followed by the second of another, which it had read the first of, takes it for fresh', async () => {
  const one = schedule();
  const config = configWith(lab, [one]);
  const planned = await planSchedules(lab.client, config);
  let [arrive, letThrough] = [(): void => undefined, (): void => undefined];
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const opened = new Promise<void>((resolve) => (letThrough = resolve));
  const waiting = updatingBy(lab.client, async (update) => {
    arrive();
    await opened;
    await update();
  });
  const first = applySchedules(waiting, config, planned, { prune: false });
  await arrived;
  let updates = 0;
  const overtaken = updatingBy(lab.client, async (update) => {
    await update();
    if (++updates > 1) return;
    letThrough();
    await first;
  });
  const second = await applySchedules(overtaken, config, planned, { prune: false });
  expect([(await first).created, second.created]).toEqual([[one.id], [one.id]]);
  expect(await plan(lab, one)).toMatchObject({ drift: false });
});

/** A client whose updates of schedules are made when a test says. */
function updatingBy(client: Client, around: (update: () => Promise<void>) => Promise<void>): Client {
  const schedule = new Proxy(client.schedule, {
    get(target, name) {
      if (name !== 'getHandle') return Reflect.get(target, name, target) as unknown;
      return (id: string) => {
        const handle = target.getHandle(id);
        const update: typeof handle.update = (change) => around(() => handle.update(change));
        return { ...handle, update };
      };
    },
  });
  return Object.create(client, { schedule: { value: schedule } }) as Client;
}

// Each as the server reads it: what we accept it accepts, and what we refuse it refuses, unless a field of ours says it.
test.each<[string, boolean]>([
  ['0 3 * * *', true],
  ['*/15 0-6,12 1,15 JAN-mar mon', true],
  ['0 3 * * 7', true],
  ['0 3 * * * 2027', true],
  ['30 0 3 * * * *', true],
  ['5/20 * * * *', true],
  ['@daily', true],
  ['60 * * * *', false],
  ['* 24 * * *', false],
  ['* * 0 * *', false],
  ['* * * 13 *', false],
  ['* * * * 8', false],
  ['* * * * FOO', false],
  ['5-1 * * * *', false],
  ['*/0 * * * *', false],
  ['* * * *', false],
  ['* * * * * * * *', false],
  ['@often', false],
])('the cron expression %s is read as the server reads it', async (cron, good) => {
  const { id } = schedule();
  const action = { type: 'startWorkflow' as const, workflowType: 'sweepStages', taskQueue: lab.taskQueue, args: [] };
  const created = await lab.client.schedule
    .create({ scheduleId: id, spec: { cronExpressions: [cron] }, action, state: { paused: true } })
    .then(() => true, () => false); // prettier-ignore
  expect([cronTrouble(cron) === null, created]).toEqual([good, good]);
});
