import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { sha256Field, type NewObject } from '../objects/object-client';
import { optionalPackage } from '../objects/optional-package';
import type { ResolvedS3Config } from './config';
import { named } from './errors';

const partBytes = 8 * 1024 * 1024;
const partsAtOnce = 4;
const conflictAttempts = 5;

/** An object to be made, and by which client. */
export interface S3Creation {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly s3: S3Client;
  /** The store's name. */
  readonly name: string;
  readonly config: ResolvedS3Config;
  readonly made: NewObject;
  readonly signal: AbortSignal | undefined;
}

/** Makes an object, only if there is none of its key: a small one in one request, others in parts side by side. */
export async function createS3Object(creation: S3Creation): Promise<'made' | 'exists'> {
  const send = creation.made.bytes <= partBytes ? sendWhole : sendParts;
  for (let attempt = 1; ; attempt++) {
    try {
      await send(creation);
      return 'made';
    } catch (error) {
      if (named(error, 'PreconditionFailed')) return 'exists';
      // Somebody else is making it: whether that succeeds is known in a moment.
      if (!named(error, 'ConditionalRequestConflict') || attempt === conflictAttempts) throw error;
      await new Promise((done) => setTimeout(done, 200 * attempt));
    }
  }
}

async function sendWhole(creation: S3Creation): Promise<void> {
  const { sdk, s3, made, signal } = creation;
  const ChecksumSHA256 = Buffer.from(made.sha256, 'hex').toString('base64');
  const put = { ...wanted(creation), Body: await readFile(made.file), ChecksumSHA256 };
  await s3.send(new sdk.PutObjectCommand(put), { ...(signal && { abortSignal: signal }) });
}

async function sendParts(creation: S3Creation): Promise<void> {
  const { s3, made, name, signal } = creation;
  const { Upload } = await optionalPackage('@aws-sdk/lib-storage', name, () => import('@aws-sdk/lib-storage'));
  const params = { ...wanted(creation), Body: createReadStream(made.file) };
  const upload = new Upload({ client: s3, params, queueSize: partsAtOnce, partSize: partBytes });
  const abort = (): void => void upload.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await upload.done();
  } finally {
    signal?.removeEventListener('abort', abort);
    params.Body.destroy();
  }
}

function wanted({ config: { bucket, encryption }, made }: S3Creation): PutObjectCommandInput {
  return {
    Bucket: bucket,
    Key: made.key,
    ContentType: made.contentType,
    IfNoneMatch: '*',
    Metadata: { [sha256Field]: made.sha256 },
    ChecksumAlgorithm: 'SHA256',
    ...(encryption === 's3' && { ServerSideEncryption: 'AES256' }),
    ...(encryption !== null &&
      encryption !== 's3' && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryption.kmsKey }),
  };
}
