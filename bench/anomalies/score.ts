import { firstJudged, generators, type Point, type Series } from './series';

/** Says whether a value is an anomaly after these, oldest first. */
export type Rule = (history: readonly Point[], now: Point, kind: Series['kind']) => boolean;

/** What every rule is shown: the loads before. Anomalies stay among them, as nobody takes them out. */
export const shownLoads = 90;

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Loads that were called anomalies and were none, of a thousand. */
  readonly falseAlarms: number;
}

/** How a rule does on series of one kind, all seeds together. */
export function scoreOf(rule: Rule, name: string, seeds: readonly number[]): Score {
  const counts = { hit: 0, missed: 0, false: 0, normal: 0 };
  for (const seed of seeds) {
    const { points, kind } = generators[name]!(seed);
    for (let i = firstJudged; i < points.length; i++) {
      const now = points[i]!;
      if (now.truth === 'either') continue;
      const called = rule(points.slice(Math.max(0, i - shownLoads), i), now, kind);
      if (now.truth === 'normal') counts.normal++;
      if (called) counts[now.truth === 'anomaly' ? 'hit' : 'false']++;
      else if (now.truth === 'anomaly') counts.missed++;
    }
  }
  const { hit, missed } = counts;
  const precision = hit === 0 ? 0 : hit / (hit + counts.false);
  const recall = hit / (hit + missed);
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    falseAlarms: (1000 * counts.false) / counts.normal,
  };
}

/** What is commonly done: further from the mean than three standard deviations. */
export const threeSigma: Rule = (history, { value }) => {
  const mean = history.reduce((sum, p) => sum + p.value, 0) / history.length;
  const variance = history.reduce((sum, p) => sum + (p.value - mean) ** 2, 0) / (history.length - 1);
  return Math.abs(value - mean) > 3 * Math.sqrt(variance);
};
