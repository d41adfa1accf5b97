import { comparedSchedules } from '../../../client/schedules/plan-schedules';
import { changedNames, declaredHashes } from '../../../client/schedules/spec-hash';
import { ownerOf } from '../../../client/schedules/owner';
import { schedulesFindings } from '../../../cli/schedules-findings';
import { renderPlan } from '../../../cli/schedules-output';
import { resolveSchedules } from '../../../workers/config/resolve-schedules';
import { plain } from '../cli/streams';
import type { ServerSchedule } from '../../../client/schedules/server-schedule';
import type { ResolvedConfig, ResolvedSchedule } from '../../../workers/config';

const config = { path: `${__dirname}/loadline.config.ts`, rootDir: __dirname, taskQueue: 'shop' } as ResolvedConfig;
const owner = ownerOf(config);
const [one, two] = resolveSchedules(
  [{ id: 'one', workflow: 'w', input: { b: 1, a: [2] }, cron: '0 3 * * *' }, { id: 'two', workflow: 'w', every: '1h' }],
  'loadline.config.ts',
) as [ResolvedSchedule, ResolvedSchedule]; // prettier-ignore

const served = { times: '1', input: '2' };
const there = (schedule: ResolvedSchedule, more: Partial<ServerSchedule> = {}): ServerSchedule => ({
  id: schedule.id,
  mark: { version: 1, owner, declared: declaredHashes(schedule, 'shop'), served, paused: schedule.paused },
  served,
  paused: false,
  note: null,
  workflow: 'w',
  taskQueue: 'shop',
  nextAt: '2026-11-28T03:00:00.000Z',
  never: false,
  ...more,
});

test('the owner of schedules is the package, the place of its configuration and the task queue', () => {
  expect(owner).toBe('loadline|test/unit/schedules/loadline.config.ts|shop');
});

test('every option of a schedule has a part in its hashes, and the order of keys has none', () => {
  const other: Required<Omit<ResolvedSchedule, 'id' | 'load'>> = {
    workflow: 'x', args: [3], cron: ['0 4 * * *'], everyMs: 1, offsetMs: 1, calendars: [{ hour: 1 }], zone: 'Asia/Tokyo',
    jitterMs: 1, overlap: 'skip', catchupWindowMs: 1, pauseOnFailure: true, paused: true, note: 'n', workflowId: 'y',
  }; // prettier-ignore
  const before = declaredHashes(one, 'shop');
  for (const [name, value] of Object.entries(other))
    expect([name, changedNames(before, declaredHashes({ ...one, [name]: value }, 'shop')).length]).toEqual([name, 1]);
  expect(changedNames(before, declaredHashes(one, 'other'))).toEqual(['taskQueue']);
  expect(declaredHashes({ ...one, args: [{ a: [2], b: 1 }] }, 'shop')).toEqual(before);
});

test('what an apply that was cut off has left is applied again', () => {
  const { served: _, ...mark } = there(one).mark!;
  const [planned] = comparedSchedules(config, [one], [there(one, { mark })]).schedules;
  expect(planned).toMatchObject({ change: 'update', edited: ['unconfirmed'] });
});

test('each way to differ is told in words and as a finding, which is an error only where drift is to fail', () => {
  const server = [
    there(one, { served: { ...served, times: '3' }, paused: true, note: 'closed|today' }),
    there({ ...two, id: 'gone' }),
    there({ ...two, id: 'theirs' }, { mark: null }),
  ];
  const plan = comparedSchedules(config, [{ ...one, jitterMs: 5 }, two], server);
  const findings = schedulesFindings(plan, config.path, true, new Date(0));
  expect(findings.verdict).toBe('fail');
  expect(findings.findings.map(({ id, level }) => [id, level])).toEqual([
    ['one.changed', 'error'],
    ['one.edited', 'error'],
    ['one.paused', 'notice'],
    ['two.missing', 'error'],
    ['gone.orphaned', 'error'],
  ]);
  expect(schedulesFindings(plan, config.path, false, new Date(0)).verdict).toBe('warn');
  expect(plain(renderPlan(plan, []))).toBe(
    `! the server differs  2 schedules declared

  ~ one  declared otherwise: jitter; changed on the server: times; paused on the server, and stays so (closed|today)
  + two  new, starts w
  ? gone  no longer declared; --prune deletes it

  task queue  shop
  left alone  1 schedule: theirs

→ loadline schedules apply --prune`,
  );
});

test('schedules that are as declared are no drift', () => {
  const plan = comparedSchedules(config, [one, two], [there(one), there(two)]);
  expect(plan).toMatchObject({ drift: false, orphaned: [], unmanaged: [] });
  expect(plain(renderPlan(plan, []))).toContain('= one  next 2026-11-28T03:00:00.000Z');
});
