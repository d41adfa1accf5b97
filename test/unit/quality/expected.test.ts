import { expectedCount, expectedLatency, expectedShare } from '../../../activities/quality/expected';
import { defaultCompare as options } from '../../../activities/quality/find-anomalies';
import { standardDeviation } from '../../../activities/quality/robust';

const hour = 3_600_000;
const day = 24 * hour;
const monday = Date.UTC(2026, 0, 5, 5);
const daily = (values: readonly number[]): { at: number; value: number; of: number }[] =>
  values.map((value, i) => ({ at: monday + i * day, value, of: 1000 }));
const after = (values: readonly unknown[]): number => monday + values.length * day;
const repeated = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i));
const counts = (values: readonly number[], more = {}) =>
  expectedCount(daily(values), after(values), { ...options, ...more });

test('there is no verdict before the warm-up is over', () => {
  const steady = (n: number): number[] => repeated(n, (i) => 1000 + (i % 5));
  expect(counts([])).toBeNull();
  expect(counts(steady(13))).toBeNull();
  expect(counts(steady(14))).not.toBeNull();
  expect(counts(steady(14), { warmUp: 20 })).toBeNull();
  expect(
    expectedShare(daily(repeated(13, () => 0.1)), { at: after(repeated(13, () => 0)), of: 10 }, options),
  ).toBeNull();
  expect(expectedLatency(daily(repeated(13, () => 900)), options)).toBeNull();
});

test('a constant number of rows may still change a little, and not by a tenth', () => {
  const expected = counts(repeated(30, () => 10_000))!;
  expect(expected.low).toBeLessThanOrEqual(9_500);
  expect(expected.low).toBeGreaterThan(9_000);
  expect(expected.high).toBeGreaterThanOrEqual(10_500);
  expect(expected.high).toBeLessThan(11_000);
});

test('of a handful of rows one or two more are chance', () => {
  const expected = counts(repeated(30, () => 4))!;
  expect(expected.low).toBe(0);
  expect(expected.high).toBeGreaterThanOrEqual(8);
});

test('values that are no numbers are not counted as loads', () => {
  const values = repeated(20, (i) => (i < 7 ? [Number.NaN, Number.POSITIVE_INFINITY, -1][i % 3]! : 100));
  expect(counts(values)).toBeNull();
  expect(counts([...values, 100])).not.toBeNull();
});

test('no rows at all are odd, unless that has been normal', () => {
  expect(counts(repeated(30, (i) => 1000 + (i % 7)))!.low).toBeGreaterThan(0);
  const often = counts(repeated(40, (i) => (i % 2 ? 0 : 200 + (i % 6))))!;
  expect(often.low).toBe(0);
  expect(often.high).toBeLessThan(400);
  expect(counts(repeated(40, () => 0))).toBeNull();
});

test('no rows at all are odd also where loads differ much, and not where a handful is usual', () => {
  const sizes = [100, 3000, 800, 9000, 250, 5000, 1500, 600, 7000, 2000, 400];
  expect(counts(repeated(44, (i) => sizes[(i * 7) % 11]!))!.low).toBe(1);
  expect(counts(repeated(40, (i) => 6 + (i % 5)))!.low).toBe(0);
  expect(counts(repeated(40, (i) => 28 + (i % 5)))!.low).toBeGreaterThan(0);
});

describe('spread', () => {
  /** How far above 1000 the root of a count may be, after roots that were so far off it. */
  const width = (errors: readonly number[]): number => {
    const values = errors.map((error) => (1000 + error) ** 2);
    return Math.sqrt(counts(values, { seasonal: false })!.high) - 1000;
  };
  const even = repeated(80, (i) => ((i * 37) % 80) - 39.5);
  /** The outer `far` of them are moved out, and the others nearer. */
  const tailed = (far: number, near: number, off: number): number[] =>
    even.map((e) => (39.5 - Math.abs(e) < far / 2 ? Math.sign(e) * (off + Math.abs(e)) : near * e));

  test('where tails are longer than normal ones, more standard deviations are expected, twice as many at most', () => {
    const inDeviations = (errors: readonly number[]): number => width(errors) / standardDeviation(errors);
    const usual = inDeviations(even);
    const long = inDeviations(tailed(8, 0.5, 20));
    const longest = inDeviations(tailed(20, 0, 0));
    expect(long / usual).toBeGreaterThan(1.2);
    expect(long / usual).toBeLessThan(1.8);
    expect(longest / usual).toBeCloseTo(2, 1);
  });

  test('a few loads that are far apart change little', () => {
    const apart = width(tailed(4, 1, 500));
    expect(apart / width(even)).toBeGreaterThan(0.9);
    expect(apart / width(even)).toBeLessThan(1.2);
  });

  test('one load that is far off does not make a constant number anything else', () => {
    const constant = repeated(80, () => 0);
    expect(width([500, ...constant])).toBeCloseTo(width(constant));
  });
});

