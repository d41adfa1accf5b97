import ms from 'ms';
import { parseDuration } from '../../activities/duration';
import { refuseOption } from './config-refusal';

/** The least and the most that a duration may be, as people write them. */
export interface DurationRange {
  readonly min: string;
  readonly max: string;
}

/**
 * Reads a duration such as `30s`, `10m` or `2h` as milliseconds.
 *
 * @throws `InvalidConfig` when the text is none, lacks a unit, or lies outside the range.
 */
export function durationMs(text: string, option: string, range: DurationRange, file: string): number {
  const value = parseDuration(text);
  if (value >= ms(range.min as ms.StringValue) && value <= ms(range.max as ms.StringValue)) return Math.round(value);
  throw refuseOption(file, {
    option,
    expected: `a duration with a unit, from ${range.min} to ${range.max}`,
    got: JSON.stringify(text.slice(0, 40)),
    remedy: 'Write a number with its unit, such as 30s, 10m or 2h.',
  });
}
