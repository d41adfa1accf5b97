import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../../workers/config';
import { configText, failureOf, project, removeProjects } from './project';

afterEach(removeProjects);

const load = (dir: string, profile?: string) => loadConfig({ cwd: dir, profile });

describe('the configuration', () => {
  test('is found upward and resolved: paths absolute, durations in milliseconds, defaults decided', async () => {
    const dir = project({
      'loadline.config.ts': configText("worker: { buildId: 'b7' }", "url: env('X_URL'), lockTimeout: '90s'"),
    });
    mkdirSync(path.join(dir, 'deep', 'er'), { recursive: true });
    const config = await load(path.join(dir, 'deep', 'er'));
    expect(config).toMatchObject({
      rootDir: dir,
      stateDir: path.join(dir, '.loadline'),
      taskQueue: 'loadline',
      buildId: 'b7',
    });
    expect(config.stores.get('raw')).toEqual({ kind: 'local-files', name: 'raw', rootDir: path.join(dir, 'data') });
    expect(config.warehouses.get('main')).toEqual({
      kind: 'postgres',
      name: 'main',
      url: { env: 'X_URL' },
      ledgerSchema: '_loadline',
      stageSchema: '_loadline_stage',
      maxPublishing: 4,
      maxStaging: 4,
      copySessions: 2,
      publishTimeoutMs: 3_600_000,
      stageTimeoutMs: 21_600_000,
      frozenTimeoutMs: 15_000,
      lockTimeoutMs: 90_000,
      claimLeaseMs: 60_000,
      workMem: null,
      provision: null,
    });
  });

  test.each([
    ['loadline.config.mjs', 'export default { warehouses: {}, stores: {}, contracts: [] };'],
    ['loadline.config.cjs', 'module.exports = { warehouses: {}, stores: {}, contracts: [] };'],
    ['loadline.config.mts', 'export default { warehouses: {}, stores: {}, contracts: [] } as object;'],
  ])('may be written in %s', async (name, text) => {
    expect((await load(project({ [name]: text }))).contracts.size).toBe(0);
  });

  test('is told by the name of its own file, also in what to do', async () => {
    const text = configText('worker: { taskQueue: 7 },');
    const dir = project({ 'staging.ts': text, 'loadline.config.ts': text });
    const named = await failureOf(() => loadConfig({ cwd: dir, path: 'staging.ts' }));
    expect(named.message).toContain(`[${dir}/staging.ts worker.taskQueue]`);
    expect(named.details[0].remedy).toBe(`Correct the named option in ${dir}/staging.ts.`);
    const found = await failureOf(() => load(dir));
    expect(found.details[0].remedy).toBe(`Correct the named option in ${dir}/loadline.config.ts.`);
  });

  test('has the overrides of the chosen profile merged key by key', async () => {
    const profiles =
      "profiles: { prod: { warehouses: { main: { url: env('PROD_URL') } }, worker: { taskQueue: 'prod' } } },";
    const dir = project({ 'loadline.config.ts': configText(profiles, "url: env('DEV_URL'), maxStaging: 2") });
    const config = await load(dir, 'prod');
    expect(config.warehouses.get('main')).toMatchObject({ url: { env: 'PROD_URL' }, maxStaging: 2 });
    expect(config).toMatchObject({ profile: 'prod', taskQueue: 'prod' });
    expect((await load(dir)).taskQueue).toBe('loadline');
  });

  test('sets variables of .env beside it, and never overrides one that is set', async () => {
    process.env['LOADLINE_TEST_SET'] = 'mine';
    const dir = project({
      'loadline.config.ts': configText(),
      '.env': 'LOADLINE_TEST_SET=theirs\nLOADLINE_TEST_NEW="a b"\n',
    });
    try {
      await load(dir);
      expect([process.env['LOADLINE_TEST_SET'], process.env['LOADLINE_TEST_NEW']]).toEqual(['mine', 'a b']);
    } finally {
      delete process.env['LOADLINE_TEST_SET'];
      delete process.env['LOADLINE_TEST_NEW'];
    }
  });

  test('that is nowhere is ConfigNotFound with the remedy', async () => {
    const failure = await failureOf(() => load(project({})));
    expect(failure.type).toBe('ConfigNotFound');
    expect(failure.message).toContain('loadline.config.ts');
  });
});

describe('a wrong option is refused with its name, its value and what is accepted:', () => {
  const cases: [title: string, text: string, ...words: string[]][] = [
    ['a mistyped option', configText("worker: { taskQeue: 'x' },"), 'worker.taskQeue', 'Did you mean "taskQueue"?'],
    ['a mistyped section', configText("temporl: { address: 'x' },"), 'temporl', 'Did you mean "temporal"?'],
    ['a duration without a unit', configText('', "url: env('A'), lockTimeout: '5'"), 'warehouses.main.lockTimeout', '"5"', 'from 1s to 1h'],
    ['a duration out of range', configText('', "url: env('A'), claimLease: '1s'"), 'warehouses.main.claimLease', '"1s"', 'from 10s to 1h'],
    ['nonsense for a duration', configText('', "url: env('A'), stageTimeout: 'soon'"), 'warehouses.main.stageTimeout', '"soon"', '48h'],
    ['a number out of range', configText('', "url: env('A'), maxStaging: 0"), 'warehouses.main.maxStaging', 'got 0', '1 to 100'],
    ['a schema that needs quotes', configText('', "url: env('A'), ledgerSchema: 'My Ledger'"), 'warehouses.main.ledgerSchema', 'My Ledger', 'lower-case'],
    ['one schema for ledger and stages', configText('', "url: env('A'), ledgerSchema: 'x', stageSchema: 'x'"), 'stageSchema', '"x"', 'another schema'],
    ['an empty task queue', configText("worker: { taskQueue: '' },"), 'worker.taskQueue', '""', 'the name of a task queue'],
    ['a module that does not exist', configText("worker: { workflows: './nope' },"), 'worker.workflows', '"./nope"', 'a module'],
    ['contracts that match nothing', configText().replace('contracts: []', "contracts: ['./c/*.yml']"), 'contracts[0]', './c/*.yml', 'glob'],
    ['a text that is no module', 'export default {', 'loadline.config.ts', 'a module that exports'],
    ['no default export', 'export const a = 1;', 'loadline.config.ts', 'defineConfig', 'got nothing'],
  ]; // prettier-ignore
  test.each(cases)('%s', async (_title, text, ...words) => {
    const failure = await failureOf(() => load(project({ 'loadline.config.ts': text })));
    expect(failure.type).toBe('InvalidConfig');
    for (const word of words) expect(failure.message).toContain(word);
  });

  test('a profile that does not exist', async () => {
    const dir = project({ 'loadline.config.ts': configText('profiles: { prod: {} },') });
    const failure = await failureOf(() => load(dir, 'prd'));
    expect(failure.message).toMatch(/"prd".*Did you mean "prod"\?/);
  });

  test('several at once, of which all are named', async () => {
    const dir = project({ 'loadline.config.ts': configText("worker: { taskQeue: 'x' }, state: 7,") });
    const { message } = await failureOf(() => load(dir));
    expect(message).toContain('2 options are wrong; the others: state');
  });
});
