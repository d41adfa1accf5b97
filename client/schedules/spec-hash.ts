import { createHash } from 'node:crypto';
import type { ResolvedSchedule } from '../../workers/config';

/** Short hashes by the name of what they are of. */
export type Hashes = Readonly<Record<string, string>>;

/**
 * A hash of each thing that a schedule declares: what is compared with the server, which keeps them in the memo of the action. The
 * schedule itself cannot be compared: the server answers with cron expressions compiled to calendars, and the memo of a
 * schedule cannot be changed.
 */
export function declaredHashes(schedule: ResolvedSchedule, taskQueue: string): Hashes {
  const { id: _, load: _load, args, everyMs, offsetMs, calendars, jitterMs, catchupWindowMs, ...rest } = schedule;
  const fields = {
    ...rest,
    taskQueue,
    input: args,
    every: everyMs,
    offset: offsetMs,
    calendar: calendars,
    jitter: jitterMs,
    catchupWindow: catchupWindowMs,
  };
  return hashesOf(fields);
}

/** A hash of each of these. */
export const hashesOf = (fields: Readonly<Record<string, unknown>>): Hashes =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, hashOf(value)]));

/** The names under which two differ. */
export const changedNames = (before: Hashes, after: Hashes): string[] =>
  [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((name) => before[name] !== after[name]).sort();

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

/** JSON with the keys of every object in order, so that one content has one text. */
function canonical(value: unknown): string {
  const ordered = (_: string, inner: unknown): unknown =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, ordered) ?? 'undefined';
}
