import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleSpec,
} from '@temporalio/client';
import { loadFailure } from '../../workflows/load-error';
import type { ScheduleCalendar, ScheduleOverlap } from '../../workflows/schedule-config';
import type { ResolvedConfig, ResolvedSchedule } from '../../workers/config';
import { markIn, markName, type ScheduleMark } from './schedule-mark';
import { readSchedule, serverSchedule, type ServerSchedule } from './server-schedule';
import { changedNames, declaredHashes, type Hashes } from './spec-hash';
import type { SchedulesPlan } from './plan-schedules';

/** What has become of the schedules. */
export interface AppliedSchedules {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
  readonly pruned: readonly string[];
  /** Of those created and updated, the ones that no time matches: they never run. */
  readonly never: readonly string[];
}

/** What may be done beside creating and updating what is ours. */
export interface ApplyOptions {
  /** Delete what is ours and no longer declared. */
  readonly prune: boolean;
}

/**
 * Makes the server's schedules as a plan says. What is `foreign` in it is taken over: ask first. One reconciler at a time: the
 * last of several to write wins.
 */
export async function applySchedules(
  client: Client,
  config: ResolvedConfig,
  plan: SchedulesPlan,
  { prune }: ApplyOptions,
): Promise<AppliedSchedules> {
  const none = (): string[] => [];
  const done = { created: none(), updated: none(), unchanged: none(), pruned: none(), never: none() };
  for (const { id, change } of plan.schedules) {
    if (change === 'none') {
      done.unchanged.push(id);
      continue;
    }
    const schedule = config.schedules.find((one) => one.id === id)!;
    const write = change === 'create' ? create : update;
    const { never } = await write(client, schedule, config.taskQueue, plan.owner);
    done[change === 'create' ? 'created' : 'updated'].push(id);
    if (never) done.never.push(id);
  }
  for (const id of prune ? plan.orphaned : []) if (await remove(client, id)) done.pruned.push(id);
  return done;
}

async function create(
  client: Client,
  schedule: ResolvedSchedule,
  taskQueue: string,
  owner: string,
): Promise<ServerSchedule> {
  const { paused, note } = schedule;
  const mark = markOf(schedule, taskQueue, owner);
  try {
    await client.schedule.create({
      scheduleId: schedule.id,
      ...wanted(schedule, taskQueue, mark),
      state: { paused, ...(note === null ? {} : { note }) },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await refuseForeign(client, schedule.id, owner);
    return update(client, schedule, taskQueue, owner);
  }
  return confirm(client, schedule, taskQueue, mark);
}

/** It has come since the plan was made: of another reconciler like this one, or of somebody else, who is asked first. */
async function refuseForeign(client: Client, id: string, owner: string): Promise<void> {
  const there = await readSchedule(client, id);
  if (there === null || there.mark?.owner === owner) return;
  throw loadFailure('Unexpected', {
    what: 'A schedule of this id was made on the server since the plan, and is not of this configuration.',
    object: id,
    remedy: 'Choose another id, or apply again with --adopt.',
  });
}

async function update(
  client: Client,
  schedule: ResolvedSchedule,
  taskQueue: string,
  owner: string,
): Promise<ServerSchedule> {
  let before: string | undefined;
  const mark = markOf(schedule, taskQueue, owner);
  await client.schedule.getHandle(schedule.id).update((there) => {
    before = markIn(there.action.memo)?.write;
    return { ...wanted(schedule, taskQueue, mark), state: stateOf(schedule, there) };
  });
  return confirm(client, schedule, taskQueue, mark, before);
}

/** Keeps what the server makes of it: only so a change by hand can be told from what the server does by itself. */
async function confirm(
  client: Client,
  schedule: ResolvedSchedule,
  taskQueue: string,
  mark: ScheduleMark,
  before?: string,
): Promise<ServerSchedule> {
  // Ours, or that of another who applies the same at this moment: either is as declared.
  const isFresh = (there: ScheduleMark): boolean => there.write !== before;
  const { served } = await untilShown(client, schedule.id, mark.declared, isFresh);
  // Written under a text of its own: another who has read the first one waits for whatever comes after it.
  const confirmed = { ...mark, write: randomUUID(), served };
  await client.schedule.getHandle(schedule.id).update(({ state }) => ({
    ...wanted(schedule, taskQueue, confirmed),
    state,
  }));
  return untilShown(client, schedule.id, mark.declared, (there) => !differs(there.served, served));
}

const differs = (a: Hashes = {}, b: Hashes = {}): boolean => changedNames(a, b).length > 0;

/** The description that shows what was written: the server takes a change before it answers with it. */
async function untilShown(
  client: Client,
  id: string,
  declared: Hashes,
  isShown: (mark: ScheduleMark) => boolean,
): Promise<ServerSchedule> {
  for (let tries = 0; ; tries++) {
    const there = serverSchedule(await client.schedule.getHandle(id).describe());
    const { mark } = there;
    if (mark && !differs(mark.declared, declared) && isShown(mark)) return there;
    if (tries === 100)
      throw loadFailure('Unexpected', {
        what: 'The server does not show what was written to a schedule.',
        object: id,
        remedy: 'Something else may change it at the same time: apply from one place, and again.',
      });
    await sleep(50);
  }
}

const markOf = (schedule: ResolvedSchedule, taskQueue: string, owner: string): ScheduleMark => ({
  version: 1,
  owner,
  declared: declaredHashes(schedule, taskQueue),
  write: randomUUID(),
  paused: schedule.paused,
});

/** Paused as declared; what was paused by hand or by a failure stays so, with the reason. */
function stateOf({ paused, note }: ResolvedSchedule, there: ScheduleDescription): ScheduleDescription['state'] {
  const { remainingActions } = there.state;
  const byHand = there.state.paused && markIn(there.action.memo)?.paused !== true;
  const text = byHand && !paused ? there.state.note : (note ?? undefined);
  return {
    paused: paused || byHand,
    ...(text === undefined ? {} : { note: text }),
    ...(remainingActions === undefined ? {} : { remainingActions }),
  };
}

function wanted(schedule: ResolvedSchedule, taskQueue: string, mark: ScheduleMark) {
  const { workflow, args, workflowId, overlap, catchupWindowMs, pauseOnFailure, id } = schedule;
  return {
    spec: specOf(schedule),
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId,
      taskQueue,
      args: [...args],
      staticSummary: `Scheduled by ${id}`.slice(0, 200),
      memo: { [markName]: mark },
    },
    policies: { overlap: overlaps[overlap], catchupWindow: catchupWindowMs, pauseOnFailure },
  };
}

const overlaps: Readonly<Record<ScheduleOverlap, ScheduleOverlapPolicy>> = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'buffer-all': ScheduleOverlapPolicy.BUFFER_ALL,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
  'terminate-other': ScheduleOverlapPolicy.TERMINATE_OTHER,
  'allow-all': ScheduleOverlapPolicy.ALLOW_ALL,
};

type Calendars = NonNullable<ScheduleSpec['calendars']>;

function specOf({ cron, everyMs, offsetMs, calendars, zone, jitterMs }: ResolvedSchedule): ScheduleSpec {
  return {
    ...(cron.length > 0 ? { cronExpressions: [...cron] } : {}),
    ...(everyMs === null ? {} : { intervals: [{ every: everyMs, offset: offsetMs % everyMs }] }),
    ...(calendars.length > 0 ? { calendars: calendars as readonly ScheduleCalendar[] as Calendars } : {}),
    timezone: zone,
    ...(jitterMs > 0 ? { jitter: jitterMs } : {}),
  };
}

async function remove(client: Client, id: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(id).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}
