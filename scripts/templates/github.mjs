import { actions } from './actions.mjs';
import { command, inputsOf, reportsOf, variableOf } from './source.mjs';

const expression = (text) => `\${{ ${text} }}`;
const input = (name) => expression(`inputs.${name}`);
const deploys =
  "inputs.deploy && github.event_name != 'schedule' && github.ref == format('refs/heads/{0}', github.event.repository.default_branch)";

const uses = (name, more) => ({ uses: actions[name], ...more });

/** The reusable workflow that is the gate. */
export function gateWorkflow(source) {
  const jobs = source.jobs.filter(({ byHand }) => !byHand);
  const taken = inputsOf(source, 'github').filter(
    ({ of }) => !of || of.length === 0 || jobs.some(({ name }) => of.includes(name)),
  );
  return {
    name: 'Loadline gate',
    on: {
      workflow_call: {
        inputs: Object.fromEntries(taken.map(callInputOf)),
        secrets: Object.fromEntries(
          Object.entries(source.secrets).map(([name, description]) => [name, { description, required: false }]),
        ),
      },
    },
    permissions: {},
    jobs: Object.fromEntries([
      ...jobs.map((job) => [job.name, jobOf(job)]),
      ['sarif', sarifJob(jobs)],
      ['verdict', verdictJob(jobs)],
    ]),
  };
}

/** The workflow that goes back to an earlier build, started by hand. */
export function rollbackWorkflow(source) {
  const job = source.jobs.find(({ byHand }) => byHand);
  const own = ['runs-on', 'node-version'];
  const taken = inputsOf(source, 'github').filter(({ name, of = [] }) => of.includes(job.name) || own.includes(name));
  return {
    name: 'Loadline rollback',
    on: { workflow_dispatch: { inputs: Object.fromEntries(taken.map(callInputOf)) } },
    permissions: {},
    jobs: { [job.name]: jobOf(job) },
  };
}

/** The composite action that every job begins with, after it has checked out. */
export const setupAction = () => ({
  name: 'Set up Loadline',
  description: 'Node, and the packages of the lockfile.',
  inputs: { 'node-version': { description: 'The version of Node; 20.19 or later.', required: true } },
  runs: {
    using: 'composite',
    steps: [
      uses('setupNode', { with: { 'node-version': input('node-version'), cache: 'npm' } }),
      { run: 'npm ci --no-audit --no-fund', shell: 'bash' },
    ],
  },
});

/** A list travels as text: GitHub has no lists. */
function callInputOf({ name, type, description, ...rest }) {
  const value = type === 'array' ? JSON.stringify(rest.default) : rest.default;
  const given = 'default' in rest ? { required: false, default: value } : { required: true };
  return [name, { description, type: type === 'array' ? 'string' : type, ...given }];
}

function jobOf(job) {
  return {
    ...(job.needs.length > 0 && { needs: job.needs }),
    ...(job.deploys && { if: deploys }),
    'runs-on': input('runs-on'),
    'timeout-minutes': job.minutes,
    permissions: { contents: 'read', ...(job.deploys && { 'id-token': 'write' }) },
    ...placeOf(job),
    ...envOf(job),
    steps: [...setup(), ...stepsOf(job)],
  };
}

function placeOf(job) {
  const environment = { environment: input('environment') };
  // A way back does not queue behind the deploy that it is to undo: it has no concurrency group.
  if (job.byHand) return environment;
  if (!job.deploys) return {};
  const concurrency = { group: `loadline-deploy-${input('environment')}`, 'cancel-in-progress': false };
  return { ...environment, concurrency };
}

function envOf({ takes, build, reports, knows }) {
  const env = {
    ...(build && { LOADLINE_BUILD_ID: expression('github.sha') }),
    ...(reports && { LOADLINE_CI_REPORTS: 'junit,sarif,github,summary' }),
    ...Object.fromEntries(takes.map(({ name }) => [variableOf(name), input(name)])),
    ...Object.fromEntries(knows.map((name) => [name, expression(`secrets.${name}`)])),
  };
  return Object.keys(env).length > 0 ? { env } : {};
}

const setup = () => [
  uses('checkout', { with: { 'persist-credentials': false } }),
  { uses: './.github/actions/loadline-setup', with: { 'node-version': input('node-version') } },
];

function stepsOf(job) {
  const { name, keeps, reports } = job;
  return [
    ...(job.deploys || job.byHand ? [bundleCache()] : []),
    ...(job.deploys ? [uses('download', { with: { name: 'loadline-bundles', path: '.loadline-bundles/' } })] : []),
    { run: command(job.run) },
    ...(keeps
      ? [uses('upload', { with: { name: 'loadline-bundles', path: keeps[0], 'include-hidden-files': true } })]
      : []),
    ...(reports
      ? [uses('upload', { if: 'always()', with: { name: `loadline-report-${name}`, path: `${reportsOf(name)}/` } })]
      : []),
  ];
}

/** The bundle of the build that was current before is what a rollback is proved with: a new entry each time, the newest is read. */
const bundleCache = () =>
  uses('cache', {
    with: {
      path: '.loadline-bundles/',
      key: `loadline-bundles-${input('environment')}-${expression('github.run_id')}-${expression('github.run_attempt')}`,
      'restore-keys': `loadline-bundles-${input('environment')}-`,
    },
  });

/** Code scanning takes a folder. */
const sarifJob = (jobs) => ({
  needs: jobs.filter(({ reports, deploys }) => reports && !deploys).map(({ name }) => name),
  if: 'always() && inputs.sarif',
  'runs-on': input('runs-on'),
  'timeout-minutes': 10,
  permissions: { 'security-events': 'write' },
  steps: [
    uses('download', { with: { pattern: 'loadline-report-*', path: 'loadline-report/' } }),
    uses('uploadSarif', { with: { sarif_file: 'loadline-report/' } }),
  ],
});

/** One job to require for a merge: a job that was skipped or refused fails it, where GitHub would call it neutral. */
const verdictJob = (jobs) => ({
  needs: jobs.map(({ name }) => name),
  if: 'always()',
  'runs-on': input('runs-on'),
  'timeout-minutes': 10,
  permissions: { contents: 'read' },
  env: { LOADLINE_CI_RESULTS: expression('toJSON(needs)'), LOADLINE_CI_DEPLOYS: expression(deploys) },
  steps: [...setup(), { run: command('loadline ci run verdict') }],
});
