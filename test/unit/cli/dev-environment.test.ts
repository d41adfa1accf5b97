import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adoptDevEnvironment, devEnvironmentFile, shareDevEnvironment } from '../../../cli/dev-environment';
import { configText, project, removeProjects } from '../config/project';
import { loadline } from './streams';

const names = [
  'LOADLINE_TEST_URL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'LOADLINE_TEMPORAL_UI',
];
const before = { ...process.env };

beforeEach(() => names.forEach((name) => delete process.env[name]));
afterEach(removeProjects);
afterAll(() => names.forEach((name) => before[name] !== undefined && (process.env[name] = before[name])));

const servers = {
  address: '127.0.0.1:9',
  namespace: 'default',
  uiUrl: 'http://127.0.0.1:10',
  secrets: { LOADLINE_TEST_URL: 'postgres://me:pw@db/x' },
};
const owner = (profile: string | null = null) => ({ stateDir: path.join(project({}), 'state'), profile });

test('another command finds the servers of `loadline dev`, as long as it runs', async () => {
  const config = owner();
  const unshare = await shareDevEnvironment(config, servers);
  expect(statSync(devEnvironmentFile(config)).mode & 0o777).toBe(0o600);
  expect(await adoptDevEnvironment(config)).toBe(true);
  expect(names.map((name) => process.env[name])).toEqual([
    'postgres://me:pw@db/x',
    '127.0.0.1:9',
    'default',
    undefined,
    'http://127.0.0.1:10',
  ]);
  unshare();
  expect(existsSync(devEnvironmentFile(config))).toBe(false);
  expect(await adoptDevEnvironment(config)).toBe(false);
});

test('what is set already wins, and a chosen Temporal is left alone', async () => {
  const config = owner();
  await shareDevEnvironment(config, servers);
  process.env['TEMPORAL_PROFILE'] = 'cloud';
  process.env['LOADLINE_TEST_URL'] = 'mine';
  await adoptDevEnvironment(config);
  expect([process.env['LOADLINE_TEST_URL'], process.env['TEMPORAL_ADDRESS']]).toEqual(['mine', undefined]);
});

test('a second `loadline dev` on one state is refused before anything is started', async () => {
  const folder = project({ 'loadline.config.ts': configText() });
  const unshare = await shareDevEnvironment({ stateDir: path.join(folder, '.loadline'), profile: null }, servers);
  const { code, err } = await loadline('dev', '--config', folder);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`process ${process.pid}`) });
  expect(err).toContain('StateInUse');
  unshare();
});

test('a state folder that cannot be written to is named before anything is started', async () => {
  const folder = project({ 'loadline.config.ts': configText(), '.loadline': 'a file' });
  const { code, err } = await loadline('dev', '--config', folder);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`${path.join(folder, '.loadline')}\n`) });
  expect(err).toContain('The folder of state cannot be written to.');
  expect(err).toContain('set `state` of the configuration to another folder');
});

test('servers of another profile, or of a process that is gone, are not used', async () => {
  const config = owner();
  await shareDevEnvironment(config, servers);
  expect(await adoptDevEnvironment({ ...config, profile: 'prod' })).toBe(false);
  const file = devEnvironmentFile(config);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/DEV_PROCESS='[^']*'/, "DEV_PROCESS='999999999@1'"));
  expect(await adoptDevEnvironment(config)).toBe(false);
});
