import { openGcs } from '../activities/stores/gcs';
import { openLocalFiles } from '../activities/stores/local-files';
import type { WritableStore } from '../activities/stores/objects/object-store';
import { openS3 } from '../activities/stores/s3';
import type { Store } from '../activities/stores/store';
import { readStoreSecrets, type ResolvedGcs, type ResolvedS3, type ResolvedStore } from './config';

/** Opens a store of objects: reads its secrets, connects at the first use. @throws `SecretMissing` */
export const openObjects = (store: ResolvedS3 | ResolvedGcs, stateDir: string, name = store.name): WritableStore =>
  store.kind === 's3'
    ? openS3(name, readStoreSecrets(store), stateDir)
    : openGcs(name, readStoreSecrets(store), stateDir);

/** Opens a store of the configuration. @throws `SecretMissing` */
export const openStore = (store: ResolvedStore, stateDir: string): Store =>
  store.kind === 'local-files' ? openLocalFiles(store.name, store.rootDir) : openObjects(store, stateDir);
