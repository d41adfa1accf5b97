import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptionsStartWorkflowAction,
} from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import type { SweepInput } from '../workflows/contract';

/** The schedule that sweeps the warehouses of a task queue's workers. */
export interface SweepSchedule {
  readonly scheduleId: string;
  readonly everyMs: number;
  readonly paused: boolean;
  /** When it last ran and when it runs next, ISO 8601; `null`: never. */
  readonly lastAt: string | null;
  readonly nextAt: string | null;
}

/** One schedule per task queue: workers of one queue have the same warehouses. */
export const sweepScheduleId = (taskQueue: string): string => `loadline-sweep-${taskQueue}`;

/** Has the warehouses swept in intervals. Changes the schedule that is there; one that is paused stays paused. */
export async function scheduleSweep(
  client: Client,
  taskQueue: string,
  everyMs: number,
  input: SweepInput = {},
): Promise<'created' | 'updated'> {
  const scheduleId = sweepScheduleId(taskQueue);
  const spec = { intervals: [{ every: everyMs }] };
  const action: ScheduleOptionsStartWorkflowAction<Workflow> = {
    type: 'startWorkflow',
    workflowType: 'sweepStages',
    workflowId: scheduleId,
    taskQueue,
    args: [input],
    staticSummary: 'Drop stages that no load can need',
  };
  // What was missed while the server was away is made up for by the next one.
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' as const };
  try {
    await client.schedule.create({ scheduleId, spec, action, policies });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const change = ({ state }: { readonly state: object }) => ({ spec, action, policies, state });
    await client.schedule.getHandle(scheduleId).update(change);
    return 'updated';
  }
}

/** Removes the schedule. Resolves to false when there was none. */
export async function unscheduleSweep(client: Client, taskQueue: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(sweepScheduleId(taskQueue)).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

/** The schedule, or `null` where there is none. */
export async function sweepSchedule(client: Client, taskQueue: string): Promise<SweepSchedule | null> {
  const scheduleId = sweepScheduleId(taskQueue);
  try {
    const { spec, state, info } = await client.schedule.getHandle(scheduleId).describe();
    return {
      scheduleId,
      everyMs: Number(spec.intervals?.[0]?.every ?? 0),
      paused: state.paused,
      lastAt: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
      nextAt: info.nextActionTimes[0]?.toISOString() ?? null,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}
