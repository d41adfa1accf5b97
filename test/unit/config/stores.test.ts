import path from 'node:path';
import { loadConfig, readStoreSecrets, type ResolvedGcs, type ResolvedS3 } from '../../../workers/config';
import { openDeps } from '../../../workers/open-deps';
import { failureOf, project, removeProjects } from './project';

afterEach(removeProjects);

const config = (stores: string, more = ''): string => `
import { defineConfig, env, gcs, localFiles, postgres, s3, secretFile } from 'loadline';
export default defineConfig({
  warehouses: { main: postgres({ url: 'postgres://me@localhost/shop' }) },
  stores: { ${stores} },
  contracts: [],
  ${more}
});
`;
const load = (stores: string, more = '', profile?: string) =>
  loadConfig({ cwd: project({ 'loadline.config.ts': config(stores, more) }), profile });

test('stores of objects are resolved with every option decided', async () => {
  const { stores, batchStore } = await load("a: s3({ bucket: 'acme' }), b: gcs({ bucket: 'acme' })");
  const none = { prefix: '', endpoint: null, credentials: null, encryption: null };
  expect([...stores.values()]).toEqual([
    { kind: 's3', name: 'a', bucket: 'acme', region: null, pathStyle: false, ...none },
    { kind: 'gcs', name: 'b', bucket: 'acme', projectId: null, ...none },
  ]);
  expect(batchStore).toBeNull();
});

test('secrets of stores are read by reference, files relative to the configuration', async () => {
  process.env['LOADLINE_TEST_SECRET'] = 'AKID';
  const credentials = "{ accessKeyId: env('LOADLINE_TEST_SECRET'), secretAccessKey: secretFile('./no-such-file') }";
  const { stores, rootDir } = await load(`a: s3({ bucket: 'acme', credentials: ${credentials} })`);
  const failure = await failureOf(() => readStoreSecrets(stores.get('a') as ResolvedS3));
  expect(failure.type).toBe('SecretMissing');
  expect(failure.message).toContain('stores.a.credentials.secretAccessKey');
  expect(failure.message).toContain(path.join(rootDir, 'no-such-file'));
  const key = await load("b: gcs({ bucket: 'acme', credentials: env('LOADLINE_TEST_SECRET') })");
  expect(readStoreSecrets(key.stores.get('b') as ResolvedGcs).credentials).toBe('AKID');
  delete process.env['LOADLINE_TEST_SECRET'];
});

test.each([
  ["a: { kind: 's3', bucket: 's3://acme' }", 'stores.a.bucket'],
  [
    "a: { kind: 's3', bucket: 'acme', credentials: { accessKeyId: 'AKIDSECRET', secretAccessKey: 'sEcReT' } }",
    'credentials',
  ],
  ["a: { kind: 'gcs', bucket: 'acme', credentials: 'sEcReT' }", 'stores.a.credentials'],
  ["a: { kind: 's3', bucket: 'acme', endpoint: 'ftp://x' }", 'stores.a.endpoint'],
  ["a: { kind: 's3', bucket: 'acme', root: '.' }", 'root'],
  ["a: { kind: 'azure', bucket: 'acme' }", 'stores.a'],
])('a malformed store is refused by its option, without secrets: %s', async (store, option) => {
  const failure = await failureOf(() => load(store));
  expect(failure.type).toBe('InvalidConfig');
  expect(failure.message).toContain(option);
  expect(JSON.stringify([failure.message, failure.details])).not.toMatch(/sEcReT|AKIDSECRET/);
});

test('a profile exchanges a store for one of another kind, or changes one of the same', async () => {
  const profiles =
    "profiles: { dev: { stores: { a: localFiles({ root: './data' }) } }, eu: { stores: { a: { region: 'eu-west-1' } } } }";
  const stores = "a: s3({ bucket: 'acme', region: 'us-east-1' })";
  const dev = await load(stores, profiles, 'dev');
  expect(dev.stores.get('a')).toEqual({ kind: 'local-files', name: 'a', rootDir: path.join(dev.rootDir, 'data') });
  expect((await load(stores, profiles, 'eu')).stores.get('a')).toMatchObject({ kind: 's3', region: 'eu-west-1' });
});

test('the batch store is one of objects, and lies apart from the files', async () => {
  const stores = "a: s3({ bucket: 'acme', prefix: 'in/' }), b: localFiles({ root: '.' })";
  const resolved = await load(stores, "batchStore: 'a',");
  const deps = openDeps(resolved);
  expect([deps.batchStore?.name, deps.batchStore?.root]).toEqual(['@batches', 's3://acme/in/.loadline/']);
  await deps.close();
  for (const [name, got] of [
    ['b', 'which is a folder'],
    ['c', '"c"'],
  ] as const) {
    const failure = await failureOf(() => load(stores, `batchStore: '${name}',`));
    expect(failure.type).toBe('InvalidConfig');
    expect(failure.message).toContain(got);
  }
});
