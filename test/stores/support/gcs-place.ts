import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { openGcs } from '../../../activities/stores/gcs';
import { storeEndpoint } from '../../services/stores/store-services';
import type { ObjectOptions, ObjectPlace } from './place';

const projectId = 'loadline-test';

export async function gcsPlace(prefix = 'landing'): Promise<ObjectPlace> {
  const endpoint = storeEndpoint('gcs');
  const storage = new Storage({ projectId, apiEndpoint: endpoint });
  const name = `test-${randomUUID()}`;
  await storage.createBucket(name);
  const bucket = storage.bucket(name);
  const stateDir = mkdtempSync(join(tmpdir(), 'loadline-test-'));
  const base = { bucket: name, prefix, projectId, endpoint, credentials: null, encryption: null };
  const open = ({ stateDir: state = stateDir, kmsKey, ...more }: ObjectOptions = {}) =>
    openGcs('raw', { ...base, ...more, ...(kmsKey && { encryption: { kmsKey } }) }, state);
  return {
    endpoint,
    stateDir,
    store: open,
    write: (path, content) => bucket.file(`${prefix}/${path}`).save(Buffer.from(content), { resumable: false }),
    remove: async (path) => void (await bucket.file(`${prefix}/${path}`).delete()),
    keepVersions: async () => void (await bucket.setMetadata({ versioning: { enabled: true } })),
    async refused() {
      const tokens = await refusingTokens(stateDir);
      const credentials = JSON.stringify(tokens.key);
      const stores = [openGcs('raw', { ...base, credentials }, stateDir)];
      return { stores, secrets: [tokens.token], close: tokens.close };
    },
    config: (at = endpoint) => ({ kind: 'gcs', bucket: name, prefix, projectId, endpoint: at }),
    async close() {
      rmSync(stateDir, { recursive: true, force: true });
      await Promise.resolve();
    },
  };
}

/** The identity of a workload, and the server that should exchange its token and refuses to. */
async function refusingTokens(folder: string) {
  const server = createServer((_, answer) => {
    answer.writeHead(400, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ error: 'invalid_grant', error_description: 'account not found' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const token = 'token-of-the-identity';
  const file = join(folder, 'token');
  writeFileSync(file, token);
  const key = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    credential_source: { file },
  };
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return { key, token, close };
}
