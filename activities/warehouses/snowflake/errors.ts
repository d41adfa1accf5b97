import { loadErrorOf, loadFailure, type LoadFailureFacts } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { networkErrors } from '../network-errors';

/** The fields of an error of the driver that are safe to show: the message may hold values of rows. */
export interface SnowflakeError extends Error {
  readonly code?: string | number;
  readonly sqlState?: string;
}

// Codes first, classes of SQL states next, message patterns last.
const byCode: Readonly<Record<string, LoadErrorCode>> = {
  '000606': 'InvalidConfig',
  '000604': 'SessionLost',
  '000625': 'LockBusy',
  '000630': 'SessionLost',
  '000904': 'SchemaMismatch',
  '002003': 'TargetNotFound',
  '002043': 'TargetNotFound',
  '003001': 'PermissionDenied',
  '090073': 'WarehouseBusy',
  '100035': 'InvalidValue',
  '100038': 'InvalidValue',
  '100040': 'InvalidValue',
  '100041': 'InvalidValue',
  '100046': 'InvalidValue',
  '100051': 'InvalidValue',
  '100069': 'InvalidValue',
  '100071': 'InvalidValue',
  '100072': 'ConstraintViolated',
  '100078': 'RowTooLong',
  '100080': 'RaggedRow',
  '100082': 'RowTooLong',
  '100088': 'CorruptFile',
  '100090': 'NotUnique',
  '100132': 'InvalidValue',
  '100144': 'InvalidEncoding',
  '390100': 'CredentialsRejected',
  '390101': 'CredentialsRejected',
  '390102': 'CredentialsRejected',
  '390104': 'SessionLost',
  '390111': 'SessionLost',
  '390112': 'SessionLost',
  '390114': 'SessionLost',
  '390144': 'CredentialsRejected',
  '390189': 'PermissionDenied',
  '390195': 'SessionLost',
  '390201': 'DatabaseNotFound',
  '390303': 'CredentialsRejected',
  '390318': 'CredentialsRejected',
  '394400': 'CredentialsRejected',
  '401001': 'WarehouseUnreachable',
  '401002': 'WarehouseUnreachable',
  '401003': 'SessionLost',
  '401004': 'SessionLost',
  '405501': 'SessionLost',
  '405503': 'SessionLost',
  '407001': 'SessionLost',
  '407002': 'SessionLost',
  ...networkErrors,
};
const byState: Readonly<Record<string, LoadErrorCode>> = {
  '08001': 'WarehouseUnreachable',
  '22018': 'InvalidValue',
  '28000': 'CredentialsRejected',
  '42501': 'PermissionDenied',
  '42S02': 'TargetNotFound',
};
const byMessage: readonly (readonly [RegExp, LoadErrorCode])[] = [
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|network error/i, 'WarehouseUnreachable'],
  [/terminated connection|connection (was )?(lost|closed)|socket hang up|session no longer exists/i, 'SessionLost'],
  [/JWT token is invalid|incorrect username or password/i, 'CredentialsRejected'],
];

const codeOf = ({ code }: SnowflakeError): string =>
  code === undefined ? '' : /^\d+$/.test(String(code)) ? String(code).padStart(6, '0') : String(code);

/** The code of an error of the driver or the service. */
export function classifySnowflakeError(error: unknown): LoadErrorCode {
  const found = (error ?? {}) as SnowflakeError;
  return (
    byCode[codeOf(found)] ??
    byState[found.sqlState ?? ''] ??
    byMessage.find(([pattern]) => pattern.test(found.message ?? ''))?.[1] ??
    'WarehouseError'
  );
}

/** Whether nobody knows what became of the statement. */
export const isLost = (error: unknown): boolean =>
  ['SessionLost', 'WarehouseUnreachable'].includes(loadErrorOf(error)?.type ?? classifySnowflakeError(error));

/** An error of the driver as a failure, without any value of a row. Failures of our own pass unchanged. */
export function snowflakeFailure(error: unknown, facts: Partial<LoadFailureFacts> = {}): Error {
  if (loadErrorOf(error) || !(error instanceof Error)) return error instanceof Error ? error : new Error(String(error));
  const found = error as SnowflakeError;
  if (found.code === undefined && found.sqlState === undefined && !byMessage.some(([p]) => p.test(found.message)))
    return error;
  const code = classifySnowflakeError(error);
  const number = codeOf(found) || 'no code';
  const told =
    code === 'WarehouseError' || code === 'PermissionDenied' || code === 'TargetNotFound' || code === 'SchemaMismatch';
  return loadFailure(code, {
    object: 'Snowflake',
    got: told ? `${scrub(found.message)} (${number})` : number,
    ...(code === 'InvalidConfig' && {
      remedy: 'Name a virtual warehouse in the configuration, or give the user a default one.',
    }),
    ...facts,
  });
}

/** Takes out what may be a value: everything between single quotes that is no name of an object. */
function scrub(message: string): string {
  return message
    .split('\n')
    .slice(0, 3)
    .join(' ')
    .replace(/(?<!Object |Table |table |identifier |Schema |schema )'[^']*'/g, "'…'");
}
