// Figures of few runs: the median, and how far the others are from it.
import { performance } from 'node:perf_hooks';

/** A quantile between 0 and 1, linear between the two values that are next to it. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** The middle value, or the mean of the two in the middle. */
export const median = (values) => quantile(values, 0.5);

/** Median, lowest and highest; `q1` and `q3` hold the middle half. */
export const spread = (values) => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
  q1: quantile(values, 0.25),
  q3: quantile(values, 0.75),
});

/** The median of every key over several records; a key that a record lacks counts as 0. */
export function medians(records) {
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return Object.fromEntries(keys.map((key) => [key, Math.round(median(records.map((record) => record[key] ?? 0)))]));
}

/** `7.02 (6.90–7.31)`, in another unit when a divisor is given. */
export function written({ median: middle, min, max }, divisor = 1) {
  const text = (value) => (value / divisor).toFixed(2);
  return `${text(middle)} (${text(min)}–${text(max)})`;
}

/** One run's parts, the longest first, as `copy 5210, analyze 210`. */
export const partsText = (parts) =>
  Object.entries(parts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, ms]) => `${name} ${Math.round(ms)}`)
    .join(', ');

export const megabytes = (bytes) => Math.round(bytes / 1e6);

/** How long something takes, in milliseconds. */
export async function timed(work) {
  const begun = performance.now();
  const value = await work();
  return { ms: performance.now() - begun, value };
}
