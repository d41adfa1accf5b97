import {
  mean,
  median,
  quantile,
  robustScale,
  rootMeanSquare,
  standardDeviation,
} from '../../../activities/quality/robust';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([10, 9])).toBe(9.5);
  expect(median([])).toBeNaN();
});

test('values are sorted as numbers, and stay where they are', () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test('a quantile lies between its neighbours', () => {
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 1)).toBe(5);
});

test('of normal values the robust scale is about the standard deviation', () => {
  // The quantiles of a standard normal distribution at 5 %, 15 %, …, 95 %.
  const values = [-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645];
  expect(robustScale(values, 0)).toBeGreaterThan(0.7);
  expect(robustScale(values, 0)).toBeLessThan(1.1);
  expect(robustScale([...values, 1e9], 0)).toBeLessThan(1.3);
});

test('where most values are equal, the scale is that of the others, and 0 only of a constant', () => {
  expect(robustScale([5, 5, 5, 5, 9], 5)).toBeCloseTo(1.2533 * 0.8);
  expect(robustScale([5, 5, 5], 5)).toBe(0);
});

test('mean and standard deviation are those of a sample', () => {
  expect(mean([1, 2, 3, 4])).toBe(2.5);
  expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.138, 3);
  expect(standardDeviation([1])).toBeNaN();
});

test('the root mean square is how far from 0 values are', () => {
  expect(rootMeanSquare([3, -3, 3, -3])).toBe(3);
  expect(rootMeanSquare([1, 7])).toBe(5);
});
