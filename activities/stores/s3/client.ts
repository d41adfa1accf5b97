import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { sha256Field, type ObjectClient, type ObjectFacts } from '../objects/object-client';
import { placeHash } from '../objects/object-keys';
import { optionalPackage } from '../objects/optional-package';
import { versionOf, type FilePin } from '../store';
import type { ResolvedS3Config } from './config';
import { createS3Object } from './create';
import { named, tellS3Apart } from './errors';

type Sdk = typeof import('@aws-sdk/client-s3');

/** The operations of one bucket, by the official client. It is imported when it is first used. */
export function s3Client(name: string, config: ResolvedS3Config): ObjectClient {
  let opened: Promise<{ sdk: Sdk; s3: S3Client }> | undefined;
  const open = () => (opened ??= connect(name, config));
  const { bucket: Bucket } = config;
  const place = `s3://${Bucket}`;
  const factsOf = (
    key: string,
    etag: string | undefined,
    bytes: number | undefined,
    version?: string,
  ): ObjectFacts => ({
    key,
    bytes: bytes ?? 0,
    identity: `s3:${(etag ?? '').replace(/^"|"$/g, '')}:${(bytes ?? 0).toString(36)}:${placeHash(place, key)}`,
    // A bucket that never had versions, or has them no more, calls them so; such a one can be overwritten.
    ...(version !== undefined && version !== 'null' && { version }),
  });

  return {
    place,
    async *list(Prefix) {
      const { sdk, s3 } = await open();
      const asked = { Bucket, Prefix, EncodingType: 'url' as const };
      for (let ContinuationToken: string | undefined; ;) {
        const page = await s3.send(new sdk.ListObjectsV2Command({ ...asked, ContinuationToken }));
        const decoded = (key = ''): string =>
          page.EncodingType === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
        yield (page.Contents ?? []).map(({ Key, ETag, Size }) => factsOf(decoded(Key), ETag, Size));
        ContinuationToken = page.NextContinuationToken;
        if (!page.IsTruncated || ContinuationToken === undefined) return;
      }
    },
    async head(Key, pin) {
      const { sdk, s3 } = await open();
      try {
        const found = await s3.send(new sdk.HeadObjectCommand({ Bucket, Key, ...pinned(pin) }));
        return factsOf(Key, found.ETag, found.ContentLength, found.VersionId);
      } catch (error) {
        // An answer to HEAD has no body that could name the reason.
        const asked = { Bucket, Key, Range: 'bytes=0-0', ...pinned(pin) };
        const reason: unknown = await s3.send(new sdk.GetObjectCommand(asked)).catch((e: unknown) => e);
        throw reason instanceof Error && !named(reason, 'InvalidRange') ? reason : error;
      }
    },
    async read(Key, pin, from, to, abortSignal) {
      const { sdk, s3 } = await open();
      const asked = { Bucket, Key, Range: `bytes=${from}-${to}`, ...pinned(pin) };
      const part = await s3.send(new sdk.GetObjectCommand(asked), { ...(abortSignal && { abortSignal }) });
      const facts = factsOf(Key, part.ETag, 0, part.VersionId);
      return { bytes: await part.Body!.transformToByteArray(), ...versionOf(facts) };
    },
    create: async (made, signal) => createS3Object({ ...(await open()), name, config, made, signal }),
    async sha256Of(Key) {
      const { sdk, s3 } = await open();
      return (await s3.send(new sdk.HeadObjectCommand({ Bucket, Key }))).Metadata?.[sha256Field] ?? null;
    },
    tellApart: tellS3Apart,
    close: () => void opened?.then(({ s3 }) => s3.destroy()).catch(() => undefined),
  };
}

async function connect(name: string, config: ResolvedS3Config): Promise<{ sdk: Sdk; s3: S3Client }> {
  const sdk = await optionalPackage('@aws-sdk/client-s3', name, () => import('@aws-sdk/client-s3'));
  const { region, endpoint, pathStyle, credentials } = config;
  const options: S3ClientConfig = {
    ...(region !== null && { region }),
    ...(endpoint !== null && { endpoint }),
    forcePathStyle: pathStyle,
    ...(credentials && { credentials }),
    maxAttempts: 4,
    // What is read is hashed as a whole.
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
  return { sdk, s3: new sdk.S3Client(options) };
}

function pinned(pin: FilePin | undefined): { IfMatch?: string; VersionId?: string } {
  const etag = /^s3:(.*):[0-9a-z]+:[0-9a-f]{16}$/.exec(pin?.identity ?? '')?.[1];
  return {
    ...(etag && { IfMatch: `"${etag}"` }),
    ...(pin?.version !== undefined && { VersionId: pin.version }),
  };
}
