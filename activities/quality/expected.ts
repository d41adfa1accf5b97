import { forecast, type Basis, type Observation } from './forecast';
import { mean, standardDeviation } from './robust';

/** A share of a load's rows. */
export interface ShareObservation extends Observation {
  /** Rows that it is a share of. */
  readonly of: number;
}

/** Bounds within which a number is not odd, both inclusive. */
export interface Expected {
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
}

/** How strict and how patient comparing is. */
export interface CompareOptions {
  /** 1 is tuned; 2 halves the distance at which a number is odd, 0.5 doubles it. */
  readonly sensitivity: number;
  /** So many loads before there is any verdict. */
  readonly warmUp: number;
  /** Whether loads of the same weekday and hour are compared with each other, where that is what they are like. */
  readonly seasonal: boolean;
}

/** How many robust standard deviations are odd: chosen on the tuning seeds of bench/anomalies. */
const deviations = 3.7;

const usable = <O extends Observation>(history: readonly O[]): O[] =>
  history.filter((o) => Number.isFinite(o.value) && o.value >= 0 && Number.isFinite(o.at));

/** From this share of loads without rows on, none is normal. */
const oftenNone = 0.05;

/**
 * What a count, such as a number of rows, should be at this time. Counts are compared by their root, which makes what
 * chance does the same for every count; none at all is compared with nothing: where it has been normal it is, and it
 * does not count as a level.
 */
export function expectedCount(history: readonly Observation[], at: number, options: CompareOptions): Expected | null {
  const known = usable(history);
  const some = known.filter((o) => o.value > 0);
  if (known.length < options.warmUp || some.length < options.warmUp) return null;
  const roots = some.map((o) => ({ at: o.at, value: Math.sqrt(o.value) }));
  const far = deviations / options.sensitivity;
  const found = forecast(roots, at, { deviations: far, seasonal: options.seasonal });
  if (found === null) return null;
  const { centre, basis } = found;
  // Two percent are never odd, nor is what chance alone does to a small count.
  const floor = far * Math.max(0.01 * centre, 0.5);
  const width = Math.max(found.width, floor);
  const none = known.length - some.length >= oftenNone * known.length || centre - floor < 1;
  const low = Math.ceil(Math.max(centre - width, 0) ** 2);
  return { low: none ? 0 : Math.max(low, 1), high: Math.floor((centre + width) ** 2), basis };
}

/** Less than one row in a hundred more is never odd. */
const leastRise = 0.01;

/**
 * What a share of so many rows, such as that of NULL, may be at this time. Only a rise is odd. Compared by the arc sine
 * of the root, which makes what chance does the same for every share.
 */
export function expectedShare(
  history: readonly ShareObservation[],
  now: Pick<ShareObservation, 'at' | 'of'>,
  options: CompareOptions,
): Expected | null {
  const known = usable(history).filter((o) => o.of > 0 && o.value <= 1);
  if (known.length < options.warmUp || !(now.of > 0)) return null;
  const far = deviations / options.sensitivity;
  const found = forecast(known.map(angle), now.at, { deviations: far, seasonal: options.seasonal });
  if (found === null) return null;
  const chance = far / (2 * Math.sqrt(now.of));
  const usual = shareOf(found.centre);
  const high = Math.max(shareOf(found.centre + Math.max(found.width, chance)), usual + leastRise);
  return { low: 0, high: Math.min(1, high), basis: found.basis };
}

const angle = ({ at, value }: Observation): Observation => ({ at, value: Math.asin(Math.sqrt(value)) });
const shareOf = (angle: number): number => Math.sin(Math.min(Math.max(angle, 0), Math.PI / 2)) ** 2;

/**
 * How long a load may take, in milliseconds: the mean and four standard deviations of the logarithms, since times
 * multiply; at least double the mean, and five seconds more. Only slowness is odd.
 */
export function expectedLatency(history: readonly Observation[], options: CompareOptions): Expected | null {
  const known = usable(history).filter((o) => o.value > 0);
  if (known.length < options.warmUp) return null;
  const logs = known.map((o) => Math.log(o.value));
  const usual = Math.exp(mean(logs));
  const spread = Math.exp((4 / options.sensitivity) * standardDeviation(logs));
  return { low: 0, high: Math.round(Math.max(usual * Math.max(spread, 2), usual + 5_000)), basis: 'level' };
}
