import { randomOf, type Random } from './random';

/**
 * Synthetic series of one metric of daily loads, with anomalies put in by hand. They were written before any rule was
 * tuned; the rule was tuned on `tuningSeeds`, and on seeds that were held out before, alone.
 */
export interface Series {
  /** What the numbers are: counts of rows, or a share of rows. */
  readonly kind: 'count' | 'share';
  readonly points: readonly Point[];
}
export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
  /** Rows that a share is of. */
  readonly of: number;
  /** `either`: just after a change of level, when nobody can say which level is the true one; it is not scored. */
  readonly truth: 'normal' | 'anomaly' | 'either';
}

export const tuningSeeds = Array.from({ length: 1000 }, (_, i) => 1 + i);
/** Looked at once, after tuning. Those from 10,001, 20,001 and 30,001 on were looked at earlier, and are spent. */
export const heldOutSeeds = Array.from({ length: 400 }, (_, i) => 40_001 + i);

const days = 182;
const start = Date.UTC(2026, 0, 5, 5);
/** Before this many loads no rule is asked, and no anomaly happens. */
export const firstJudged = 28;
const share = 0.03;

type Truth = Point['truth'];
type Drawn = Pick<Point, 'value' | 'truth'> & { readonly of?: number };

function series(
  kind: Series['kind'],
  seed: number,
  make: (random: Random) => (day: number, odd: boolean) => Drawn,
): Series {
  const random = randomOf(seed);
  const draw = make(random);
  const points = Array.from({ length: days }, (_, day): Point => {
    const { value, truth, of } = draw(day, day >= firstJudged && random.chance(share));
    const whole = kind === 'count' ? Math.max(0, Math.round(value)) : Math.min(1, Math.max(0, value));
    return { at: start + day * 86_400_000, value: whole, of: of ?? whole, truth };
  });
  return { kind, points };
}

const truthOf = (odd: boolean): Truth => (odd ? 'anomaly' : 'normal');

/** By so many standard deviations, up or down. */
const jump = (random: Random, low: number, high: number): number =>
  random.between(low, high) * (random.chance(0.5) ? 1 : -1);

/** Much less, or much more. */
const factor = (random: Random): number => (random.chance(0.5) ? random.between(0.4, 0.65) : random.between(1.5, 2.2));

/** The kinds of series, by name. Each takes a seed. */
export const generators: Readonly<Record<string, (seed: number) => Series>> = {
  gaussian: (seed) =>
    series('count', seed, (random) => (_, odd) => ({
      value: 1000 + 50 * (random.normal() + (odd ? jump(random, 5, 9) : 0)),
      truth: truthOf(odd),
    })),

  /** Weekends have a third of the rows. An anomaly is a weekday that looks like a weekend, or the other way round. */
  'weekly season': (seed) =>
    series('count', seed, (random) => (day, odd) => {
      const weekend = day % 7 >= 5;
      const odds = weekend ? random.between(1.8, 3) : random.between(0.33, 0.6);
      return { value: (weekend ? 1000 : 3000) * (1 + 0.06 * random.normal()) * (odd ? odds : 1), truth: truthOf(odd) };
    }),

  trend: (seed) =>
    series('count', seed, (random) => {
      const slope = random.between(0.006, 0.015);
      return (day, odd) => ({
        value: 5000 * (1 + slope * day) * (1 + 0.05 * random.normal()) * (odd ? factor(random) : 1),
        truth: truthOf(odd),
      });
    }),

  'heavy tails': (seed) =>
    series('count', seed, (random) => (_, odd) => ({
      value: 2000 + 60 * (odd ? jump(random, 10, 20) : random.student(3)),
      truth: truthOf(odd),
    })),

  /** One lasting change of level: its first load is an anomaly, the next six may be taken either way. */
  'level shift': (seed) =>
    series('count', seed, (random) => {
      const at = Math.floor(random.between(60, 130));
      const level = random.chance(0.5) ? random.between(1.6, 2.5) : random.between(0.4, 0.6);
      return (day, odd) => {
        const after = day - at;
        const value = 2000 * (after >= 0 ? level : 1) * (1 + 0.05 * random.normal());
        if (after === 0) return { value, truth: 'anomaly' };
        if (after > 0 && after <= 6) return { value, truth: 'either' };
        return { value: value * (odd ? factor(random) : 1), truth: truthOf(odd) };
      };
    }),

  /** The share of NULL in a column of some thousand rows, a little restless by itself. */
  'null-rate spike': (seed) =>
    series('share', seed, (random) => {
      const base = random.between(0.004, 0.03);
      return (_, odd) => {
        const of = Math.round(4000 * Math.exp(0.3 * random.normal()));
        const rate = base * Math.exp(0.2 * random.normal()) + (odd ? random.between(0.03, 0.2) : 0);
        return { value: binomial(random, of, rate) / of, of, truth: truthOf(odd) };
      };
    }),

  /** A level that wanders: nothing of it is an anomaly. */
  'slow drift': (seed) =>
    series('count', seed, (random) => {
      let level = Math.log(3000);
      return (_, odd) => {
        level += 0.025 * random.normal();
        return { value: Math.exp(level + 0.04 * random.normal()) * (odd ? factor(random) : 1), truth: truthOf(odd) };
      };
    }),

  /** Most days bring nothing, which is normal; an anomaly is a delivery several times as large as others. */
  'mostly zero': (seed) =>
    series('count', seed, (random) => {
      const zeros = random.between(0.5, 0.7);
      return (_, odd) => {
        const delivery = 200 * Math.exp(0.35 * random.normal());
        if (odd) return { value: delivery * random.between(5, 12), truth: 'anomaly' };
        return { value: random.chance(zeros) ? 0 : delivery, truth: 'normal' };
      };
    }),
};

/** So many of `n`, by the normal approximation where it holds. */
function binomial(random: Random, n: number, p: number): number {
  if (n * p > 30) return Math.max(0, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * random.normal()));
  let [hits, log] = [0, 0];
  // Waiting times of a Poisson process.
  for (;;) {
    log -= Math.log(1 - random.uniform());
    if (log > n * p) return hits;
    hits++;
  }
}
