import { loadlineRule } from '../../../bench/anomalies/rule';
import { countsOf, scoreOf, threeSigma, type Score } from '../../../bench/anomalies/score';
import { heldOutSeeds } from '../../../bench/anomalies/series';

// Some of the seeds, so that it takes seconds: `node bench/anomalies.mjs` takes all.
const rule = loadlineRule();
const scores = (name: string, series: number): { common: Score; ours: Score } => {
  const seeds = heldOutSeeds.slice(0, series);
  return {
    common: scoreOf(seeds.map((seed) => countsOf(threeSigma, name, seed))),
    ours: scoreOf(seeds.map((seed) => countsOf(rule, name, seed))),
  };
};

test.each(['weekly season', 'trend', 'level shift', 'null-rate spike', 'slow drift', 'mostly zero'])(
  'on series of the kind %s, precision and recall are better than those of three standard deviations',
  (name) => {
    const { common, ours } = scores(name, 12);
    expect(ours.precision).toBeGreaterThan(common.precision);
    expect(ours.recall).toBeGreaterThan(common.recall);
    expect(ours.f1).toBeGreaterThan(0.92);
  },
);

test.each(['gaussian', 'heavy tails'])(
  'on series of the kind %s, where three standard deviations do well, it is not far behind them',
  (name) => {
    // The two are so close that a dozen series tell nothing.
    const { common, ours } = scores(name, 100);
    expect(ours.f1).toBeGreaterThan(common.f1 - 0.01);
  },
);
