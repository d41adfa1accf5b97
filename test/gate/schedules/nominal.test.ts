import { randomUUID } from 'node:crypto';
import { flooredInterval } from '../../../activities/interval-of';
import { openLab, type Lab } from '../../integration/support/lab';
import type { ScheduleConfig, ScheduledLoad } from '../../../workflows/schedule-config';
import { apply, receipts, removeSchedules } from './support';

let lab: Lab;
const id = `nominal-${randomUUID()}`;
const ids: string[] = [];
beforeAll(async () => {
  lab = await openLab('schedules');
  await lab.file('in/a.csv', 'id\n1\n');
});
afterAll(async () => {
  await removeSchedules(lab, ...ids);
  await lab.stop();
});

/** A load of the day that its run was due on, by the clock of a zone. */
function daily(name: string, zone: string, more: Partial<ScheduleConfig>): ScheduleConfig {
  const into = lab.contract({ name, columns: { id: { type: 'integer' } }, create: 'if-missing' });
  const load: ScheduledLoad = {
    pipeline: name,
    into,
    mode: 'append',
    from: { kind: 'files', store: 'raw', glob: 'in/*.csv' },
    interval: { grain: 'day', zone },
  };
  ids.push(`${id}-${name}`);
  return { id: `${id}-${name}`, load, cron: '30 0 * * *', zone, ...more };
}

const backfill = (schedule: ScheduleConfig, ...spans: [string, string][]): Promise<void> =>
  lab.client.schedule.getHandle(schedule.id).backfill(
    spans.map(([start, end]) => ({ start: new Date(start), end: new Date(end) })),
  ); // prettier-ignore

const hoursOf = ({ interval }: { interval?: { start: string; end: string } | undefined }): number =>
  (Date.parse(interval!.end) - Date.parse(interval!.start)) / 3_600_000;

test.each<[string, string, Record<string, number>]>([
  ['berlin', 'Europe/Berlin', { '2025-03-29': 24, '2025-03-30': 23, '2025-03-31': 24, '2025-10-25': 24, '2025-10-26': 25, '2025-10-27': 24 }],
  ['new_york', 'America/New_York', { '2025-03-08': 24, '2025-03-09': 23, '2025-03-10': 24, '2025-11-01': 24, '2025-11-02': 25, '2025-11-03': 24 }],
])('a backfill in %s over both changes of the clock loads each day once, of 23, 24 or 25 hours', async (name, zone, days) => {
  const schedule = daily(name, zone, { cron: '0 12 * * *' });
  await apply(lab, [schedule]);
  const names = Object.keys(days);
  const spans = [names.slice(0, 3), names.slice(3)].map((of): [string, string] => [`${of[0]}T00:00:00Z`, `${of[2]}T23:59:59Z`]);
  await backfill(schedule, ...spans);
  const found = Object.values(await receipts(lab, schedule.id, 6));
  const localDay = (instant: string): string => new Date(instant).toLocaleDateString('sv', { timeZone: zone });
  expect(Object.fromEntries(found.map((receipt) => [localDay(receipt.interval!.start), hoursOf(receipt)]))).toEqual(days);
  expect(found.every(({ outcome }) => outcome === 'loaded')).toBe(true);
  expect(new Set(found.map(({ loadKey }) => loadKey)).size).toBe(6);

  // The same days once more, as somebody does who is not sure.
  await backfill(schedule, ...spans);
  const again = Object.values(await receipts(lab, schedule.id, 6, 12));
  expect(again.every(({ outcome }) => outcome === 'already-loaded')).toBe(true);
  expect(await lab.rows(`SELECT count(*)::int AS n FROM ${name}`)).toEqual([{ n: 6 }]);
}); // prettier-ignore

test('a run that starts later by jitter loads the day that it was due on', async () => {
  const schedule = daily('jittered', 'UTC', { cron: '59 59 23 * * * *', jitter: '20h' });
  await apply(lab, [schedule]);
  await backfill(schedule, ['2025-06-01T00:00:00Z', '2025-06-05T00:00:00Z']);
  const found = await receipts(lab, schedule.id, 3);
  const dayOf = (instant: string): string => instant.slice(0, 10);
  for (const [due, { interval }] of Object.entries(found)) expect(dayOf(interval!.start)).toBe(dayOf(due));
  // Which was by its jitter the next one.
  const { recentActions } = (await lab.client.schedule.getHandle(schedule.id).describe()).info;
  const late = recentActions.map(({ scheduledAt }) => dayOf(scheduledAt.toISOString()));
  expect(late).toEqual(['2025-06-02', '2025-06-03', '2025-06-04']);
});

test('a time that the clock leaves out is no time, and one that it has twice is one', async () => {
  const schedule = daily('gap', 'Europe/Berlin', { cron: '30 2 * * *', paused: true });
  await apply(lab, [schedule]);
  const timesOn = async (day: string): Promise<number> => {
    const start = Date.parse(`${day}T00:00:00Z`) / 1000 - 3600;
    const found = await lab.client.workflowService.listScheduleMatchingTimes({
      namespace: 'default',
      scheduleId: schedule.id,
      startTime: { seconds: start as never },
      endTime: { seconds: (start + 86_400) as never },
    });
    return found.startTime.length;
  };
  expect([await timesOn('2025-03-29'), await timesOn('2025-03-30'), await timesOn('2025-10-26')]).toEqual([1, 0, 1]);
});

test('a run that is triggered by hand loads the day that it is', async () => {
  const schedule = daily('triggered', 'Asia/Tokyo', { cron: '0 0 1 1 *', paused: true, note: 'only by hand' });
  await apply(lab, [schedule]);
  for (const started of [1, 2]) {
    await lab.client.schedule.getHandle(schedule.id).trigger();
    for (const [due, { interval }] of Object.entries(await receipts(lab, schedule.id, 1, started)))
      expect(interval).toEqual(flooredInterval({ grain: 'day', zone: 'Asia/Tokyo' }, due));
  }
  expect(await lab.rows('SELECT count(*)::int AS n FROM triggered')).toEqual([{ n: 1 }]);
});
