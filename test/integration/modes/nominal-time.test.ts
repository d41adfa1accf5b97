import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { LoadReceipt } from '../../../workflows/contract';
import type { Interval } from '../../../workflows/interval';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('nominal');
});
afterAll(() => lab.stop());

test('a scheduled run has the interval of the time it was scheduled for, in the zone', async () => {
  const workflowId = `nominal-${lab.taskQueue}`;
  const schedule = await lab.client.schedule.create({
    scheduleId: workflowId,
    spec: { calendars: [] },
    state: { paused: true },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL },
    action: {
      type: 'startWorkflow',
      workflowType: 'nominalDay',
      taskQueue: lab.taskQueue,
      args: ['Europe/Berlin'],
      workflowId,
    },
  });
  try {
    // The spring day of 23 hours, the autumn day of 25, and the instants just around midnight.
    const days: Record<string, Interval> = {
      '2026-03-29T12:00:00Z': { start: '2026-03-28T23:00:00.000Z', end: '2026-03-29T22:00:00.000Z' },
      '2026-10-25T12:00:00Z': { start: '2026-10-24T22:00:00.000Z', end: '2026-10-25T23:00:00.000Z' },
      '2026-10-25T23:00:00Z': { start: '2026-10-25T23:00:00.000Z', end: '2026-10-26T23:00:00.000Z' },
    };
    await schedule.update((s) => ({ ...s, spec: { calendars: [{ minute: 0, hour: '*' }] } }));
    const overlap = ScheduleOverlapPolicy.ALLOW_ALL;
    const backfills = Object.keys(days).map((at) => ({
      start: new Date(at),
      end: new Date(Date.parse(at) + 1_000),
      overlap,
    }));
    await schedule.backfill(backfills);
    const found = new Map<string, unknown>();
    for (let tries = 0; found.size < 3 && tries < 300; tries++) {
      await sleep(100);
      for (const { action } of (await schedule.describe()).info.recentActions) {
        const { workflowId: started, firstExecutionRunId } = action.workflow;
        const at = started.replace(`${workflowId}-`, '');
        if (!found.has(at)) found.set(at, await lab.client.workflow.getHandle(started, firstExecutionRunId).result());
      }
    }
    expect(Object.fromEntries(found)).toEqual(days);
  } finally {
    await schedule.delete();
  }
});

test('runs of one day, whenever they start, have one load key', async () => {
  const into = lab.contract({ name: 'daily', columns: { id: { type: 'integer' } }, create: 'if-missing' });
  await lab.file('daily/a.csv', 'id\n1\n');
  const request = {
    pipeline: 'daily',
    into,
    mode: 'append',
    from: raw('daily/*.csv'),
    interval: { grain: 'year', zone: 'America/New_York' },
  } as const;
  const first = await lab.load(request);
  expect(first.interval?.start).toMatch(/^\d{4}-01-01T05:00:00.000Z$/);
  const again: LoadReceipt = await lab.load(request);
  expect(again).toMatchObject({ outcome: 'already-loaded', loadKey: first.loadKey });
});
