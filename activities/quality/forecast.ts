import { mean, meanFactor, median, robustScale, rootMeanSquare } from './robust';

/** A number that a load had, and when. */
export interface Observation {
  /** Milliseconds since 1970: the start of the load's interval, or when it was published. */
  readonly at: number;
  readonly value: number;
}

/** What a number is compared with: all loads before, the last few, or those of the same weekday and hour. */
export type Basis = 'level' | 'recent' | 'season';

/** The number that the next load should have, and how far from it is not odd yet. */
export interface Forecast {
  readonly basis: Basis;
  readonly centre: number;
  readonly width: number;
}

/** How a forecast is made. */
export interface ForecastOptions {
  /** How many robust standard deviations off is odd. */
  readonly deviations: number;
  /** Whether the part of the week is tried. */
  readonly seasonal: boolean;
}

/** So many loads make the recent level. */
const recentLoads = 7;
/** Fewer deviations than this say nothing about the next one. */
const fewest = 6;
/** Loads of one weekday and hour before they are a season. */
const seasonLoads = 3;
/** How much narrower a forecast must be to be taken in the place of the plain level: by chance one of three is narrow. */
const better = 0.6;

/**
 * Forecasts in every way that the history allows, by how well each would have done there, and takes the best.
 * `history` is in the order of time. `null` when it is too short.
 */
export function forecast(history: readonly Observation[], at: number, options: ForecastOptions): Forecast | null {
  const ways = [byLevel(history), byRecent(history), options.seasonal ? bySeason(history, at) : null];
  let best: (Forecast & { readonly cost: number }) | null = null;
  for (const way of ways) {
    if (way === null || way.errors.length < fewest) continue;
    const bias = median(way.errors);
    const width = widthOf(way.errors, bias, options.deviations);
    if (width === Number.POSITIVE_INFINITY || (way.basis !== 'recent' && isLost(way.errors, bias, width))) continue;
    const cost = way.basis === 'level' ? width : width / better;
    if (best === null || cost < best.cost) best = { basis: way.basis, centre: way.next + bias, width, cost };
  }
  return best && { basis: best.basis, centre: best.centre, width: best.width };
}

/** A way to forecast: what it says of the next load, and how far off it was on those before. */
interface Way {
  readonly basis: Basis;
  readonly next: number;
  readonly errors: readonly number[];
}

/** Errors beyond so many standard deviations are apart: they do not make the others' deviation. */
const apartAfter = 4;
/** With more of them than this nothing is known of what is usual. */
const mostApart = 0.2;
/** Where tails are measured, what is apart counts as so many standard deviations: it may be of a tail, or an anomaly. */
const apartCounts = 2;
/** The longest tails double the width: the longer they seem, the more is in them by chance. */
const longestTail = 2;

/**
 * How far off is not odd yet: so many times the standard deviation of the errors that are not apart, from the robust one
 * on until that takes no more in, and wider where tails are longer than normal ones, which show in the standard
 * deviation before they show in the mean absolute one. `Infinity` where too many lie apart.
 */
function widthOf(errors: readonly number[], bias: number, deviations: number): number {
  const away = errors.map((error) => Math.abs(error - bias));
  const robust = robustScale(errors, bias);
  let kept = within(away, robust);
  for (;;) {
    const more = within(away, Math.max(robust, rootMeanSquare(kept)));
    if (more.length <= kept.length) break;
    kept = more;
  }
  const apart = 1 - kept.length / errors.length;
  if (apart > mostApart) return Number.POSITIVE_INFINITY;
  const scale = rootMeanSquare(kept);
  if (scale === 0) return 0;
  const tail = (scale * Math.sqrt(1 + apart * (apartCounts ** 2 - 1))) / (meanFactor * mean(kept));
  // Far out, a tail is longer than it is near the middle: by the cube, as tuned.
  return deviations * scale * Math.min(Math.max(tail ** 3, 1), longestTail) * (1 + 1 / errors.length);
}

const within = (away: readonly number[], scale: number): number[] => away.filter((e) => e <= apartAfter * scale);

/** Whether a forecast was mostly wrong of late, as when the level has changed. */
function isLost(errors: readonly number[], bias: number, width: number): boolean {
  return median(errors.slice(-5).map((error) => Math.abs(error - bias))) > 0.7 * width;
}

function byLevel(history: readonly Observation[]): Way | null {
  const next = median(history.map((o) => o.value));
  return { basis: 'level', next, errors: history.map((o) => o.value - next) };
}

/** Follows a trend, a drift, and a level that has changed for good. */
function byRecent(history: readonly Observation[]): Way | null {
  const values = history.map((o) => o.value);
  const errors: number[] = [];
  for (let i = recentLoads; i < values.length; i++) errors.push(values[i]! - median(values.slice(i - recentLoads, i)));
  return { basis: 'recent', next: median(values.slice(-recentLoads)), errors };
}

const hour = 3_600_000;
const week = 7 * 24 * hour;

function bySeason(history: readonly Observation[], at: number): Way | null {
  const slots = slotsOf(history, at);
  if (slots === null) return null;
  const seen = new Map<number, number[]>();
  const errors: number[] = [];
  history.forEach(({ value }, i) => {
    const before = seen.get(slots[i]!) ?? [];
    if (before.length >= seasonLoads) errors.push(value - median(before.slice(-recentLoads)));
    before.push(value);
    seen.set(slots[i]!, before);
  });
  const same = seen.get(0) ?? [];
  return same.length < seasonLoads ? null : { basis: 'season', next: median(same.slice(-recentLoads)), errors };
}

/** The part of the week of each load, counted from that of `at`: hours where loads are hourly, days where daily. */
function slotsOf(history: readonly Observation[], at: number): number[] | null {
  const gaps = history.slice(1).map((o, i) => o.at - history[i]!.at);
  const gap = median(gaps);
  // A table that is loaded once or twice a week has no week in it.
  if (!(gap <= 2 * 24 * hour)) return null;
  const slots = Math.round(week / Math.min(24 * hour, Math.max(hour, gap)));
  return history.map((o) => {
    const phase = (((o.at - at) % week) + week) % week;
    return Math.round((phase / week) * slots) % slots;
  });
}
