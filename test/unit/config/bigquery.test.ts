import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bigQueryDefaults } from '../../../activities/warehouses/bigquery/config';
import { loadConfig, readWarehouseSecrets, secretOf, type ResolvedWarehouse } from '../../../workers/config';
import { failureOf, project, removeProjects } from './project';

afterEach(removeProjects);

const textWith = (options: string): string => `
import { bigquery, defineConfig, env, secretFile } from 'loadline';
export default defineConfig({
  warehouses: { main: bigquery({ project: 'my-project', ${options} }) },
  stores: {},
  contracts: [],
});`;

async function warehouseOf(options: string): Promise<ResolvedWarehouse> {
  const dir = project({ 'loadline.config.ts': textWith(options) });
  return (await loadConfig({ cwd: dir })).warehouses.get('main')!;
}

test('a BigQuery warehouse has its defaults: who pays is the project itself, and credentials are those of the machine', async () => {
  const warehouse = await warehouseOf('');
  const given = { kind: 'bigquery', project: 'my-project', jobProject: 'my-project' };
  expect(warehouse).toEqual({ ...bigQueryDefaults, ...given, name: 'main', provision: null });
  expect(secretOf(warehouse)).toBeNull();
  expect(readWarehouseSecrets(warehouse)).toEqual({ ...bigQueryDefaults, ...given });
});

test('every option of a BigQuery warehouse is taken', async () => {
  const written = {
    jobProject: 'payer-project',
    dataset: 'sales',
    location: 'EU',
    ledgerDataset: 'l',
    stageDataset: 's',
    stagingBucket: 'gs://bucket/prefix',
    referCsv: true,
    labels: { team: 'data' },
    maxPublishing: 1,
    maxStaging: 2,
    apiEndpoint: 'http://localhost:1',
    storageEndpoint: 'http://localhost:2',
  };
  const more = "credentials: 'none', maximumBytesBilled: 10_485_760, lockTimeout: '2m'";
  const warehouse = await warehouseOf(`${JSON.stringify(written).slice(1, -1)}, ${more}`);
  const credentials = { kind: 'none' };
  expect(warehouse).toMatchObject({ ...written, credentials, maximumBytesBilled: '10485760', lockTimeoutMs: 120_000 });
});

test('who provisions is no matter of workers, and roles are members of their own', async () => {
  const roles = (loader: string, reader: string): string => `roles: { loader: '${loader}', reader: '${reader}' }`;
  const some = roles('serviceAccount:a@b.iam.gserviceaccount.com', 'group:c@d.com');
  const warehouse = await warehouseOf(`provision: { ${some}, stageExpiration: '90d' }`);
  expect(warehouse.provision).toMatchObject({ admin: { kind: 'default' }, stageExpirationMs: 90 * 86_400_000 });
  expect(readWarehouseSecrets(warehouse)).not.toHaveProperty('provision');
  for (const wrong of [
    roles('LOADER', 'group:c@d.com'),
    roles('group:c@d.com', 'group:c@d.com'),
    `${some}, stageExpiration: '1h'`,
  ])
    expect((await failureOf(() => warehouseOf(`provision: { ${wrong} }`))).message).toContain(
      'warehouses.main.provision',
    );
});

test('a key is read from the file beside the configuration', async () => {
  const dir = project({ 'loadline.config.ts': textWith("credentials: secretFile('k.json')") });
  const warehouse = (await loadConfig({ cwd: dir })).warehouses.get('main')!;
  const file = path.join(dir, 'k.json');
  expect(secretOf(warehouse)).toEqual({ file });
  expect((await failureOf(() => readWarehouseSecrets(warehouse))).message).toContain(file);
  writeFileSync(file, '{"a":1}\n');
  expect(readWarehouseSecrets(warehouse)).toMatchObject({ credentials: { kind: 'key', json: '{"a":1}' } });
});

test('a key in the configuration itself is refused, and not repeated', async () => {
  const failure = await failureOf(() => warehouseOf("credentials: 'hunter2'"));
  expect(failure.message).toContain('env(');
  expect(JSON.stringify(failure)).not.toContain('hunter2');
});

test.each([
  "project: 'My Project'",
  "ledgerDataset: 'with-dash'",
  "ledgerDataset: 'x', stageDataset: 'x'",
  "location: 'somewhere over'",
  "stagingBucket: 's3://bucket'",
  "stagingBucket: 'gs://bucket/*'",
  'maximumBytesBilled: 1',
  "labels: { loadline_load: 'x' }",
  "labels: { Team: 'x' }",
  "apiEndpoint: 'localhost:1'",
  "lockTimeout: '2 days'",
])('it is refused with %s', async (options) => {
  expect((await failureOf(() => warehouseOf(options))).type).toBe('InvalidConfig');
});
