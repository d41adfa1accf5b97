import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { WritableStore } from '../../../activities/stores/objects/object-store';
import { openS3 } from '../../../activities/stores/s3';
import { s3Keys } from '../../services/stores/servers';
import { storeEndpoint } from '../../services/stores/store-services';
import type { ObjectOptions, ObjectPlace } from './place';

export interface S3Place extends ObjectPlace {
  encryptionOf(path: string): Promise<readonly (string | undefined)[]>;
}

const region = 'us-east-1';

export async function s3Place(prefix = 'landing'): Promise<S3Place> {
  const endpoint = storeEndpoint('s3');
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: s3Keys });
  const Bucket = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const stateDir = mkdtempSync(join(tmpdir(), 'loadline-test-'));
  const Key = (path: string): string => `${prefix}/${path}`;
  const base = { bucket: Bucket, prefix, region, endpoint, pathStyle: true, credentials: s3Keys, encryption: null };
  const opened: WritableStore[] = [];
  const open = ({ stateDir: state = stateDir, kmsKey, ...more }: ObjectOptions = {}): WritableStore => {
    const store = openS3('raw', { ...base, ...more, ...(kmsKey && { encryption: { kmsKey } }) }, state);
    opened.push(store);
    return store;
  };
  return {
    endpoint,
    stateDir,
    store: open,
    async write(path, content) {
      const Body = Buffer.from(content);
      await client.send(new PutObjectCommand({ Bucket, Key: Key(path), Body, ContentLength: Body.length }));
    },
    remove: async (path) => void (await client.send(new DeleteObjectCommand({ Bucket, Key: Key(path) }))),
    async keepVersions() {
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    },
    async encryptionOf(path) {
      const { ServerSideEncryption, SSEKMSKeyId } = await client.send(
        new HeadObjectCommand({ Bucket, Key: Key(path) }),
      );
      return [ServerSideEncryption, SSEKMSKeyId];
    },
    refused: () => {
      const secretAccessKey = 'another-secret-that-is-wrong';
      const stores = [
        openS3('raw', { ...base, credentials: { ...s3Keys, secretAccessKey } }, stateDir),
        openS3('raw', { ...base, credentials: { accessKeyId: 'NOBODY', secretAccessKey } }, stateDir),
      ];
      return Promise.resolve({ stores, secrets: [secretAccessKey], close: () => Promise.resolve() });
    },
    config(at = endpoint) {
      process.env['LOADLINE_TEST_S3_KEY'] = s3Keys.accessKeyId;
      process.env['LOADLINE_TEST_S3_SECRET'] = s3Keys.secretAccessKey;
      const credentials = {
        accessKeyId: { env: 'LOADLINE_TEST_S3_KEY' },
        secretAccessKey: { env: 'LOADLINE_TEST_S3_SECRET' },
      };
      return { kind: 's3', bucket: Bucket, prefix, region, endpoint: at, credentials };
    },
    async close() {
      client.destroy();
      for (const store of opened) store.close();
      rmSync(stateDir, { recursive: true, force: true });
      await Promise.resolve();
    },
  };
}
