import { z } from 'zod';
import { strict } from '../../activities/contracts/zod-issue';

const text = (what: string): z.ZodString => z.string({ error: what }).min(1, { error: what });
const duration = text('a duration such as 30s, 10m or 2h');
const yes = z.boolean({ error: 'true or false' });

const months = [
  'JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER',
] as const; // prettier-ignore
const days = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const;

/** Numbers or names, alone, as a range with both ends, or several of these. */
function calendarField<T extends z.ZodType>(value: T, what: string) {
  const step = z.int({ error: 'a whole number from 1' }).min(1, { error: 'a whole number from 1' }).optional();
  const one = z.union([value, strict({ start: value, end: value, step })], { error: what });
  return z.union([z.literal('*'), one, z.array(one).min(1)], { error: what }).optional();
}
function numbers(min: number, max: number) {
  const what = `'*', a number from ${min} to ${max}, { start, end, step? }, or a list of these`;
  return calendarField(z.int({ error: what }).min(min, { error: what }).max(max, { error: what }), what);
}
function names<const N extends readonly string[]>(all: N) {
  const what = `'*', one of ${all.join(', ')}, { start, end, step? }, or a list of these`;
  return calendarField(z.enum(all, { error: what }), what);
}

const calendar = strict({
  second: numbers(0, 59),
  minute: numbers(0, 59),
  hour: numbers(0, 23),
  dayOfMonth: numbers(1, 31),
  month: names(months),
  dayOfWeek: names(days),
  year: numbers(2000, 3000),
});

const several = <T extends z.ZodType>(one: T, what: string) =>
  z.union([one, z.array(one).min(1, { error: what })], { error: what });

const cronText = 'a cron expression such as "0 3 * * *", or a list of them';
const overlaps = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'] as const;

/** A schedule as it is written. What its texts mean is decided when it is resolved. */
export const scheduleSchema = strict(
  {
    id: z.string({ error: 'an id for the schedule' }).regex(/^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$/, {
      error: 'an id of up to 200 letters, digits, _, -, . and /, that begins with a letter or a digit',
    }),
    workflow: text('the name of a workflow').optional(),
    input: z.unknown().optional(),
    load: z.record(z.string(), z.unknown(), { error: 'a request to load, as load(…) takes it' }).optional(),
    cron: several(text(cronText), cronText).optional(),
    every: duration.optional(),
    offset: duration.optional(),
    calendar: several(calendar, 'times such as { hour: 3 }, or a list of them').optional(),
    zone: text('an IANA zone such as Europe/Berlin').optional(),
    jitter: duration.optional(),
    overlap: z.enum(overlaps, { error: `one of ${overlaps.join(', ')}` }).optional(),
    catchupWindow: duration.optional(),
    pauseOnFailure: yes.optional(),
    paused: yes.optional(),
    note: text('a text').max(500, { error: 'at most 500 characters' }).optional(),
    workflowId: text('what the ids of runs begin with').max(200, { error: 'at most 200 characters' }).optional(),
  },
  'a schedule, such as { id, workflow, cron }',
);

/** A schedule of the right shape. */
export type ScheduleShape = z.infer<typeof scheduleSchema>;
