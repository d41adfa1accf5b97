import { setTimeout as sleep } from 'node:timers/promises';
import { planSchedules, applySchedules, type AppliedSchedules, type SchedulesPlan } from '../../../client/schedules';
import { resolveSchedules } from '../../../workers/config/resolve-schedules';
import type { ScheduleConfig } from '../../../workflows/schedule-config';
import type { ScheduleShape } from '../../../workers/config/schedule-schema';
import type { ResolvedConfig } from '../../../workers/config';
import type { LoadReceipt } from '../../../workflows/contract';
import type { Lab } from '../../integration/support/lab';

/** The configuration of a lab with these schedules. */
export const configWith = (lab: Lab, schedules: readonly ScheduleConfig[]): ResolvedConfig => ({
  ...lab.config,
  taskQueue: lab.taskQueue,
  schedules: resolveSchedules(schedules as unknown as ScheduleShape[], 'loadline.config.ts'),
});

export const plan = (lab: Lab, ...schedules: ScheduleConfig[]): Promise<SchedulesPlan> =>
  planSchedules(lab.client, configWith(lab, schedules));

/** Plans and applies. */
export async function apply(lab: Lab, schedules: ScheduleConfig[], prune = false): Promise<AppliedSchedules> {
  const config = configWith(lab, schedules);
  return applySchedules(lab.client, config, await planSchedules(lab.client, config), { prune });
}

/** The receipts of a schedule's last runs, by the time that each was due, once so many have been started and none runs. */
export async function receipts(
  lab: Lab,
  id: string,
  count: number,
  started = count,
): Promise<Record<string, LoadReceipt>> {
  for (let tries = 0; tries < 400; tries++) {
    const { info } = await lab.client.schedule.getHandle(id).describe();
    if (info.numActionsTaken >= started && info.runningActions.length === 0) {
      const runs = info.recentActions.slice(-count).map(async ({ action: { workflow } }) => {
        const handle = lab.client.workflow.getHandle(workflow.workflowId, workflow.firstExecutionRunId);
        return [workflow.workflowId.slice(id.length + 1), (await handle.result()) as LoadReceipt] as const;
      });
      return Object.fromEntries(await Promise.all(runs));
    }
    await sleep(50);
  }
  throw new Error(`Fewer than ${started} runs of ${id} have ended.`);
}

/** Removes what a test made, whatever it is. */
export async function removeSchedules(lab: Lab, ...ids: string[]): Promise<void> {
  await Promise.allSettled(ids.map((id) => lab.client.schedule.getHandle(id).delete()));
}
