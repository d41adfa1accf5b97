import { createHash } from 'node:crypto';
import type { FilesSource } from '../../workflows/contract';
import type { ListedFile } from '../stores/store';

/**
 * What a source is, as far as a listing tells: equal text, equal content, read in the same way. `null` when some file
 * changed so recently that only its content can tell.
 */
export function sourceIdentityOf(files: readonly ListedFile[], source: FilesSource): string | null {
  const hash = createHash('sha256');
  const { format = null, csv = {}, identity = 'content' } = source;
  const { delimiter = null, quote = null, escape = null, nullText = null, header = null } = csv;
  // The store's name is part of it, its root is not: the same share may be mounted elsewhere.
  hash.update(JSON.stringify(['v1', source.store, format, identity, delimiter, quote, escape, nullText, header]));
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (file.identity === null) return null;
    hash.update(JSON.stringify([file.path, file.identity]));
  }
  return hash.digest('hex');
}
