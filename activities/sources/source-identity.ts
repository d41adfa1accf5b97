import { createHash } from 'node:crypto';

/** One identity for a set of sources, in a fixed order; `null` if one has none. That of one source is its own. */
export function combinedIdentity(identities: readonly (string | null)[]): string | null {
  if (identities.length === 1) return identities[0] ?? null;
  if (identities.some((i) => i === null)) return null;
  return createHash('sha256').update(identities.join('\n')).digest('hex');
}
