import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { loadErrorOf, loadFailure, type LoadFailureFacts } from '../../../workflows/load-error';
import { workerFull } from '../store-error';
import type { ObjectClient, ToldApart, Trouble } from './object-client';

type Told = readonly [LoadErrorCode, Omit<LoadFailureFacts, 'object'>?];

/** The one place that decides which code a trouble of a store of objects has; the code decides what is retried. */
const codes: Readonly<Record<Trouble, Told>> = {
  'not-found': ['SourceNotFound', { remedy: "Check the path, and the store's bucket and prefix." }],
  'no-bucket': ['SourceNotFound', { what: "The store's bucket does not exist.", remedy: 'Correct the bucket.' }],
  changed: [
    'SourceChanged',
    {
      what: 'An object was overwritten or deleted while it was being loaded.',
      remedy: 'Write new content under a new key.',
    },
  ],
  denied: [
    'SourceUnreadable',
    {
      what: 'The store does not let the worker do this.',
      remedy: 'Grant it the rights to list, read and, for a batch store, to write objects, and to use their key.',
    },
  ],
  archived: [
    'SourceUnreadable',
    { what: 'The object is archived and cannot be read as it is.', remedy: 'Restore it, and start the load again.' },
  ],
  credentials: [
    'CredentialsRejected',
    {
      what: 'The store refused the credentials, or there are none.',
      remedy: "Check the store's credentials and the secrets that they refer to, or those of the machine.",
    },
  ],
  clock: [
    'CredentialsRejected',
    { what: 'The store refused a request because of its time.', remedy: "Set the clock of the worker's machine." },
  ],
  region: ['InvalidConfig', { what: 'The bucket lies elsewhere.', remedy: "Set the store's region to the bucket's." }],
  damaged: ['StoreUnreachable', { what: 'Bytes were damaged on their way to the store.' }],
  unreachable: ['StoreUnreachable'],
};

/** What a failure is about. */
export interface AboutObject {
  /** Such as `raw/orders/a.csv`. */
  readonly object: string;
  /** Whether a certain content was asked for: that it is gone then means that it has changed. */
  readonly pinned?: boolean;
  /** Whether a listing was asked for: it is not found only where its bucket is not. */
  readonly listing?: boolean;
}

/** Turns an error of a vendor into a failure of a load; other errors stay what they are. */
export function objectFailure(client: ObjectClient, error: unknown, about: AboutObject): unknown {
  if (loadErrorOf(error)) return error;
  const told = client.tellApart(error);
  if (!told) return workerFull(error) ?? error;
  return failureOf(told, client.place, about);
}

function failureOf({ trouble: told, got }: ToldApart, place: string, about: AboutObject): Error {
  const { object, pinned, listing } = about;
  const trouble = told !== 'not-found' ? told : listing ? 'no-bucket' : pinned ? 'changed' : told;
  const [code, facts] = codes[trouble];
  const ofBucket = ['no-bucket', 'region', 'credentials', 'clock'].includes(trouble);
  return loadFailure(code, { ...facts, object: ofBucket ? place : object, got });
}

/** Whether trying the same again at once can help. */
export const isPassing = (client: ObjectClient, error: unknown): boolean =>
  client.tellApart(error)?.trouble === 'unreachable';
