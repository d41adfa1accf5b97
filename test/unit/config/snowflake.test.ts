import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, readWarehouseSecrets } from '../../../workers/config';
import { failureOf, project, removeProjects } from './project';

afterEach(removeProjects);

const textWith = (options: string): string => `
import { defineConfig, env, secretFile, snowflake } from 'loadline';
export default defineConfig({
  warehouses: { main: snowflake({ account: 'a-b', user: 'LOADER', database: 'SHOP', ${options} }) },
  stores: {},
  contracts: [],
});`;

test('a Snowflake warehouse has its defaults, and its key is read from the file beside the configuration', async () => {
  const dir = project({ 'loadline.config.ts': textWith("privateKey: secretFile('k.pem'), lockTimeout: '2m'") });
  const warehouse = (await loadConfig({ cwd: dir })).warehouses.get('main')!;
  expect(warehouse).toMatchObject({
    kind: 'snowflake',
    schema: 'PUBLIC',
    ledgerSchema: '_LOADLINE',
    lockTimeoutMs: 120_000,
  });
  const missing = await failureOf(() => readWarehouseSecrets(warehouse));
  expect(missing.message).toContain(path.join(dir, 'k.pem'));
  writeFileSync(path.join(dir, 'k.pem'), 'the key\n');
  expect(readWarehouseSecrets(warehouse)).toMatchObject({
    login: { by: 'key-pair', privateKey: 'the key', passphrase: null },
  });
});

test('who provisions is no matter of workers, has one way to log in, and leaves no role to a sweeper', async () => {
  const provision = (admin: string, roles: string): string =>
    `token: env('T'), provision: { admin: { user: 'ADMIN'${admin} }, roles: { loader: 'L'${roles} } }`;
  const configOf = (options: string) => loadConfig({ cwd: project({ 'loadline.config.ts': textWith(options) }) });
  const { warehouses } = await configOf(provision(", role: 'SYSADMIN', token: env('A')", ", owner: 'O'"));
  const roles = { loader: 'L', reader: null, sweeper: null, owner: 'O' };
  const login = { by: 'token', secret: { env: 'A' } };
  expect(warehouses.get('main')!.provision).toEqual({ admin: { user: 'ADMIN', role: 'SYSADMIN', warehouse: null, login }, roles }); // prettier-ignore
  for (const wrong of [
    provision('', ''),
    provision(", token: env('A')", ", reader: 'L'"),
    provision(", token: env('A')", ", sweeper: 'S'"),
  ])
    // prettier-ignore
    expect((await failureOf(() => configOf(wrong))).message).toContain('warehouses.main.provision');
});

test.each([
  ["password: env('P'), token: env('T')", 'password and token'],
  ["role: 'R'", 'none'],
])('exactly one way to log in is accepted: %s', async (options, got) => {
  const dir = project({ 'loadline.config.ts': textWith(options) });
  const failure = await failureOf(() => loadConfig({ cwd: dir }));
  expect(failure.type).toBe('InvalidConfig');
  expect(failure.message).toContain(got);
});

test('a password in the configuration itself is refused, and not repeated', async () => {
  const dir = project({ 'loadline.config.ts': textWith("password: 'hunter2'") });
  const failure = await failureOf(() => loadConfig({ cwd: dir }));
  expect(failure.message).toContain('env(');
  expect(JSON.stringify(failure)).not.toContain('hunter2');
});
