import type { ToldApart, Trouble } from '../objects/object-client';
import { networkTrouble, statusTrouble } from '../objects/network-errors';

/** By the code of the answer, or by the name that the SDK gives to an error of its own. */
const byName: Readonly<Record<string, Trouble>> = {
  NoSuchKey: 'not-found',
  NotFound: 'not-found',
  NoSuchVersion: 'not-found',
  NoSuchBucket: 'no-bucket',
  PreconditionFailed: 'changed',
  InvalidRange: 'changed',
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  KMSAccessDeniedException: 'denied',
  'KMS.DisabledException': 'denied',
  'KMS.NotFoundException': 'denied',
  InvalidObjectState: 'archived',
  InvalidAccessKeyId: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  TokenRefreshRequired: 'credentials',
  InvalidToken: 'credentials',
  CredentialsProviderError: 'credentials',
  TokenProviderError: 'credentials',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  PermanentRedirect: 'region',
  AuthorizationHeaderMalformed: 'region',
  IllegalLocationConstraintException: 'region',
  BadDigest: 'damaged',
  InvalidDigest: 'damaged',
  XAmzContentSHA256Mismatch: 'damaged',
  XAmzContentChecksumMismatch: 'damaged',
  IncompleteBody: 'damaged',
  SlowDown: 'unreachable',
  Throttling: 'unreachable',
  ThrottlingException: 'unreachable',
  RequestTimeout: 'unreachable',
  TimeoutError: 'unreachable',
  InternalError: 'unreachable',
  ServiceUnavailable: 'unreachable',
  ConditionalRequestConflict: 'unreachable',
  NoSuchUpload: 'unreachable',
};

/** Tells an error of the SDK apart, by its code first; `null` for an error of something else. */
export function tellS3Apart(error: unknown): ToldApart | null {
  const {
    name = '',
    Code: code,
    $metadata: metadata,
  } = Object(error) as {
    name?: string;
    Code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const said = [code, name].find((text) => text !== undefined && Object.hasOwn(byName, text));
  const status = metadata?.httpStatusCode;
  const at = status === undefined ? '' : `, HTTP ${status}`;
  if (said !== undefined) return { trouble: byName[said]!, got: `${said}${at}` };
  const network = networkTrouble(error);
  if (network) return network;
  if (status === 301 || status === 307) return { trouble: 'region', got: `HTTP ${status}` };
  const trouble = status === undefined ? null : statusTrouble(status);
  return trouble && { trouble, got: `HTTP ${status}` };
}

/** Whether an error of the SDK has this code. */
export const named = (error: unknown, code: string): boolean =>
  [(error as { name?: unknown }).name, (error as { Code?: unknown }).Code].includes(code);
