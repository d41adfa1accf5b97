import { IANAZone } from 'luxon';
import { cronTrouble } from './cron';
import { durationMs, type DurationRange } from './duration';
import { refuseOption } from './config-refusal';
import type { ResolvedSchedule } from './resolved-config';
import type { ScheduleCalendar, ScheduledLoad } from '../../workflows/schedule-config';
import type { ScheduleShape } from './schedule-schema';

const accepted = {
  every: { min: '1s', max: '366d' },
  offset: { min: '0s', max: '366d' },
  jitter: { min: '0s', max: '24h' },
  catchupWindow: { min: '10s', max: '3650d' },
} as const satisfies Record<string, DurationRange>;
const year = 365 * 86_400_000;

/** Decides every option of the schedules. @throws `InvalidConfig` */
export function resolveSchedules(shapes: readonly ScheduleShape[], file: string): readonly ResolvedSchedule[] {
  const schedules = shapes.map((shape) => resolveSchedule(shape, file));
  const twice = schedules.find(({ id }, index) => schedules.findIndex((other) => other.id === id) < index);
  if (twice)
    throw refuseOption(file, {
      option: `schedules.${twice.id}.id`,
      expected: 'an id that no other schedule has',
      got: `"${twice.id}" twice`,
    });
  return schedules;
}

function resolveSchedule(shape: ScheduleShape, file: string): ResolvedSchedule {
  const { id, cron, calendar, zone = 'UTC', overlap = 'buffer-all' } = shape;
  checkWhat(shape, file);
  checkWhen(shape, file);
  const ms = (field: keyof typeof accepted, absent: number): number =>
    shape[field] === undefined ? absent : durationMs(shape[field], optionOf(shape, field), accepted[field], file);
  const everyMs = shape.every === undefined ? null : ms('every', 0);
  const load = shape.load === undefined ? null : (shape.load as unknown as ScheduledLoad);
  return {
    id,
    workflow: shape.workflow ?? 'loadTable',
    args: load ? [load] : shape.input === undefined ? [] : [shape.input],
    load,
    cron: listOf(cron),
    everyMs,
    offsetMs: ms('offset', 0),
    calendars: listOf(calendar) as readonly ScheduleCalendar[],
    zone,
    jitterMs: ms('jitter', 0),
    overlap,
    catchupWindowMs: ms('catchupWindow', year),
    pauseOnFailure: shape.pauseOnFailure ?? false,
    paused: shape.paused ?? false,
    note: shape.note ?? null,
    workflowId: shape.workflowId ?? id,
  };
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

const optionOf = ({ id }: ScheduleShape, field: string): string => `schedules.${id}.${field}`;

function checkWhat(shape: ScheduleShape, file: string): void {
  const { id, workflow, input, load } = shape;
  const refuse = (field: string, expected: string, got: string): never => {
    throw refuseOption(file, { option: optionOf(shape, field), expected, got });
  };
  if (id.startsWith('loadline-sweep-')) refuse('id', 'another beginning than that of the sweeper', `"${id}"`);
  if (workflow === undefined && load === undefined) refuse('workflow', 'a workflow, or load', 'neither');
  if (load === undefined) return;
  if (workflow !== undefined && workflow !== 'loadTable')
    refuse('load', 'no workflow beside it: it is for loadTable', `"${workflow}"`);
  if (input !== undefined) refuse('load', 'no input beside it', 'both');
}

function checkWhen(shape: ScheduleShape, file: string): void {
  const { cron, every, offset, calendar, zone } = shape;
  const refuse = (field: string, expected: string, got: string): never => {
    throw refuseOption(file, { option: optionOf(shape, field), expected, got });
  };
  if ([cron, every, calendar].every((when) => when === undefined))
    refuse('cron', 'when it runs: cron, every or calendar', 'none of them');
  for (const expression of listOf(cron)) {
    const trouble = cronTrouble(expression);
    if (trouble) refuse('cron', 'a cron expression of 5, 6 or 7 fields, such as "0 3 * * *"', trouble);
  }
  if (zone !== undefined && !IANAZone.isValidZone(zone))
    refuse('zone', 'an IANA zone such as Europe/Berlin', `"${zone}"`);
  if (offset !== undefined && every === undefined) refuse('offset', 'every beside it', 'no every');
}
