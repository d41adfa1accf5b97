// Figures of few runs: the median, and how far the others are from it.

/** The middle value, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });

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
