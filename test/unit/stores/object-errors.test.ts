import { tellGcsApart } from '../../../activities/stores/gcs/errors';
import type { ObjectClient, ToldApart } from '../../../activities/stores/objects/object-client';
import { objectFailure, type AboutObject } from '../../../activities/stores/objects/object-failure';
import { tellS3Apart } from '../../../activities/stores/s3/errors';
import { ofCode } from '../sources/files';

const failureOf = (tellApart: (error: unknown) => ToldApart | null, error: unknown, about?: Partial<AboutObject>) =>
  objectFailure({ place: 's3://bucket', tellApart } as ObjectClient, error, { object: 'raw/a.csv', ...about }) as Error;
const answer = (httpStatusCode: number, Code?: string) =>
  Object.assign(new Error('https://bucket/a.csv?X-Amz-Signature=abc'), { ...(Code && { name: Code, Code }), $metadata: { httpStatusCode } }); // prettier-ignore

test.each([
  ['SlowDown', 503, 'StoreUnreachable'],
  [undefined, 500, 'StoreUnreachable'],
  ['BadDigest', 400, 'StoreUnreachable'],
  ['NoSuchKey', 404, 'SourceNotFound'],
  ['NoSuchBucket', 404, 'SourceNotFound'],
  ['PreconditionFailed', 412, 'SourceChanged'],
  ['AccessDenied', 403, 'SourceUnreadable'],
  ['InvalidObjectState', 403, 'SourceUnreadable'],
  ['ExpiredToken', 400, 'CredentialsRejected'],
  ['RequestTimeTooSkewed', 403, 'CredentialsRejected'],
  ['PermanentRedirect', 301, 'InvalidConfig'],
  [undefined, 301, 'InvalidConfig'],
])('S3 that answers %p with %p is %s, in words of our own', (code, status, expected) => {
  const failure = failureOf(tellS3Apart, answer(status, code));
  expect(failure).toEqual(ofCode(expected));
  expect(failure.message).not.toContain('Signature=abc');
});

test.each([
  [{ code: 429 }, 'StoreUnreachable'],
  [{ code: 403, errors: [{ reason: 'rateLimitExceeded' }] }, 'StoreUnreachable'],
  [{ code: 403, errors: [{ reason: 'forbidden' }] }, 'SourceUnreadable'],
  [{ code: 412, errors: [{ reason: 'conditionNotMet' }] }, 'SourceChanged'],
  [{ code: 404, message: 'The specified bucket does not exist.' }, 'SourceNotFound'],
  [{ status: 400, response: { status: 400, data: { error: 'invalid_grant' } } }, 'CredentialsRejected'],
  [{ message: 'Could not load the default credentials. Browse to …' }, 'CredentialsRejected'],
  [{ code: 'ECONNRESET' }, 'StoreUnreachable'],
])('GCS that answers %j is %s', (error, expected) => expect(failureOf(tellGcsApart, error)).toEqual(ofCode(expected)));

test('what is gone has changed where a certain content was asked for, and a listing that is not found has no bucket', () => {
  const gone = answer(404, 'NoSuchKey');
  expect(failureOf(tellS3Apart, gone, { pinned: true })).toEqual(ofCode('SourceChanged'));
  expect(failureOf(tellS3Apart, gone, { listing: true }).message).toContain('bucket does not exist');
});

test('an error of something else stays what it is', () => {
  const error = new TypeError('a defect');
  expect([failureOf(tellS3Apart, error), failureOf(tellGcsApart, error)]).toEqual([error, error]);
});
