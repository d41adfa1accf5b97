import { loadFailure } from '../../workflows/load-error';

const notFound = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);
const unreadable = new Set(['EACCES', 'EPERM']);

/** The code of a file-system error, such as `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && syscall !== undefined ? code : undefined;
}

/** Turns what the file system reports about a source into a failure of a load; other errors stay what they are. */
export function storeFailure(error: unknown, object: string): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (notFound.has(code)) return loadFailure('SourceNotFound', { object, cause: error });
  if (unreadable.has(code)) return loadFailure('SourceUnreadable', { object, cause: error });
  return loadFailure('Unexpected', { what: 'A source could not be read.', object, cause: error });
}
