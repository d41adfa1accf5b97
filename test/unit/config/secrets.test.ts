import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { loadConfig, readWarehouseSecrets, resolveSecret } from '../../../workers/config';
import { configText, failureOf, project, removeProjects } from './project';

afterEach(() => {
  removeProjects();
  delete process.env['LOADLINE_TEST_SECRET'];
});

const password = 'hunter2-s3cret';

test('a secret comes from the variable, without the blanks around it', () => {
  process.env['LOADLINE_TEST_SECRET'] = ' value\n';
  expect(resolveSecret({ env: 'LOADLINE_TEST_SECRET' }, 'warehouses.main.url')).toBe('value');
});

test('a secret file is relative to the configuration', async () => {
  const text = configText('', "url: secretFile('./url.txt')").replace('env,', 'secretFile,');
  const dir = project({ 'loadline.config.ts': text });
  const warehouse = (await loadConfig({ cwd: dir })).warehouses.get('main')!;
  expect((await failureOf(() => readWarehouseSecrets(warehouse))).message).toContain(path.join(dir, 'url.txt'));
  writeFileSync(path.join(dir, 'url.txt'), `postgres://me:${password}@db/shop\n`);
  expect(readWarehouseSecrets(warehouse)).toMatchObject({ url: `postgres://me:${password}@db/shop` });
});

test('a missing secret is SecretMissing and names the variable and what needs it', async () => {
  const failure = await failureOf(() => resolveSecret({ env: 'LOADLINE_TEST_SECRET' }, 'warehouses.main.url'));
  expect(failure.type).toBe('SecretMissing');
  expect(failure.message).toMatch(/warehouses\.main\.url.*LOADLINE_TEST_SECRET/);
});

test('a secret that is no URL is refused without its value', async () => {
  process.env['LOADLINE_TEST_SECRET'] = password;
  const dir = project({ 'loadline.config.ts': configText('', "url: env('LOADLINE_TEST_SECRET')") });
  const warehouse = (await loadConfig({ cwd: dir })).warehouses.get('main')!;
  const failure = await failureOf(() => readWarehouseSecrets(warehouse));
  expect(failure.message).toContain('LOADLINE_TEST_SECRET');
  expect(JSON.stringify(failure)).not.toContain(password);
});

test.each([
  ['a URL with a password', `url: 'postgres://me:${password}@db/shop'`],
  ['a URL with a password among its parameters', `url: 'postgres://db/shop?password=${password}'`],
  ['a URL for which only the driver has a meaning', `url: 'postgres://me:${password}@/shop'`],
  ['a URL of another scheme', `url: 'mysql://me:${password}@db/shop'`],
  ['a URL where the name of a variable belongs', `url: env('postgres://me:${password}@db/shop')`],
  ['an unknown key beside it', `url: { env: 'A', value: '${password}' }`],
])('%s that is written down is refused and never shown', async (_title, warehouse) => {
  const dir = project({ 'loadline.config.ts': configText('', warehouse) });
  const failure = await failureOf(() => loadConfig({ cwd: dir }));
  expect(failure.type).toBe('InvalidConfig');
  expect(failure.message).toContain('warehouses.main.url');
  expect(failure.message + JSON.stringify(failure.details)).not.toContain(password);
});

test('a URL without a password may be written down', async () => {
  const dir = project({ 'loadline.config.ts': configText('', "url: 'postgres://me@localhost:5432/shop'") });
  const warehouse = (await loadConfig({ cwd: dir })).warehouses.get('main')!;
  expect(readWarehouseSecrets(warehouse)).toMatchObject({ url: 'postgres://me@localhost:5432/shop' });
});
