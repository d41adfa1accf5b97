/** The middle of some values, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A quantile between 0 and 1, linear between the two values that are next to it; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}

/** The arithmetic mean; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How far from 0 values are: the root of the mean of their squares; NaN of none. */
export function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value ** 2)));
}

/** The sample standard deviation; NaN of fewer than two. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Makes the median absolute deviation of normal values their standard deviation. */
const madFactor = 1.4826;
/** The same for the mean absolute deviation: √(π/2). */
export const meanFactor = 1.2533;

/**
 * How far values usually are from a centre, in standard deviations of a normal distribution: by the median absolute
 * deviation, which up to half of the values cannot spoil; where that is 0, since most are equal, by the mean one.
 */
export function robustScale(values: readonly number[], centre: number): number {
  const away = values.map((value) => Math.abs(value - centre));
  return madFactor * median(away) || meanFactor * mean(away);
}
