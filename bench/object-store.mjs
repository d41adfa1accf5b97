// S3 on this machine: versitygw over a folder, built once by Go.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createJiti } from 'jiti';
import { onEnd } from './teardown.mjs';

const require = createRequire(import.meta.url);
const { freePort, loopback } = require('../dist/workers/embedded/free-port.js');
const { startServer } = require('../dist/workers/embedded/start-server.js');
const module = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const [accessKeyId, secretAccessKey, bucket] = ['bench', 'bench-secret', 'bench'];
const partBytes = 32 * 1024 * 1024;

/** Starts it with a bucket, and says by variables where it is, for the configuration. Its folder lies below `root` and ends with it. */
export async function openObjectStore(root, say) {
  say('  starting a store that speaks S3');
  const { installedByGo } = await createJiti(import.meta.url).import('../test/services/installed.ts');
  const command = await installedByGo('versitygw', module);
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 's3-'));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const endpoint = await start(command, folder);
  Object.assign(process.env, {
    BENCH_S3_ENDPOINT: endpoint,
    BENCH_S3_KEY: accessKeyId,
    BENCH_S3_SECRET: secretAccessKey,
  });
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    async put(path, Key) {
      const params = { Bucket: bucket, Key, Body: createReadStream(path) };
      await new Upload({ client, params, partSize: partBytes, queueSize: 2 }).done();
    },
    remove: (Key) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key })),
  };
}

async function start(command, folder) {
  const [data, sidecar] = [join(folder, 'data'), join(folder, 'sidecar')];
  await Promise.all([mkdir(data), mkdir(sidecar)]);
  const port = await freePort();
  const endpoint = `http://${loopback}:${port}`;
  const server = await startServer({
    name: 'The store of the benchmark',
    command,
    args: ['--port', `${loopback}:${port}`, 'posix', '--sidecar', sidecar, data],
    env: { ...process.env, ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
    logFile: join(folder, 'store.log'),
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
    timeoutMs: 60_000,
    ready: () => fetch(endpoint).then(Boolean, () => false),
  });
  onEnd(() => server.stop());
  return endpoint;
}
