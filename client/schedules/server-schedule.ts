import pLimit from 'p-limit';
import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { markIn, type ScheduleMark } from './schedule-mark';
import { hashesOf, type Hashes } from './spec-hash';

/** A schedule as the server has it. */
export interface ServerSchedule {
  readonly id: string;
  readonly mark: ScheduleMark | null;
  readonly served: Hashes;
  readonly paused: boolean;
  /** Why it is paused, as whoever did it has said. */
  readonly note: string | null;
  readonly workflow: string;
  readonly taskQueue: string;
  /** When it runs next, ISO 8601; `null`: never. */
  readonly nextAt: string | null;
  /** Whether it is not paused, and no time is left at which it would run. */
  readonly never: boolean;
}

/** One schedule; `null` where there is none. */
export async function readSchedule(client: Client, id: string): Promise<ServerSchedule | null> {
  try {
    return serverSchedule(await client.schedule.getHandle(id).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/**
 * The named schedules and all others of the namespace, but for the sweeper's. Each is asked for by itself: a list says neither
 * whose a schedule is nor what it does, and lags behind.
 */
export async function readSchedules(client: Client, ids: readonly string[]): Promise<readonly ServerSchedule[]> {
  const all = new Set(ids);
  for await (const { scheduleId } of client.schedule.list()) all.add(scheduleId);
  const atOnce = pLimit(8);
  const read = await Promise.all([...all].map((id) => atOnce(() => readSchedule(client, id))));
  return read.filter((one) => one !== null).filter(({ id }) => !id.startsWith('loadline-sweep-'));
}

/** What of a description is ours to compare. */
export function serverSchedule(description: ScheduleDescription): ServerSchedule {
  const { scheduleId: id, spec, action, policies, state, info } = description;
  const { memo, workflowType, workflowId, taskQueue, args, ...rest } = action;
  return {
    id,
    mark: markIn(memo),
    served: hashesOf({
      times: spec,
      workflow: workflowType,
      workflowId,
      taskQueue,
      input: args,
      action: rest,
      policies,
    }),
    paused: state.paused,
    note: state.note || null,
    workflow: workflowType,
    taskQueue,
    nextAt: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    never: !state.paused && info.nextActionTimes.length === 0,
  };
}
