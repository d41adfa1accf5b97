import type { ApplicationFailure } from '@temporalio/common';
import { loadErrorOf, loadFailure, type LoadFailureFacts } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { networkErrors } from '../network-errors';
import { errnoOf } from '../../stores/store-error';

/** The fields of a PostgreSQL error that are safe to show: `message`, `detail` and `where` may hold values of rows. */
export interface PostgresError extends Error {
  readonly code?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly dataType?: string;
  readonly file?: string;
  readonly routine?: string;
}

// Codes first, classes of codes next, message patterns last.
const bySqlState: Readonly<Record<string, LoadErrorCode>> = {
  '22P04': 'RaggedRow',
  '22021': 'InvalidEncoding',
  '22P05': 'InvalidValue',
  '23505': 'KeyExists',
  '28P01': 'CredentialsRejected',
  '28000': 'CredentialsRejected',
  '3D000': 'DatabaseNotFound',
  '42501': 'PermissionDenied',
  '25006': 'WarehouseReadOnly',
  '25P03': 'SessionLost',
  '25P04': 'SessionLost',
  '57P01': 'SessionLost',
  '57P02': 'SessionLost',
  '57P05': 'SessionLost',
  '57014': 'SessionLost',
  '40001': 'SessionLost',
  '40P01': 'SessionLost',
  '55P03': 'LockBusy',
  '57P03': 'WarehouseBusy',
  '53300': 'WarehouseBusy',
  '53100': 'WarehouseFull',
  '53200': 'WarehouseFull',
  '53400': 'WarehouseFull',
  // A line of COPY, or a row of a page, beyond what the server has room for.
  '54000': 'RowTooLong',
  '54011': 'TooManyColumns',
  ...networkErrors,
};
const byClass: Readonly<Record<string, LoadErrorCode>> = {
  '08': 'SessionLost',
  '22': 'InvalidValue',
  '23': 'ConstraintViolated',
  // What a trigger raises by itself.
  P0: 'ConstraintViolated',
  '53': 'WarehouseBusy',
};
const byMessage: readonly (readonly [RegExp, LoadErrorCode])[] = [
  [
    /timeout exceeded when trying to connect|connection timeout|timeout expired|query read timeout/i,
    'WarehouseUnreachable',
  ],
  [/does not support SSL|self.signed|certificate|SSL|TLS/i, 'TlsRefused'],
  // A datum beyond the gigabyte that the server can hold in one piece.
  [/^invalid memory alloc request size/, 'RowTooLong'],
  [/password must be a string|SASL/i, 'CredentialsRejected'],
  [/Connection terminated|not queryable|connection error|Client was closed|socket/i, 'SessionLost'],
];

/** The code of an error of the driver or the server. */
export function classifyPostgresError(error: unknown): LoadErrorCode {
  const { code = '', message = '', routine } = (error ?? {}) as PostgresError;
  if (code === '23514' && routine === 'ExecFindPartition') return 'NoPartition';
  // A zero byte is valid UTF-8.
  if (code === '22021' && message.endsWith(': 0x00')) return 'InvalidValue';
  return (
    bySqlState[code] ??
    // Of a socket's file that is not there, or closed to us.
    ((error as NodeJS.ErrnoException | null)?.syscall === 'connect' ? 'WarehouseUnreachable' : undefined) ??
    byClass[/^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : ''] ??
    byMessage.find(([pattern]) => pattern.test(message))?.[1] ??
    'WarehouseError'
  );
}

/** An error of the driver as a failure, without any value of a row. Failures of our own pass unchanged. */
export function postgresFailure(error: unknown, facts: Partial<LoadFailureFacts> = {}): ApplicationFailure | Error {
  if (loadErrorOf(error) || !isDriverError(error)) return error instanceof Error ? error : new Error(String(error));
  const pg = error as PostgresError;
  const code = classifyPostgresError(pg);
  // Of the file system, and not the driver's.
  if (code === 'WarehouseError' && errnoOf(error) !== undefined) return error as Error;
  const object = [pg.schema, pg.table, pg.column ?? copyColumn(pg), pg.constraint].filter(Boolean).join('.');
  return loadFailure(code, {
    ...unstorable(pg),
    ...refusedByRule(pg),
    object: object || 'database',
    got: gotOf(pg, code),
    ...facts,
  });
}

/** Refusals that share a code with others and have a remedy of their own. */
function refusedByRule({ code, message }: PostgresError): Partial<LoadFailureFacts> {
  if (code === '28000' && message.includes('pg_hba.conf'))
    return {
      what: 'The rules of the database server admit no such connection.',
      remedy: /no encryption/.test(message)
        ? 'Add sslmode=require to the URL, or let pg_hba.conf of the server admit this user, database and address.'
        : 'Let pg_hba.conf of the server admit this user, database and address.',
    };
  if (code === '28000' && message.includes('not permitted to log in'))
    return { what: 'The role may not log in to the database.', remedy: 'Give the role the right LOGIN.' };
  if (code === '53400')
    return {
      what: 'The load needs more temporary files on the database server than the server allows.',
      remedy: 'Raise temp_file_limit for the role, or workMem of the warehouse; the load goes on by itself.',
    };
  if (code === '53200')
    return {
      what: 'The database server has no memory left.',
      remedy: 'Give the server memory, or lower workMem and maxStaging of the warehouse; the load goes on by itself.',
    };
  return {};
}

/** Well-formed text that PostgreSQL has no place for. */
function unstorable({ code, message }: PostgresError): Partial<LoadFailureFacts> {
  const zero = /: 0x00$/.test(message) || (code === '22P05' && message.includes('Unicode escape'));
  if (zero)
    return {
      what: 'A text holds a zero byte, which PostgreSQL cannot store.',
      remedy: 'Remove zero bytes at the source.',
    };
  if (code !== '22P05') return {};
  return {
    what: 'A character has no place in the encoding of the database.',
    remedy: 'Correct the text, or use a database in UTF-8.',
  };
}

function isDriverError(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as PostgresError;
  return typeof code === 'string' || byMessage.some(([pattern]) => pattern.test(message));
}

function gotOf(error: PostgresError, code: LoadErrorCode): string {
  const { code: found = 'no SQLSTATE' } = error;
  const state = /^[0-9A-Z]{5}$/.test(found) ? `SQLSTATE ${found}` : found;
  const line = copyLine(error);
  if (line !== undefined) return `line ${line} (${state})`;
  // What a function of the user's raises may hold anything.
  if (error.file === 'pl_exec.c' || error.code?.startsWith('P0')) return `${state}, raised by a trigger or a function`;
  return code === 'WarehouseError' || code === 'PermissionDenied' ? `${scrub(error.message)} (${state})` : state;
}

/** The line of the file that COPY stopped at, counting the header. */
export function copyLine(error: unknown): number | undefined {
  const found = /^COPY .*?, line (\d+)/m.exec((error as PostgresError)?.where ?? '');
  return found ? Number(found[1]) : undefined;
}

/** The column that COPY stopped at. */
export function copyColumn(error: unknown): string | undefined {
  return /^COPY .*?, line \d+, column (.+?)(?:: |$)/m.exec((error as PostgresError)?.where ?? '')?.[1];
}

/** Takes out what may be a value: everything between quotes or parentheses. Names of relations are kept. */
function scrub(message: string): string {
  return message
    .replace(/(?<!relation |table |schema |column |role |database )"[^"]*"/g, '"…"')
    .replace(/'[^']*'|\([^)]*\)=\([^)]*\)/g, '…');
}