test('a weekend is compared with weekends', () => {
  const weeks = repeated(70, (i) => (i % 7 >= 5 ? 1000 : 3000) + ((i * 7) % 11));
  const saturday = counts(weeks.slice(0, 68))!;
  expect(saturday).toMatchObject({ basis: 'season' });
  expect(saturday.high).toBeLessThan(1300);
  const weekday = counts(weeks.slice(0, 63))!;
  expect(weekday.low).toBeGreaterThan(2300);
  // Without seasons a quarter of the loads is unlike the rest: nothing can be said.
  expect(counts(weeks.slice(0, 68), { seasonal: false })).toBeNull();
});

test('hourly loads are compared with those of the same hour of the same weekday', () => {
  const value = (at: number): number => (new Date(at).getUTCHours() < 6 ? 50 : 2000) + ((at / hour) % 3);
  const now = monday + 10 * 7 * day - 2 * hour;
  const last = repeated(90, (i) => now - (90 - i) * hour);
  const same = repeated(9, (i) => now - (10 - i) * 7 * day).filter((at) => at < last[0]!);
  const history = [...same, ...last].map((at) => ({ at, value: value(at) }));
  const expected = expectedCount(history, now, options)!;
  expect(expected.basis).toBe('season');
  expect(expected.high).toBeLessThan(100);
});

test('a loading time that grows is followed', () => {
  const expected = counts(repeated(90, (i) => 5000 * (1 + 0.012 * i) + ((i * 37) % 100)))!;
  expect(expected.low).toBeGreaterThan(8_500);
  expect(expected.high).toBeLessThan(12_500);
});

test('a level that has changed for good is the new level after a week', () => {
  const expected = counts(repeated(80, (i) => (i < 60 ? 1000 : 2000) + ((i * 37) % 50)))!;
  expect(expected.low).toBeLessThan(2000);
  expect(expected.high).toBeGreaterThan(2050);
});

test('a higher sensitivity narrows what is expected', () => {
  const values = repeated(40, (i) => 1000 + ((i * 37) % 100));
  const [usual, strict] = [counts(values)!, counts(values, { sensitivity: 2 })!];
  expect(strict.high).toBeLessThan(usual.high);
  expect(strict.low).toBeGreaterThan(usual.low);
});

describe('shares', () => {
  const share = (values: readonly number[], of = 1000) =>
    expectedShare(daily(values), { at: after(values), of }, options)!;

  test('a share that was always 0 may become one in a hundred, and not one in ten', () => {
    const { low, high } = share(repeated(30, () => 0));
    expect(low).toBe(0);
    expect(high).toBeGreaterThanOrEqual(0.01);
    expect(high).toBeLessThan(0.05);
  });

  test('of few rows more may lack a value by chance', () => {
    expect(
      share(
        repeated(30, () => 0),
        10,
      ).high,
    ).toBeGreaterThan(0.3);
    expect(expectedShare(daily(repeated(30, () => 0)), { at: 0, of: 0 }, options)).toBeNull();
  });

  test('a column that never has a value is as it was', () => {
    expect(share(repeated(30, () => 1)).high).toBe(1);
  });
});

test('a load that takes twice as long is not slow yet when it is short, and is when it is long', () => {
  const of = (value: number) => expectedLatency(daily(repeated(30, (i) => value * (1 + (i % 5) / 100))), options)!.high;
  expect(of(800)).toBeGreaterThan(5_000);
  expect(of(60_000)).toBeGreaterThan(110_000);
  expect(of(60_000)).toBeLessThan(140_000);
});
