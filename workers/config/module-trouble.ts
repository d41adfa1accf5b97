import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import { shortPath } from './short-path';
import type { LoadErrorCode } from '../../workflows/load-error-code';

/** Which module could not be imported, as which error. */
export interface UnreadableModule {
  readonly code: LoadErrorCode;
  readonly what: string;
  readonly file: string;
  readonly expected: string;
}

/** The failure of a user's module that cannot be imported, with the line where it fails. One of ours stays as it is. */
export function unreadableModule({ code, what, file, expected }: UnreadableModule, cause: unknown): Error {
  if (loadErrorOf(cause)) return cause as Error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const [first = ''] = message.split('\n');
  return loadFailure(code, {
    what,
    object: placeOf(cause, message) ?? shortPath(file),
    expected,
    got: first.trim() || (cause instanceof Error ? cause.name : 'an error without words'),
    remedy: 'Correct the file; --verbose shows where it failed.',
    cause,
  });
}

/** `file:line:column` of the user's own code. */
function placeOf(cause: unknown, message: string): string | null {
  const { requireStack, stack = '' } = cause as { requireStack?: readonly string[]; stack?: string };
  const parsed = /\n\s*(\/.*:\d+:\d+)\s*$/.exec(message)?.[1];
  const thrown = [...String(stack).matchAll(/\(?((?:file:\/\/)?\/[^()\n]+:\d+:\d+)\)?$/gm)]
    .map(([, place = '']) => place.replace('file://', ''))
    .find((place) => !place.includes('/node_modules/') && !place.startsWith(__dirname));
  const place = parsed ?? requireStack?.[0] ?? thrown;
  if (place === undefined) return null;
  const [, file = place, at = ''] = /^(.*?)(:\d+:\d+)?$/.exec(place) ?? [];
  return shortPath(file) + at;
}
