import {
  bigQueryFailure,
  classifyBigQueryError,
  isConflict,
  isTransient,
} from '../../../activities/warehouses/bigquery/errors';
import { loadFailure } from '../../../workflows/load-error';

const api = (code: number, reason: string, message = 'said'): Error =>
  Object.assign(new Error(message), { code, errors: [{ reason, message }] });

describe('An error of BigQuery', () => {
  it.each([
    [api(403, 'accessDenied', 'Access Denied: Table p:d.t'), 'PermissionDenied'],
    [api(404, 'notFound', 'Not found: Project p'), 'DatabaseNotFound'],
    [api(404, 'notFound', 'Not found: Dataset p:d'), 'TargetNotFound'],
    [api(404, 'notFound', 'Not found: Table p:d.t'), 'TargetNotFound'],
    [api(403, 'quotaExceeded'), 'WarehouseBusy'],
    [api(403, 'rateLimitExceeded'), 'WarehouseBusy'],
    [api(503, 'backendError'), 'WarehouseBusy'],
    [api(401, 'authError'), 'CredentialsRejected'],
    [
      {
        reason: 'invalidQuery',
        message:
          'Query error: Transaction is aborted due to concurrent update against table p:d.t. Transaction ID: x at [3:1]',
      },
      'LockBusy',
    ],
    [
      { reason: 'invalidQuery', message: 'Could not serialize access to table p:d.t due to concurrent update' },
      'LockBusy',
    ],
    [{ reason: 'invalidQuery', message: 'Bad int64 value: secret; error in 0' }, 'InvalidValue'],
    [
      { reason: 'invalidQuery', message: 'UPDATE/MERGE must match at most one source row for each target row' },
      'ConstraintViolated',
    ],
    [{ reason: 'bytesBilledLimitExceeded', message: 'Query exceeded limit for bytes billed' }, 'InvalidConfig'],
    [{ reason: 'stopped', message: 'Job execution was cancelled: User requested cancellation' }, 'SessionLost'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'WarehouseUnreachable'],
    [new Error('socket hang up'), 'SessionLost'],
    [new Error('what is this'), 'WarehouseError'],
  ])('%j is %s', (error, code) => expect(classifyBigQueryError(error)).toBe(code));

  it('does not say what is in a row', () => {
    const said = [
      'Bad int64 value: secret',
      'Could not cast literal "secret" to type DATE',
      "Invalid value: 'secret' at [1:8]",
      'secret',
    ];
    for (const message of said) {
      const failure = bigQueryFailure({ reason: 'invalidQuery', message });
      expect(JSON.stringify([failure.message, (failure as { details?: unknown }).details])).not.toContain('secret');
    }
    expect(
      bigQueryFailure({ reason: 'invalidQuery', message: 'Unrecognized name: amount at [1:8]' }).message,
    ).toContain('amount at [1:8]');
  });

  it('may be tried again only where that is safe and can help', () => {
    expect(isTransient(api(503, 'backendError'))).toBe(true);
    expect(isTransient(api(400, 'invalidQuery'))).toBe(false);
    expect(isTransient(loadFailure('WarehouseBusy', { object: 'x' }))).toBe(false);
    expect(
      isConflict(api(400, 'invalidQuery', 'Transaction is aborted due to concurrent update against table x')),
    ).toBe(true);
  });

  it('of our own passes unchanged', () => {
    const own = loadFailure('RaggedRow', { object: 'x' });
    expect(bigQueryFailure(own)).toBe(own);
  });
});
