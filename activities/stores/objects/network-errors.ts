import type { ToldApart, Trouble } from './object-client';

const unreachable = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN',
  'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CONNECTION_TIMEOUT',
]); // prettier-ignore

/** The trouble of a connection that could not be made or was lost; `null` for another error. */
export function networkTrouble(error: unknown): ToldApart | null {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, cause, message } = at as { code?: unknown; cause?: unknown; message?: unknown };
    if (typeof code === 'string' && unreachable.has(code)) return { trouble: 'unreachable', got: code };
    // Some clients wrap an error into another that has its text and not its code.
    const inText = /\bE[A-Z]{4,}(?:_[A-Z]+)?\b/.exec(String(message))?.[0];
    if (inText !== undefined && unreachable.has(inText)) return { trouble: 'unreachable', got: inText };
    if (/^(socket hang up|aborted|terminated|premature close)/i.test(String(message)))
      return { trouble: 'unreachable', got: 'a connection that was cut' };
    at = cause;
  }
  return null;
}

/** The trouble that an HTTP status alone tells. */
export function statusTrouble(status: number): Trouble | null {
  if (status === 404) return 'not-found';
  if (status === 401) return 'credentials';
  if (status === 403) return 'denied';
  if (status === 412 || status === 416) return 'changed';
  return status === 408 || status === 429 || status >= 500 ? 'unreachable' : null;
}
