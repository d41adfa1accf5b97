import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { isLoadError, loadErrorOf, loadFailure } from '../../../workflows/load-error';
import { loadErrorCodes, loadErrors } from '../../../workflows/load-error-code';

test('every code has a meaning and a remedy, as sentences', () => {
  for (const code of loadErrorCodes) {
    expect([code, loadErrors[code].meaning]).toEqual([code, expect.stringMatching(/^[A-Z].*\.$/s) as string]);
    expect([code, loadErrors[code].remedy]).toEqual([code, expect.stringMatching(/^[A-Z].*\.$/s) as string]);
  }
});

test('a failure says what, on which object, expected, got, and what to do', () => {
  const failure = loadFailure('InvalidValue', { object: 'a.csv', expected: 'integer', got: 'text', loadKey: 'k' });
  expect(failure.message).toBe(
    "A value does not fit the type of its column. [a.csv] Expected integer, got text. Correct the value at the source, or the column's type or format in the contract.",
  );
  expect(failure).toMatchObject({
    type: 'InvalidValue',
    nonRetryable: true,
    details: [{ code: 'InvalidValue', object: 'a.csv', loadKey: 'k' }],
  });
  expect(loadFailure('LockBusy', { object: 't', retryAfterMs: 500 })).toMatchObject({
    nonRetryable: false,
    nextRetryDelay: 500,
  });
});

test('a failure is found through what Temporal wraps around it, and by its shape', () => {
  const inner = loadFailure('Fenced', { object: 'k' });
  const wrapped = new ActivityFailure(
    'Activity task failed',
    'loadline.publish',
    '1',
    RetryState.NON_RETRYABLE_FAILURE,
    'w',
    inner,
  );
  expect(loadErrorOf(wrapped)?.type).toBe('Fenced');
  expect([isLoadError(wrapped), isLoadError(wrapped, 'Fenced'), isLoadError(wrapped, 'LockBusy')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isLoadError({ type: 'Fenced', details: [{}] })).toBe(true);
  expect(isLoadError(ApplicationFailure.create({ type: 'SomethingElse', details: [{}] }))).toBe(false);
  for (const other of [null, undefined, 5, 'Fenced', new Error('Fenced'), { type: 'toString', details: [] }])
    expect(isLoadError(other)).toBe(false);
  const loop: { cause?: unknown } = {};
  loop.cause = loop;
  expect(isLoadError(loop)).toBe(false);
});
