import { loadFailure } from '../../../workflows/load-error';
import { createHash } from 'node:crypto';
import type { NewObject, ObjectClient } from './object-client';
import { objectFailure } from './object-failure';
import { objectChunks } from './read-object';

/** Whether an object was made, or one of the same content was there. */
export type PutOutcome = 'written' | 'equal';

/**
 * Makes an object that nobody changes any more. Of several that try at once one makes it; the others find it.
 *
 * @throws `BatchMissing` when an object of another content has this key; what the store throws
 */
export async function putObject(
  client: ObjectClient,
  made: NewObject,
  object: string,
  signal?: AbortSignal,
): Promise<PutOutcome> {
  try {
    if ((await client.create(made, signal)) === 'made') return 'written';
    if (await isEqual(client, made, object)) return 'equal';
  } catch (error) {
    signal?.throwIfAborted();
    throw objectFailure(client, error, { object });
  }
  throw loadFailure('BatchMissing', {
    what: 'An object of another content lies where a batch is to be kept.',
    object,
    expected: `sha256 ${made.sha256}`,
    got: 'another',
    remedy: 'Look for what writes into the prefix of the batch store; remove the object, and start the load again.',
  });
}

async function isEqual(client: ObjectClient, { key, bytes, sha256 }: NewObject, object: string): Promise<boolean> {
  const facts = await client.head(key);
  if (facts.bytes !== bytes) return false;
  const kept = await client.sha256Of(key);
  if (kept !== null) return kept === sha256;
  const hash = createHash('sha256');
  const file = { path: key, bytes, identity: facts.identity, stamp: facts.identity };
  for await (const chunk of objectChunks({ client, key, file, object })) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
