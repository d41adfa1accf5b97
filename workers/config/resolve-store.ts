import path from 'node:path';
import { didYouMean } from '../../activities/contracts/did-you-mean';
import type { ResolvedGcsConfig } from '../../activities/stores/gcs/config';
import type { ResolvedS3Config } from '../../activities/stores/s3/config';
import type { SecretRef } from '../../workflows/config';
import { refuseOption } from './config-refusal';
import type { ConfigShape } from './config-schema';
import type { ResolvedGcs, ResolvedS3, ResolvedStore } from './resolved-config';
import { anchored, resolveSecret } from './secret';

type StoreShape = ConfigShape['stores'][string];
type S3Shape = Extract<StoreShape, { kind: 's3' }>;
type GcsShape = Extract<StoreShape, { kind: 'gcs' }>;

/** Decides every option of a store. */
export function resolveStore(name: string, shape: StoreShape, rootDir: string): ResolvedStore {
  if (shape.kind === 's3') return resolveS3(name, shape, rootDir);
  if (shape.kind === 'gcs') return resolveGcs(name, shape, rootDir);
  return { kind: shape.kind, name, rootDir: path.resolve(rootDir, shape.root) };
}

function resolveS3(name: string, shape: S3Shape, rootDir: string): ResolvedS3 {
  const { kind, bucket, prefix = '', region = null, endpoint = null, credentials, encryption = null } = shape;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials ?? {};
  const pair = accessKeyId &&
    secretAccessKey && {
      accessKeyId: anchored(accessKeyId, rootDir),
      secretAccessKey: anchored(secretAccessKey, rootDir),
      ...(sessionToken && { sessionToken: anchored(sessionToken, rootDir) }),
    };
  const pathStyle = shape.pathStyle ?? endpoint !== null;
  return { kind, name, bucket, prefix, region, endpoint, pathStyle, credentials: pair ?? null, encryption };
}

function resolveGcs(name: string, shape: GcsShape, rootDir: string): ResolvedGcs {
  const { kind, bucket, prefix = '', projectId = null, endpoint = null, credentials, encryption = null } = shape;
  const key = credentials ? anchored(credentials, rootDir) : null;
  return { kind, name, bucket, prefix, projectId, endpoint, credentials: key, encryption };
}

/** @throws `InvalidConfig` for a name of no store, or of one that cannot keep batches */
export function resolveBatchStore({ batchStore, stores }: ConfigShape, file: string): string | null {
  if (batchStore === undefined) return null;
  const kind = Object.hasOwn(stores, batchStore) ? stores[batchStore]!.kind : undefined;
  if (kind === 's3' || kind === 'gcs') return batchStore;
  throw refuseOption(file, {
    option: 'batchStore',
    expected: 'the name of a store of objects, made by s3(…) or gcs(…)',
    got: kind === undefined ? `"${batchStore}"` : `"${batchStore}", which is a folder`,
    remedy:
      kind === undefined
        ? didYouMean(batchStore, Object.keys(stores))
        : 'For batches in another folder set `state`, which is where they are kept.',
  });
}

/** The secrets of a store, by the option that refers to them. */
export function storeSecrets(store: ResolvedStore): readonly (readonly [option: string, ref: SecretRef])[] {
  if (store.kind === 'local-files' || store.credentials === null) return [];
  const at = `stores.${store.name}.credentials`;
  if (store.kind === 'gcs') return [[at, store.credentials]];
  return Object.entries(store.credentials).map(([field, ref]) => [`${at}.${field}`, ref as SecretRef]);
}

/** A store of objects as its adapter takes it, with its secrets read. @throws `SecretMissing` */
export function readStoreSecrets(store: ResolvedS3): ResolvedS3Config;
export function readStoreSecrets(store: ResolvedGcs): ResolvedGcsConfig;
export function readStoreSecrets(store: ResolvedS3 | ResolvedGcs): ResolvedS3Config | ResolvedGcsConfig {
  const secrets = new Map(storeSecrets(store).map(([option, ref]) => [option, resolveSecret(ref, option)]));
  const at = `stores.${store.name}.credentials`;
  if (store.kind === 'gcs') return { ...store, credentials: secrets.get(at) ?? null };
  if (store.credentials === null) return { ...store, credentials: null };
  const sessionToken = secrets.get(`${at}.sessionToken`);
  return {
    ...store,
    credentials: {
      accessKeyId: secrets.get(`${at}.accessKeyId`)!,
      secretAccessKey: secrets.get(`${at}.secretAccessKey`)!,
      ...(sessionToken !== undefined && { sessionToken }),
    },
  };
}
