import { loadlineRule } from '../../../bench/anomalies/rule';
import { scoreOf, threeSigma, type Score } from '../../../bench/anomalies/score';
import { heldOutSeeds } from '../../../bench/anomalies/series';

// Some of them, so that it takes seconds: `node bench/anomalies.mjs` takes all.
const seeds = heldOutSeeds.slice(0, 12);
const scores = (name: string): { common: Score; ours: Score } => ({
  common: scoreOf(threeSigma, name, seeds),
  ours: scoreOf(loadlineRule(), name, seeds),
});

test.each(['weekly season', 'trend', 'level shift', 'null-rate spike', 'slow drift'])(
  'on series of the kind %s, precision and recall are better than those of three standard deviations',
  (name) => {
    const { common, ours } = scores(name);
    expect(ours.precision).toBeGreaterThan(common.precision);
    expect(ours.recall).toBeGreaterThan(common.recall);
    expect(ours.f1).toBeGreaterThan(0.9);
  },
);

test.each(['gaussian', 'heavy tails', 'mostly zero'])(
  'on series of the kind %s, where three standard deviations do well, it is not far behind them',
  (name) => {
    const { common, ours } = scores(name);
    expect(ours.f1).toBeGreaterThan(common.f1 - 0.04);
  },
);
