import type { ToldApart, Trouble } from '../objects/object-client';
import { networkTrouble, statusTrouble } from '../objects/network-errors';

/** By the reason of the answer. */
const byReason: Readonly<Record<string, Trouble>> = {
  notFound: 'not-found',
  conditionNotMet: 'changed',
  requestedRangeNotSatisfiable: 'changed',
  forbidden: 'denied',
  insufficientPermissions: 'denied',
  authError: 'credentials',
  required: 'credentials',
  invalid_grant: 'credentials',
  invalid_client: 'credentials',
  unauthorized_client: 'credentials',
  rateLimitExceeded: 'unreachable',
  userRateLimitExceeded: 'unreachable',
  backendError: 'unreachable',
  internalError: 'unreachable',
  CONTENT_DOWNLOAD_MISMATCH: 'damaged',
  FILE_NO_UPLOAD: 'damaged',
  FILE_NO_UPLOAD_DELETE: 'damaged',
};

interface GoogleError {
  readonly code?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
  readonly response?: { readonly status?: unknown; readonly data?: unknown };
}

/** Tells an error of the client apart, by its reason first; `null` for an error of something else. */
export function tellGcsApart(error: unknown): ToldApart | null {
  const { code, status, message, errors, response } = Object(error) as GoogleError;
  const http = [code, status, response?.status].map(Number).find((n) => n >= 300 && n < 600);
  const at = http === undefined ? '' : `HTTP ${http}`;
  const ofToken = (response?.data as { error?: unknown } | undefined)?.error;
  const ofExchange = /^Error code (\w+)/.exec(String(message))?.[1];
  const reason = [errors?.[0]?.reason, code, ofToken, ofExchange].find((r): r is string =>
    Object.hasOwn(byReason, String(r)),
  );
  if (http === 404 && /bucket does not exist/i.test(`${String(message)} ${String(errors?.[0]?.message)}`))
    return { trouble: 'no-bucket', got: at };
  if (reason !== undefined) return { trouble: byReason[reason]!, got: [reason, at].filter(Boolean).join(', ') };
  const network = networkTrouble(error);
  if (network) return network;
  if (isOfCredentials(code, message)) return { trouble: 'credentials', got: 'none that can be used' };
  const trouble = http === undefined ? null : statusTrouble(http);
  return trouble && { trouble, got: at };
}

/** The library that finds credentials has no codes of its own. */
const isOfCredentials = (code: unknown, message: unknown): boolean =>
  /^ERR_OSSL/.test(String(code)) ||
  /could not load the default credentials|could not refresh access token|unable to detect a project id|private_key|client_email/i.test(
    String(message),
  );
