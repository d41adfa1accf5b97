import { ApplicationFailure } from '@temporalio/common';
import { loadErrors, type LoadErrorCode } from './load-error-code';

/** The facts of a failure, in `details[0]`. Never holds values of rows, nor secrets. */
export interface LoadFailureDetails<C extends LoadErrorCode = LoadErrorCode> {
  readonly code: C;
  /** On which object: a file, a column, a table, an option. */
  readonly object: string;
  readonly expected?: string;
  readonly got?: string;
  /** What to do. */
  readonly remedy: string;
  readonly loadKey?: string;
}

/** A failure of a load, as the catcher in a workflow or a client sees it. */
export type LoadFailure<C extends LoadErrorCode = LoadErrorCode> = Error & {
  readonly type: C;
  readonly details: readonly [LoadFailureDetails<C>, ...unknown[]];
};

/** What {@link loadFailure} is told: the object at least. */
export interface LoadFailureFacts {
  /** What failed, as a sentence without the code. @default the code's meaning */
  readonly what?: string;
  readonly object: string;
  readonly expected?: string;
  readonly got?: string;
  /** @default the code's remedy */
  readonly remedy?: string;
  readonly loadKey?: string;
  readonly cause?: unknown;
  /** How long to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Makes the failure of a code: what failed, on which object; expected, got; what to do. */
export function loadFailure(code: LoadErrorCode, facts: LoadFailureFacts): ApplicationFailure {
  const { retry, meaning, remedy } = loadErrors[code];
  const { what = meaning, cause, retryAfterMs, ...rest } = facts;
  const details: LoadFailureDetails = { code, remedy, ...rest };
  const got = [facts.expected && `expected ${facts.expected}`, facts.got && `got ${facts.got}`].filter(Boolean);
  return ApplicationFailure.create({
    type: code,
    message: `${what} [${facts.object}]${got.length ? ` ${capitalise(got.join(', '))}.` : ''} ${details.remedy}`,
    nonRetryable: retry === false,
    details: [details],
    ...(isError(cause) ? { cause } : {}),
    ...(retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

const isError = (value: unknown): value is Error => typeof value === 'object' && value !== null && 'message' in value;

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Whether an error is a Loadline failure, and of this code. Looks through the layers that Temporal wraps around a
 * failure, and compares by shape, so that it works in workflows, in clients and across copies of a package. The facts
 * are in `loadErrorOf(error)?.details[0]`.
 *
 * @example
 * ```ts
 * try {
 *   await load(request);
 * } catch (e) {
 *   if (!isLoadError(e, 'NoFilesMatched')) throw e;
 * }
 * ```
 */
export function isLoadError<C extends LoadErrorCode = LoadErrorCode>(error: unknown, code?: C): boolean {
  const found = loadErrorOf(error);
  return found !== undefined && (code === undefined || found.type === code);
}

/** The Loadline failure inside an error, however deep Temporal has wrapped it. */
export function loadErrorOf(error: unknown): LoadFailure | undefined {
  // By shape: an error of another realm is no instance of this one's Object.
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 20; depth++) {
    const { type, details } = at as Partial<LoadFailure>;
    if (typeof type === 'string' && Object.hasOwn(loadErrors, type) && Array.isArray(details)) return at as LoadFailure;
    at = (at as { cause?: unknown }).cause;
  }
  return undefined;
}
