import { quantile } from '../../activities/quality/robust';
import { randomOf } from './random';
import { scoreOf, type Counts, type Score } from './score';

/** How far one rule is ahead of another, and where 95 of 100 such sets of series would put it. */
export interface Lead {
  readonly by: number;
  readonly low: number;
  readonly high: number;
}

const draws = 2000;

/** By a paired bootstrap: series are drawn again, each with what both rules said of it. */
export function leadOf(ours: readonly Counts[], theirs: readonly Counts[], measure: keyof Score): Lead {
  const random = randomOf(1);
  const ahead = (drawn: readonly number[]): number =>
    scoreOf(drawn.map((i) => ours[i]!))[measure] - scoreOf(drawn.map((i) => theirs[i]!))[measure];
  const all = ours.map((_, i) => i);
  const leads = Array.from({ length: draws }, () => ahead(all.map(() => Math.floor(random.uniform() * all.length))));
  return { by: ahead(all), low: quantile(leads, 0.025), high: quantile(leads, 0.975) };
}
