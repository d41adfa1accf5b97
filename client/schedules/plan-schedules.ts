import type { Client } from '@temporalio/client';
import type { ResolvedConfig, ResolvedSchedule } from '../../workers/config';
import { checkSchedules } from './check-schedules';
import { ownerOf } from './owner';
import { readSchedules, type ServerSchedule } from './server-schedule';
import { changedNames, declaredHashes } from './spec-hash';

/** What applying would do with one declared schedule. */
export interface PlannedSchedule {
  readonly id: string;
  readonly workflow: string;
  /** `foreign`: a schedule of this id is there, and is not of this configuration. */
  readonly change: 'create' | 'update' | 'none' | 'foreign';
  /** What the declaration says otherwise than when it was last applied. */
  readonly changed: readonly string[];
  /** What somebody has changed on the server since. */
  readonly edited: readonly string[];
  /** Paused by hand, or by a failure: it stays so. */
  readonly heldPaused: boolean;
  readonly note: string | null;
  readonly nextAt: string | null;
  /** Whether it is on the server, not paused, and no time is left at which it would run. */
  readonly never: boolean;
}

/** What the server has, beside what is declared. */
export interface SchedulesPlan {
  readonly owner: string;
  readonly taskQueue: string;
  readonly schedules: readonly PlannedSchedule[];
  /** Ours, and no longer declared. */
  readonly orphaned: readonly string[];
  /** Not of this configuration. They are left alone. */
  readonly unmanaged: readonly string[];
  /** Whether the server is not as declared. */
  readonly drift: boolean;
}

/**
 * Compares the declared schedules with the server's. Changes nothing.
 *
 * @throws `UnknownWorkflow`, `UnknownContract`, `UnknownStore`, `InvalidRequest`
 */
export async function planSchedules(client: Client, config: ResolvedConfig): Promise<SchedulesPlan> {
  await checkSchedules(config);
  const declared = config.schedules;
  const server = await readSchedules(client, declared.map(({ id }) => id)); // prettier-ignore
  return comparedSchedules(config, declared, server);
}

/** The same of schedules that were read already. */
export function comparedSchedules(
  config: Pick<ResolvedConfig, 'path' | 'rootDir' | 'taskQueue'>,
  declared: readonly ResolvedSchedule[],
  server: readonly ServerSchedule[],
): SchedulesPlan {
  const owner = ownerOf(config as ResolvedConfig);
  const { taskQueue } = config;
  const schedules = declared.map((one) =>
    plannedSchedule(
      one,
      taskQueue,
      owner,
      server.find(({ id }) => id === one.id),
    ),
  );
  const others = server.filter(({ id }) => !declared.some((one) => one.id === id));
  const ours = (one: ServerSchedule): boolean => one.mark?.owner === owner;
  const orphaned = others.filter(ours).map(({ id }) => id).sort(); // prettier-ignore
  const unmanaged = others.filter((one) => !ours(one)).map(({ id }) => id).sort(); // prettier-ignore
  const drift = orphaned.length > 0 || schedules.some(({ change }) => change !== 'none');
  return { owner, taskQueue, schedules, orphaned, unmanaged, drift };
}

function plannedSchedule(
  schedule: ResolvedSchedule,
  taskQueue: string,
  owner: string,
  there: ServerSchedule | undefined,
): PlannedSchedule {
  const { id, workflow } = schedule;
  const none = { id, workflow, changed: [], edited: [], heldPaused: false, note: null, nextAt: null, never: false };
  if (!there) return { ...none, change: 'create' };
  const { mark, served, paused, note, nextAt, never } = there;
  if (mark?.owner !== owner) return { ...none, change: 'foreign', nextAt };
  const changed = changedNames(mark.declared, declaredHashes(schedule, taskQueue));
  // Without it an earlier apply was cut off: who knows what is there.
  const edited = mark.served === undefined ? ['unconfirmed'] : changedNames(mark.served, served);
  const resumed = schedule.paused && mark.paused && !paused;
  const all = { changed, edited: [...edited, ...(resumed ? ['paused'] : [])] };
  const change = all.changed.length + all.edited.length > 0 ? 'update' : 'none';
  const heldPaused = paused && !schedule.paused && !mark.paused;
  return { id, workflow, change, ...all, heldPaused, note: heldPaused ? note : null, nextAt, never };
}
