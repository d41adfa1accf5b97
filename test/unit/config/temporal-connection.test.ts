import { connectOptions, reachTemporal } from '../../../workers/config';
import { failureOf, project, removeProjects } from './project';

const variables = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];
const before = variables.map((name) => [name, process.env[name]] as const);

beforeEach(() => variables.forEach((name) => delete process.env[name]));
afterEach(removeProjects);
afterAll(() => before.forEach(([name, value]) => value !== undefined && (process.env[name] = value)));

const config = (temporal = {}) => ({
  path: 'loadline.config.ts',
  temporal: { address: null, namespace: null, profile: null, ...temporal },
});

test('the command line wins over the configuration, which wins over the variables of the Temporal CLI', () => {
  process.env['TEMPORAL_ADDRESS'] = 'variable:1';
  process.env['TEMPORAL_NAMESPACE'] = 'of-variable';
  expect(connectOptions(config())).toMatchObject({
    connectionOptions: { address: 'variable:1' },
    namespace: 'of-variable',
  });
  expect(connectOptions(config({ address: 'config:2' })).connectionOptions.address).toBe('config:2');
  expect(connectOptions(config({ address: 'config:2' }), { address: 'flag:3' }).connectionOptions.address).toBe(
    'flag:3',
  );
});

test('a profile comes from the file of the Temporal CLI, and an unknown one is refused', async () => {
  const dir = project({ 'temporal.toml': '[profile.cloud]\naddress = "acme.tmprl.cloud:7233"\nnamespace = "acme"\n' });
  process.env['TEMPORAL_CONFIG_FILE'] = `${dir}/temporal.toml`;
  const { connectionOptions, namespace } = connectOptions(config({ profile: 'cloud' }));
  expect([connectionOptions.address, namespace]).toEqual(['acme.tmprl.cloud:7233', 'acme']);
  expect((await failureOf(() => connectOptions(config({ profile: 'clod' })))).message).toContain('clod');
});

test('a server that does not answer is TemporalUnreachable with its address', async () => {
  const failure = await failureOf(() => reachTemporal('nowhere:7233', () => Promise.reject(new Error('refused'))));
  expect(failure.type).toBe('TemporalUnreachable');
  expect(failure.message).toMatch(/nowhere:7233.*refused/);
});
