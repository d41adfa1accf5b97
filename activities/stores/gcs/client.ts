import type { Bucket, File, FileMetadata, StorageOptions } from '@google-cloud/storage' with {
  'resolution-mode': 'import',
};
import { loadFailure } from '../../../workflows/load-error';
import { sha256Field, type NewObject, type ObjectClient, type ObjectFacts } from '../objects/object-client';
import { placeHash } from '../objects/object-keys';
import { optionalPackage } from '../objects/optional-package';
import type { FilePin } from '../store';
import type { ResolvedGcsConfig } from './config';
import { tellGcsApart } from './errors';

const resumableBytes = 8 * 1024 * 1024;

/** What is asked for of each object. The client hands out such a part as it comes. */
type Listed = Pick<FileMetadata, 'size' | 'generation'> & { readonly name: string };

/** The operations of one bucket, by the official client. It is imported when it is first used. */
export function gcsClient(name: string, config: ResolvedGcsConfig): ObjectClient {
  let opened: Promise<Bucket> | undefined;
  const open = (): Promise<Bucket> => (opened ??= connect(name, config));
  const place = `gs://${config.bucket}`;
  const factsOf = (key: string, { size, generation }: Pick<Listed, 'size' | 'generation'>): ObjectFacts => ({
    key,
    bytes: Number(size),
    identity: `gcs:${String(generation)}:${placeHash(place, key)}`,
  });
  const fileOf = async (key: string, pin?: FilePin): Promise<File> => (await open()).file(key, pinned(pin));

  return {
    place,
    async *list(prefix) {
      const bucket = await open();
      const asked = {
        prefix,
        maxResults: 1000,
        autoPaginate: false,
        fields: 'items(name,size,generation),nextPageToken',
      };
      for (let next: object | null = asked; next;) {
        const [files, following] = (await bucket.getFiles(next)) as unknown as [Listed[], object | null];
        yield files.map((file) => factsOf(file.name, file));
        next = following;
      }
    },
    async head(key, pin) {
      const file = await fileOf(key, pin);
      const [metadata] = await file.getMetadata();
      return factsOf(key, metadata);
    },
    async read(key, pin, start, end, signal) {
      const file = await fileOf(key, pin);
      const stream = file.createReadStream({ start, end, validation: false, decompress: false });
      const abort = (): void => void stream.destroy(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
        return { bytes: Buffer.concat(chunks) };
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    create: async (made) => create(await open(), config, made),
    async sha256Of(key) {
      const [{ metadata }] = await (await fileOf(key)).getMetadata();
      const kept = metadata?.[sha256Field];
      return typeof kept === 'string' ? kept : null;
    },
    tellApart: tellGcsApart,
    close: () => undefined,
  };
}

async function connect(name: string, config: ResolvedGcsConfig): Promise<Bucket> {
  const sdk = await optionalPackage('@google-cloud/storage', name, () => import('@google-cloud/storage'));
  const { projectId, endpoint, credentials } = config;
  const options: StorageOptions = {
    ...(projectId !== null && { projectId }),
    ...(endpoint !== null && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: credentials !== null }),
    ...(credentials !== null && { credentials: keyOf(credentials, name) }),
    retryOptions: { autoRetry: true, maxRetries: 3, totalTimeout: 60 },
  };
  return new sdk.Storage(options).bucket(config.bucket);
}

function keyOf(text: string, name: string): NonNullable<StorageOptions['credentials']> {
  try {
    return JSON.parse(text) as NonNullable<StorageOptions['credentials']>;
  } catch {
    // What could not be read is a secret all the same.
    throw loadFailure('InvalidConfig', {
      object: `stores.${name}.credentials`,
      expected: 'a key as JSON, as Google Cloud gives it out',
      got: 'another text',
      remedy: 'Correct the variable or the file.',
    });
  }
}

function pinned(pin: FilePin | undefined): { generation?: string } {
  const generation = /^gcs:(\d+):/.exec(pin?.identity ?? '')?.[1];
  return generation === undefined ? {} : { generation };
}

/** Small files in one request, others in a session that goes on where it was cut off. */
async function create(
  bucket: Bucket,
  { encryption }: ResolvedGcsConfig,
  { key, file, bytes, sha256, contentType }: NewObject,
): Promise<'made' | 'exists'> {
  try {
    await bucket.upload(file, {
      destination: key,
      preconditionOpts: { ifGenerationMatch: 0 },
      validation: 'crc32c',
      resumable: bytes > resumableBytes,
      metadata: { contentType, metadata: { [sha256Field]: sha256 } },
      ...(encryption && { kmsKeyName: encryption.kmsKey }),
    });
    return 'made';
  } catch (error) {
    if (tellGcsApart(error)?.trouble === 'changed') return 'exists';
    throw error;
  }
}
