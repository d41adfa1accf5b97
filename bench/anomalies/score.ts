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

/** Loads by what they were and what they were called. */
export interface Counts {
  readonly hit: number;
  readonly missed: number;
  readonly false: number;
  readonly normal: number;
}

/** How a rule does on the series of one seed. */
export function countsOf(rule: Rule, name: string, seed: number): Counts {
  const counts = { hit: 0, missed: 0, false: 0, normal: 0 };
  const { points, kind } = generators[name]!(seed);
  for (let i = firstJudged; i < points.length; i++) {
    const now = points[i]!;
    if (now.truth === 'either') continue;
    const called = rule(points.slice(Math.max(0, i - shownLoads), i), now, kind);
    if (now.truth === 'normal') counts.normal++;
    if (called) counts[now.truth === 'anomaly' ? 'hit' : 'false']++;
    else if (now.truth === 'anomaly') counts.missed++;
  }
  return counts;
}

/** All series together. */
export function scoreOf(all: readonly Counts[]): Score {
  const sum = (of: keyof Counts): number => all.reduce((total, counts) => total + counts[of], 0);
  const hit = sum('hit');
  const precision = hit === 0 ? 0 : hit / (hit + sum('false'));
  const recall = hit / (hit + sum('missed'));
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    falseAlarms: (1000 * sum('false')) / sum('normal'),
  };
}

/** What is commonly done: further from the mean than three standard deviations. */
export const threeSigma: Rule = (history, { value }) => {
  const mean = history.reduce((sum, p) => sum + p.value, 0) / history.length;
  const variance = history.reduce((sum, p) => sum + (p.value - mean) ** 2, 0) / (history.length - 1);
  return Math.abs(value - mean) > 3 * Math.sqrt(variance);
};
