/** What a text looks like that should not be in a recorded history, and how it is known. */
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a secret', /-----BEGIN |\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgl(?:pat|ptt|dt)-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\b(?:sk|rk|pk)_live_\w{10,}/],
  ['a secret', /\b(?:password|passwd|pwd|secret|api[-_]?key|access[-_]?token)\s*[=:]\s*[^\s"'\\,;}]{3,}/i],
  ['an address with its host', /\b[a-z][a-z0-9+.-]*:\/\/(?!redacted-)[^\s"'\\/]+/i],
  ['an e-mail address', /[\w.+-]+@(?!redacted-)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/i],
  ['a process and its host', /(?:^|["\s])\d+@[\w.-]+/],
  ['an absolute path', /(?:^|[\s"'=(:])(?:\/(?!\/)[\w.@-]+(?:\/[\w.@ -]+)+|[A-Za-z]:\\{1,2}[\w.-]+)/],
  ['an IP address', /(?:^|[^\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/],
]; // prettier-ignore

/** What a text holds that tells of people, machines or secrets; `undefined` where it holds nothing of that kind. */
export function unredactedIn(text: string): string | undefined {
  return kinds.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Whether a field of this name holds a secret, whatever it looks like. */
export const isSecretField = (name: string): boolean =>
  /pass(?:word|wd|phrase)|secret|token|credential|api[-_]?key|private[-_]?key/i.test(name);
