import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobInputs } from '../../../cli/ci/inputs';
import { jobs, type JobName } from '../../../cli/ci/jobs';
import { callsOf, withoutEmpty } from '../../../cli/ci/run-job';
import { verdict } from '../../../cli/ci/verdict';
import { terminalOf } from '../../../cli/terminal';
import { parsed } from './parsed';
import { source } from './support';

const folder = mkdtempSync(join(tmpdir(), 'loadline-ci-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const lines = (job: JobName, env: NodeJS.ProcessEnv): string[] =>
  callsOf(job, env).map(({ program, args }) => [program, ...args].join(' '));
const build = { LOADLINE_BUILD_ID: 'abc123' };

test('without inputs a job is called with the defaults of the templates', () => {
  expect(lines('tests', {})).toEqual(['npm run typecheck', 'npm run test']);
  expect(lines('replay', {})).toEqual([
    'loadline replay --report junit --report markdown --output loadline-report/replay',
  ]);
  expect(lines('bundle', build)).toEqual(['loadline bundle --output .loadline-bundles/abc123.js']);
  expect(lines('deploy', build)).toEqual([
    'loadline deploy --build-id abc123 --bundles .loadline-bundles --wait 5m --ramp 10,50 --observe 10m --min-runs 5 ' +
      '--max-failure-rate 0.05 --report junit --report markdown --output loadline-report/deploy',
  ]);
  expect(lines('rollback', {})).toEqual([
    'loadline rollback --yes --bundles .loadline-bundles --report junit --report markdown --output loadline-report/rollback',
  ]);
});

test('inputs become options: lists as JSON, with commas or in lines', () => {
  for (const ramp of ['[5,25]', '["5","25"]\n', '5, 25', '5\n25\n'])
    expect(lines('deploy', { ...build, LOADLINE_CI_RAMP: ramp })[0]).toContain('--ramp 5,25 ');
  const env = {
    LOADLINE_CI_CONFIG: 'etl/loadline.config.ts\n',
    LOADLINE_CI_HISTORIES: '["a b.json","more"]',
    LOADLINE_CI_QUERY: "ExecutionStatus='Running'\n",
    LOADLINE_CI_ACKNOWLEDGED: 'moved.yml',
    LOADLINE_CI_REPORTS: 'sarif',
  };
  expect(callsOf('replay', env)[0]!.args).toEqual([
    ...['--config', 'etl/loadline.config.ts', 'replay', 'a b.json', 'more', '--query', "ExecutionStatus='Running'"],
    ...['--acknowledged', 'moved.yml', '--report', 'sarif', '--output', 'loadline-report/replay'],
  ]);
  expect(lines('rollback', { LOADLINE_CI_ROLLBACK_BUILD_ID: 'old' })[0]).toContain('--build-id old');
  expect(lines('deploy', { ...build, LOADLINE_CI_CANARY: 'false' })[0]).toContain('--no-canary');
});

test('each sample is one check, of the files that its pattern names', () => {
  for (const name of ['b.csv', 'a.csv', 'c.txt']) writeFileSync(name, '');
  expect(
    lines('quality', { LOADLINE_CI_SAMPLES: '["orders=*.csv","contracts/x.yml=c.txt"]', LOADLINE_CI_STRICT: 'true' }),
  ).toEqual([
    'loadline check orders a.csv b.csv --strict --report junit --report markdown --output loadline-report/quality/orders',
    'loadline check contracts/x.yml c.txt --strict --report junit --report markdown --output loadline-report/quality/contracts-x.yml',
  ]);
});

test.each([
  ['quality', {}, 'The input samples is missing (LOADLINE_CI_SAMPLES).'],
  ['quality', { LOADLINE_CI_SAMPLES: '' }, 'The input samples is empty (LOADLINE_CI_SAMPLES).'],
  ['quality', { LOADLINE_CI_SAMPLES: '[]' }, 'The input samples is empty (LOADLINE_CI_SAMPLES).'],
  ['quality', { LOADLINE_CI_SAMPLES: 'orders.csv' }, 'The input samples has orders.csv.'],
  ['quality', { LOADLINE_CI_SAMPLES: 'orders=gone/*.csv' }, 'No file is like gone/*.csv, of the input samples.'],
  ['quality', { LOADLINE_CI_SAMPLES: '[{"a":1}]' }, 'The input samples is [{"a":1}].'],
  ['quality', { LOADLINE_CI_SAMPLES: '[1,' }, 'The input samples is [1,.'],
  ['tests', { LOADLINE_CI_TEST_SCRIPTS: '' }, 'The input test-scripts is empty (LOADLINE_CI_TEST_SCRIPTS).'],
  ['bundle', {}, 'LOADLINE_BUILD_ID is not set.'],
  ['deploy', {}, 'LOADLINE_BUILD_ID is not set.'],
  ['deploy', { ...build, LOADLINE_CI_ENVIRONMENT: '' }, 'The input environment is empty (LOADLINE_CI_ENVIRONMENT).'],
  ['deploy', { ...build, LOADLINE_CI_ENVIRONMENT: 'a b' }, 'The input environment is a b.'],
  ['deploy', { ...build, LOADLINE_CI_OBSERVE: 'soon' }, 'The input observe is soon.'],
  ['deploy', { ...build, LOADLINE_CI_MIN_RUNS: 'few' }, 'The input min-runs is few.'],
  ['deploy', { ...build, LOADLINE_CI_CANARY: 'yes' }, 'The input canary is yes.'],
  ['deploy', { ...build, LOADLINE_CI_RAMP: '[]' }, 'The input ramp is empty (LOADLINE_CI_RAMP).'],
] as const)('%s with %j is refused: the input is named', (job, env, message) => {
  expect(() => callsOf(job, env)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
});

test('every input that the source gives to a job is read by it, by its type', () => {
  const inputs = jobInputs({ LOADLINE_CI_SAMPLES: 'a=b' });
  for (const [name, { type }] of Object.entries(source.inputs)) {
    const read = { array: inputs.list, boolean: inputs.flag, string: inputs.text, number: inputs.text }[type]!;
    expect(() => read(name)).not.toThrow();
  }
});

test('secrets that are not set in GitHub are no variables', () => {
  const env = { TEMPORAL_ADDRESS: 'host:7233', TEMPORAL_API_KEY: '', DATABASE_URL: '', OTHER: '' };
  expect(withoutEmpty(env)).toEqual({ TEMPORAL_ADDRESS: 'host:7233', OTHER: '' });
});

test.each(['quality', 'bundle', 'tests', 'replay', 'deploy', 'rollback'] as const)(
  'the command line knows what %s calls',
  (job) => {
    writeFileSync('a.csv', '');
    const env = {
      ...build,
      LOADLINE_CI_SAMPLES: 'orders=a.csv',
      LOADLINE_CI_CONFIG: 'x.ts',
      LOADLINE_CI_QUERY: 'q',
      LOADLINE_CI_ACKNOWLEDGED: 'f',
      LOADLINE_CI_STRICT: 'true',
      LOADLINE_CI_CANARY: 'false',
      LOADLINE_CI_ROLLBACK_BUILD_ID: 'b',
    };
    expect(Object.keys(jobs)).toContain(job);
    for (const { program, args } of callsOf(job, env)) if (program === 'loadline') expect(parsed(args)).toBe('known');
  },
);

function verdictOf(results: unknown, deploys: string): { code: number; text: string } {
  let text = '';
  const stdout = { write: (written: string) => (text += written) };
  const terminal = terminalOf({ stdout, stderr: stdout }, { json: false, verbose: false });
  const code = verdict({ LOADLINE_CI_RESULTS: JSON.stringify(results), LOADLINE_CI_DEPLOYS: deploys }, terminal);
  return { code, text };
}

test('the gate has passed when every job has, and the deploy where there is one to be', () => {
  const green = { tests: { result: 'success' }, deploy: { result: 'success' } };
  expect(verdictOf(green, 'true').code).toBe(0);
  expect(verdictOf({ ...green, deploy: { result: 'skipped' } }, 'false').code).toBe(0);
});

test.each(['failure', 'cancelled', 'skipped'])(
  'a deploy that is not approved and ends as %s is a failure',
  (result) => {
    const { code, text } = verdictOf({ tests: { result: 'success' }, deploy: { result } }, 'true');
    expect(code).toBe(1);
    expect(text).toContain(`✗ deploy  ${result}`);
  },
);

test('a job that was skipped because another failed is no pass, and neither is nothing at all', () => {
  expect(verdictOf({ tests: { result: 'skipped' } }, 'false').code).toBe(1);
  expect(() => verdictOf({}, 'false')).toThrow('LOADLINE_CI_RESULTS is empty.');
});
