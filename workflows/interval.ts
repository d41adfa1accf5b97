import { loadFailure } from './load-error';
import type { Grain } from './contract';

/** An instant in UTC, ISO 8601 with `Z`, such as `2026-11-22T00:00:00.000Z`. */
export type UtcInstant = string;

/** A half-open span of time `[start, end)`. */
export interface Interval {
  readonly start: UtcInstant;
  readonly end: UtcInstant;
}

/**
 * A span between two instants or ISO dates (a date means midnight UTC).
 *
 * @throws `InvalidRequest` when a bound is no instant, or the end is not after the start.
 */
export function interval(start: string, end: string): Interval {
  const bounds = { start: toInstant(start), end: toInstant(end) };
  if (Date.parse(bounds.end) <= Date.parse(bounds.start)) {
    throw loadFailure('InvalidRequest', {
      object: 'interval',
      expected: 'an end after the start',
      got: `${start} to ${end}`,
      remedy: 'Swap the bounds, or widen the interval.',
    });
  }
  return bounds;
}

/** The UTC hour that starts at `start`, such as `2026-11-22T05:00Z`. */
export const hour = (start: string): Interval => grainInterval('hour', start);
/** The UTC day `isoDate`, such as `2026-11-22`. For another zone use `intervalOf`. */
export const day = (isoDate: string): Interval => grainInterval('day', isoDate);
/** The UTC month that starts at `isoMonth`, such as `2026-11` or `2026-11-01`. */
export const month = (isoMonth: string): Interval =>
  grainInterval('month', /^\d{4}-\d\d$/.test(isoMonth) ? `${isoMonth}-01` : isoMonth);

function grainInterval(grain: Grain, text: string): Interval {
  const start = toInstant(text);
  if (floorUtc(start, grain) !== start) {
    throw loadFailure('InvalidRequest', {
      object: `interval (${grain})`,
      expected: `the first instant of a UTC ${grain}`,
      got: text,
      remedy: `Give the ${grain}'s first instant, or use interval(start, end).`,
    });
  }
  return { start, end: nextUtc(start, grain) };
}

/** Text to a UTC instant; refuses anything that is not ISO 8601, and local times, which mean different instants. */
export function toInstant(text: string): UtcInstant {
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
  const time = iso.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time) || !isRealDay(text.slice(0, 10))) {
    throw loadFailure('InvalidRequest', {
      object: 'interval',
      expected: 'an ISO date, or an ISO instant with Z or an offset',
      got: text.slice(0, 40),
      remedy: 'Write 2026-11-22 or 2026-11-22T05:00:00Z.',
    });
  }
  return new Date(time).toISOString();
}

/** `Date` reads the 30th of February as the 2nd of March. */
function isRealDay(isoDate: string): boolean {
  return new Date(`${isoDate}T00:00:00Z`).toISOString().startsWith(isoDate);
}

/** The first instant of the UTC grain that `instant` falls in. Weeks start on Monday. */
export function floorUtc(instant: UtcInstant, grain: Grain): UtcInstant {
  const at = new Date(instant);
  if (grain === 'week') at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7));
  const [y, m, d, h] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours()];
  const floored = {
    hour: Date.UTC(y, m, d, h),
    day: Date.UTC(y, m, d),
    week: Date.UTC(y, m, d),
    month: Date.UTC(y, m),
    year: Date.UTC(y, 0),
  }[grain];
  return new Date(floored).toISOString();
}

/** The instant one grain after `instant`, in UTC. */
export function nextUtc(instant: UtcInstant, grain: Grain): UtcInstant {
  const at = new Date(instant);
  if (grain === 'month') at.setUTCMonth(at.getUTCMonth() + 1);
  else if (grain === 'year') at.setUTCFullYear(at.getUTCFullYear() + 1);
  else at.setTime(at.getTime() + { hour: 1, day: 24, week: 168 }[grain] * 3_600_000);
  return at.toISOString();
}
