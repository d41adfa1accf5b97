import { DateTime, IANAZone } from 'luxon';
import { loadFailure } from '../workflows/load-error';
import type { Grain, IntervalOfInput, NominalInterval } from '../workflows/contract';
import type { Interval } from '../workflows/interval';

const grains: readonly Grain[] = ['hour', 'day', 'week', 'month', 'year'];

/** See `LoadActivities['loadline.intervalOf']`. */
export function intervalOf({ nominal, nominalTime }: IntervalOfInput): Promise<Interval> {
  return Promise.resolve().then(() => flooredInterval(nominal, nominalTime));
}

/**
 * The interval of a grain that an instant falls in, by the wall clock of a zone: a day of 23, 24 or 25 hours.
 *
 * @throws `InvalidRequest` for an unknown grain or zone
 */
export function flooredInterval({ grain, zone = 'UTC', back = 0 }: NominalInterval, nominalTime: string): Interval {
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw loadFailure('InvalidRequest', { object: `interval.${field}`, expected, got: String(got) });
  };
  if (!grains.includes(grain)) refuse('grain', grains.join(', '), grain);
  if (!IANAZone.isValidZone(zone)) refuse('zone', 'an IANA zone such as Europe/Berlin', zone);
  if (!Number.isInteger(back) || back < 0) refuse('back', 'a whole number from 0', back);
  const at = DateTime.fromISO(nominalTime, { zone });
  if (!at.isValid) refuse('nominalTime', 'an ISO instant', nominalTime);
  // An hour is an instant's, not a wall clock's: the hour that a zone sees twice is two hours.
  const unit = grain === 'hour' ? at.toUTC() : at;
  const start = firstOf(firstOf(unit, grain).minus({ [grain]: back }), grain);
  const end = firstOf(start.plus({ [grain]: 1 }), grain);
  return { start: start.toUTC().toISO()!, end: end.toUTC().toISO()! };
}

/**
 * The first instant of the grain that a time lies in. Where clocks change at midnight a day starts at one o'clock, or
 * has two midnights, of which the earlier one is its start: else days would overlap, or leave an hour out.
 */
function firstOf(at: DateTime, grain: Grain): DateTime {
  const start = at.startOf(grain);
  if (grain === 'hour') return start;
  return start.getPossibleOffsets().reduce((first, one) => (one.toMillis() < first.toMillis() ? one : first), start);
}
