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
const deviations = 3.8;
/** Where no rows are common, fewer loads are judged at all: a smaller distance gives no more false alarms. */
const sparseDeviations = 3.3;

const usable = <O extends Observation>(history: readonly O[]): O[] =>
  history.filter((o) => Number.isFinite(o.value) && o.value >= 0 && Number.isFinite(o.at));

/**
 * What a count, such as a number of rows, should be at this time. Counts are compared by their ratio; none at all is
 * compared with nothing: where it has been normal it is, and it does not count as a level.
 */
export function expectedCount(history: readonly Observation[], at: number, options: CompareOptions): Expected | null {
  const known = usable(history);
  const some = known.filter((o) => o.value > 0);
  if (known.length < options.warmUp || some.length < options.warmUp) return null;
  const zeros = (known.length - some.length) / known.length;
  const logs = some.map((o) => ({ at: o.at, value: Math.log(o.value) }));
  const far = (zeros >= 0.05 ? sparseDeviations : deviations) / options.sensitivity;
  const found = forecast(logs, at, { deviations: far, seasonal: options.seasonal });
  if (found === null) return null;
  // Two percent are never odd, nor is what chance alone does to a small count.
  const floor = far * Math.max(0.02, 1 / Math.sqrt(Math.exp(found.centre)));
  const width = Math.max(found.width, floor);
  const low = Math.exp(found.centre - width);
  return {
    low: zeros >= 0.05 || low < 1 ? 0 : Math.ceil(low),
    high: Math.floor(Math.exp(found.centre + width)),
    basis: found.basis,
  };
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
