import { randomUUID } from 'node:crypto';
import type { SweepResult } from '../../../workflows/contract';
import { scheduleSweep, sweepSchedule, sweepScheduleId, unscheduleSweep } from '../../../client/sweep-schedule';
import { createDatabase } from '../../services/services';
import { openLab, type Lab } from '../support/lab';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('sweeper', { warehouses: { second: await createDatabase('sweeper_second') } });
});
afterAll(async () => {
  await unscheduleSweep(lab.client, lab.taskQueue);
  await lab.stop();
});

/** A stage as a worker leaves it that was killed in a load of this run. */
async function leave(name: string, workflowId: string, runId: string): Promise<string> {
  const stage = `"_loadline_stage"."${name}"`;
  await lab.rows(
    `INSERT INTO _loadline.claims (load_key, pipeline, targets, identity, state, generation, fence) VALUES ($1, 'p', '{t}', 'interval', 'open', 1, 1)`,
    [name],
  );
  await lab.rows(
    `INSERT INTO _loadline.stages (stage, load_key, fence, workflow_id, run_id) VALUES ($1, $2, 1, $3, $4)`,
    [stage, name, workflowId, runId],
  );
  await lab.rows(`CREATE UNLOGGED TABLE ${stage} (id integer)`);
  return stage;
}
const stages = async (): Promise<string[]> =>
  (
    await lab.rows<{ stage: string }>(
      `SELECT format('"%s"."%s"', nspname, relname) AS stage FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE nspname = '_loadline_stage' AND relkind = 'r' ORDER BY 1`,
    )
  ).map((r) => r.stage);
const open = async (): Promise<{ workflowId: string; firstExecutionRunId: string }> => {
  // Of a task queue that nobody polls: it stays open.
  const workflowId = `open-${randomUUID()}`;
  return lab.client.workflow.start('loadTable', { taskQueue: `nobody-${workflowId}`, workflowId, args: [] });
};

test('a run of the sweeper drops what ended and forgotten runs have left, in every warehouse, and says so', async () => {
  const [running, ended] = [await open(), await open()];
  await lab.client.workflow.getHandle(ended.workflowId).terminate('the test');
  const kept = await leave('running', running.workflowId, running.firstExecutionRunId);
  const dropped = await leave('ended', ended.workflowId, ended.firstExecutionRunId);
  const forgotten = await leave('forgotten', `gone-${randomUUID()}`, randomUUID());
  const handle = await lab.start('sweepStages', []);
  const result = (await handle.result()) as SweepResult;
  expect(result).toEqual({
    warehouses: [
      { warehouse: 'main', dropped: 2, stages: expect.arrayContaining([dropped, forgotten]) as string[] },
      { warehouse: 'second', dropped: 0, stages: [] },
    ],
  });
  expect(await stages()).toEqual([kept]);
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('### main: 2 stages dropped\n');
  expect(currentDetails).toContain(`- \`${dropped}\``);
  expect(currentDetails).toContain('### second: nothing to drop');
  await lab.client.workflow.getHandle(running.workflowId).terminate('the test');
});

test('the schedule runs it, is changed rather than doubled, stays paused, and can be removed', async () => {
  const left = await leave('scheduled', `gone-${randomUUID()}`, randomUUID());
  const scheduleId = sweepScheduleId(lab.taskQueue);
  expect(await sweepSchedule(lab.client, lab.taskQueue)).toBeNull();
  expect(await scheduleSweep(lab.client, lab.taskQueue, 3_600_000)).toBe('created');
  const handle = lab.client.schedule.getHandle(scheduleId);
  expect((await handle.describe()).policies.overlap).toBe('SKIP');
  await handle.trigger();
  while ((await stages()).includes(left)) await new Promise((done) => setTimeout(done, 50));
  await handle.pause('the test');
  expect(await scheduleSweep(lab.client, lab.taskQueue, 7_200_000)).toBe('updated');
  expect(await sweepSchedule(lab.client, lab.taskQueue)).toMatchObject({
    scheduleId,
    everyMs: 7_200_000,
    paused: true,
    lastAt: expect.any(String) as string,
  });
  expect(await unscheduleSweep(lab.client, lab.taskQueue)).toBe(true);
  expect(await unscheduleSweep(lab.client, lab.taskQueue)).toBe(false);
  expect(await sweepSchedule(lab.client, lab.taskQueue)).toBeNull();
});

test('a schedule can archive old history beside, in every warehouse', async () => {
  const archive = { olderThanMs: 86_400_000, quarantineOlderThanMs: 86_400_000 };
  expect(await scheduleSweep(lab.client, lab.taskQueue, 3_600_000, { archive })).toBe('created');
  const handle = lab.client.schedule.getHandle(sweepScheduleId(lab.taskQueue));
  await handle.trigger();
  let run: { workflowId: string } | undefined;
  while (!run) run = (await handle.describe()).info.recentActions[0]?.action.workflow;
  const swept = lab.client.workflow.getHandle(run.workflowId);
  const { warehouses } = (await swept.result()) as SweepResult;
  expect(warehouses).toMatchObject([
    { warehouse: 'main', archived: { archived: 0, quarantineDeleted: 0, dryRun: false } },
    { warehouse: 'second', archived: { archived: 0, quarantineDeleted: 0, dryRun: false } },
  ]);
  const { currentDetails } = await swept.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('0 receipts archived; 0 set-aside and 0 kept rows deleted');
});
