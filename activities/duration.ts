import ms from 'ms';

const shape = /^\d+(\.\d+)? ?(ms|s|m|h|d|msecs?|secs?|mins?|hours?|hrs?|days?|seconds?|minutes?)$/i;

/** Milliseconds of a duration such as `30s`, `10m` or `7 days`; NaN when the text is none, or lacks its unit. */
export function parseDuration(text: string): number {
  return shape.test(text) ? ms(text as ms.StringValue) : Number.NaN;
}
