import { loadErrorOf, loadFailure, type LoadFailureFacts } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { networkErrors } from '../network-errors';
import type { JobError } from './api';

/** An error of the API: by HTTP, or of the network beneath it. */
export interface ApiError extends Error {
  readonly code?: number | string;
  readonly errors?: readonly JobError[];
}

// Reasons first, network codes next, HTTP codes then, message patterns last.
const byReason: Readonly<Record<string, LoadErrorCode>> = {
  accessDenied: 'PermissionDenied',
  forbidden: 'PermissionDenied',
  authError: 'CredentialsRejected',
  required: 'CredentialsRejected',
  invalidUser: 'CredentialsRejected',
  backendError: 'WarehouseBusy',
  internalError: 'WarehouseBusy',
  jobBackendError: 'WarehouseBusy',
  jobInternalError: 'WarehouseBusy',
  tableUnavailable: 'WarehouseBusy',
  rateLimitExceeded: 'WarehouseBusy',
  jobRateLimitExceeded: 'WarehouseBusy',
  userRateLimitExceeded: 'WarehouseBusy',
  quotaExceeded: 'WarehouseBusy',
  resourceInUse: 'LockBusy',
  stopped: 'SessionLost',
  timeout: 'SessionLost',
  bytesBilledLimitExceeded: 'InvalidConfig',
  blocked: 'PermissionDenied',
};
const byNetwork: Readonly<Record<string, LoadErrorCode>> = {
  ...networkErrors,
  ERR_STREAM_PREMATURE_CLOSE: 'SessionLost',
  UND_ERR_SOCKET: 'SessionLost',
  UND_ERR_HEADERS_TIMEOUT: 'SessionLost',
  UND_ERR_BODY_TIMEOUT: 'SessionLost',
  UND_ERR_CONNECT_TIMEOUT: 'WarehouseUnreachable',
};
const byStatus: Readonly<Record<number, LoadErrorCode>> = {
  401: 'CredentialsRejected',
  403: 'PermissionDenied',
  408: 'WarehouseUnreachable',
  429: 'WarehouseBusy',
  500: 'WarehouseBusy',
  502: 'WarehouseBusy',
  503: 'WarehouseBusy',
  504: 'WarehouseBusy',
};
const byMessage: readonly (readonly [RegExp, LoadErrorCode])[] = [
  [/due to concurrent update|Transaction is aborted|Too many DML statements outstanding/i, 'LockBusy'],
  [/Not found: Project/i, 'DatabaseNotFound'],
  [/Not found: (Table|Dataset)/i, 'TargetNotFound'],
  [/Not found: (URI|Files?)|bucket does not exist/i, 'SourceNotFound'],
  [/Job timed out|exceeded.*time ?limit|Job execution was cancelled/i, 'SessionLost'],
  [/at most one source row|Required field .* cannot be null|NULL.*REQUIRED/i, 'ConstraintViolated'],
  [
    /Bad (int64|double|bool|numeric|bignumeric) value|Could not cast|Invalid (date|time|datetime|timestamp|NUMERIC|BIGNUMERIC|JSON)|out of (range|bounds)|Conversion Error|int64 overflow/i,
    'InvalidValue',
  ],
  [/Could not load the default credentials|invalid_grant|Could not refresh access token/i, 'CredentialsRejected'],
  [/certificate|self.signed|SSL|TLS/i, 'TlsRefused'],
  [/socket hang up|Premature close|network socket|aborted/i, 'SessionLost'],
];

/** The reason, where one was given: of the API or of a job. */
export const reasonOf = (error: unknown): string | undefined =>
  (error as ApiError | null)?.errors?.[0]?.reason ?? (error as JobError | null)?.reason;

/** The code of an error of the API, or of a job that has failed. */
export function classifyBigQueryError(error: unknown): LoadErrorCode {
  const { code, message = '' } = (error ?? {}) as ApiError;
  const named = patternOf(message);
  // Of a query all that is wrong with it has one reason; a conflict may have that of an error within.
  if (named === 'LockBusy') return named;
  const reason = reasonOf(error) ?? '';
  return (
    byReason[reason] ??
    byNetwork[networkCode(error)] ??
    // What is not found is told by the message.
    (code === 404 ? named : undefined) ??
    (typeof code === 'number' ? byStatus[code] : undefined) ??
    named ??
    'WarehouseError'
  );
}

const patternOf = (message: string): LoadErrorCode | undefined =>
  byMessage.find(([pattern]) => pattern.test(message))?.[1];

function networkCode(error: unknown): string {
  for (let at = error, depth = 0; at && depth < 4; depth++) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code in byNetwork) return code;
    at = (at as { cause?: unknown }).cause;
  }
  return '';
}

/** Whether another transaction, or another statement, was in the way. Nothing has happened. */
export const isConflict = (error: unknown): boolean => classifyBigQueryError(error) === 'LockBusy';

/** Whether what was asked for may have happened all the same, and asking again is safe where it has an id. */
export function isTransient(error: unknown): boolean {
  if (loadErrorOf(error)) return false;
  return ['WarehouseBusy', 'WarehouseUnreachable', 'SessionLost'].includes(classifyBigQueryError(error));
}

/** An error of the API or of a job as a failure, without any value of a row. Failures of our own pass unchanged. */
export function bigQueryFailure(error: unknown, facts: Partial<LoadFailureFacts> = {}): Error {
  if (loadErrorOf(error)) return error as Error;
  const code = classifyBigQueryError(error);
  return loadFailure(code, { object: 'BigQuery', got: gotOf(error, code), ...withRemedy(error), ...facts });
}

/** What to say of a statement that would read too much. */
export const tooDear = {
  what: 'A statement would be billed for more bytes than maximumBytesBilled allows.',
  expected: 'a statement within maximumBytesBilled',
  remedy: 'Raise maximumBytesBilled of the warehouse, or partition and cluster the table by what loads look for.',
} as const;

function withRemedy(error: unknown): Partial<LoadFailureFacts> {
  const reason = reasonOf(error);
  if (reason === 'bytesBilledLimitExceeded') return tooDear;
  if (reason === 'quotaExceeded')
    return {
      what: 'A quota of the project is used up.',
      remedy: 'Wait until it is renewed, or have it raised; the load goes on by itself.',
      // A quota is renewed by the hour or the day: asking every second only fills the log.
      retryAfterMs: 60_000,
    };
  return {};
}

/** Messages in which only names can be between quotes. */
const ofNames =
  /^(Not found|Syntax error|Unrecognized name|Function not found|No matching signature|Access Denied|Table .* not found)/i;

function gotOf(error: unknown, code: LoadErrorCode): string {
  const { message = '', code: status } = (error ?? {}) as ApiError;
  const reason = reasonOf(error) ?? (networkCode(error) || (status === undefined ? 'no reason' : String(status)));
  const plain = message.replace(/^Query error: /, '');
  const position = / at \[\d+:\d+\]/.exec(message)?.[0] ?? '';
  if ((code === 'WarehouseError' || code.endsWith('NotFound') || code === 'PermissionDenied') && ofNames.test(plain))
    return `${withoutTexts(plain)} (${reason})`;
  return `${reason}${position}`;
}

const withoutTexts = (message: string): string => message.replace(/'[^']*'|"[^"]*"/g, '…').slice(0, 300);
