import { failureRate, judgeEvidence, type Evidence } from '../../../client/deploy/judge-evidence';

const good = (finished: number): Evidence => ({ finished, failed: 0, stuck: 0 });
const demands = { minRuns: 5, maxFailureRate: 0.05 };
const early = { over: false, last: true };
const atTheEnd = { over: true, last: true };
const half = { finished: 10, failed: 5, stuck: 0 };

test.each([
  ['waits while the time lasts', 'wait', good(100), good(100), early],
  ['passes with enough good runs', 'pass', good(5), good(100), atTheEnd],
  ['is not enough with too few runs', 'insufficient', good(4), good(100), atTheEnd],
  ['is not enough without a run', 'insufficient', good(0), good(100), atTheEnd],
  ['may go on to the next share with few runs', 'pass', good(0), good(100), { over: true, last: false }],
  ['fails at once when too many fail', 'fail', { finished: 5, failed: 1, stuck: 0 }, good(100), early],
  ['fails when code fails, although nothing ends', 'fail', { finished: 0, failed: 0, stuck: 1 }, good(100), early],
  ['waits after one failure of many', 'wait', { finished: 100, failed: 5, stuck: 0 }, good(100), early],
  ['does not fail while the current build fails as often', 'wait', half, half, early],
  ['proves nothing where the current build fails as often', 'insufficient', half, half, atTheEnd],
])('the evidence %s', (_, verdict, fresh, current, observed) => {
  expect(judgeEvidence(fresh, current, { ...demands, ...observed }).verdict).toBe(verdict);
});

test('one early failure of many demanded runs is not too many yet', () => {
  const observed = { minRuns: 100, maxFailureRate: 0.05, over: false, last: true };
  expect(judgeEvidence({ finished: 1, failed: 1, stuck: 0 }, good(9), observed).verdict).toBe('wait');
  expect(judgeEvidence({ finished: 6, failed: 6, stuck: 0 }, good(9), observed).verdict).toBe('fail');
});

test('stuck runs are failures, and runs that have come to nothing are none', () => {
  expect(failureRate({ finished: 3, failed: 1, stuck: 1 })).toBe(0.5);
  expect(failureRate(good(0))).toBe(0);
});
