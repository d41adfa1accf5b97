import type { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';

const notFound = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);
const unreadable = new Set(['EACCES', 'EPERM']);
const full = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE']);

/** The code of a file-system error, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && syscall !== undefined ? code : undefined;
}

/**
 * The failure of a worker whose disk, quota or table of open files is full; `undefined` for another error. Whatever it
 * was doing can be done once there is room. What was being written is said where the error does not tell.
 */
export function workerFull(error: unknown, writing?: string): ApplicationFailure | undefined {
  const code = errnoOf(error);
  if (code === undefined || !full.has(code)) return undefined;
  const { path = writing ?? 'a file of the worker' } = error as NodeJS.ErrnoException;
  return loadFailure('WorkerFull', { object: path, got: code });
}

/** Turns what the file system reports about a source into a failure of a load; other errors stay what they are. */
export function storeFailure(error: unknown, object: string): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (notFound.has(code)) return loadFailure('SourceNotFound', { object, cause: error });
  if (unreadable.has(code)) return loadFailure('SourceUnreadable', { object, cause: error });
  return workerFull(error) ?? loadFailure('Unexpected', { what: 'A source could not be read.', object, cause: error });
}
