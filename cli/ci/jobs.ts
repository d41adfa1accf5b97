import path from 'node:path';
import { reportFolder } from '../reports/write-reports';
import { UsageError } from '../usage-error';
import { variableOf, type JobInputs } from './inputs';

/** A command that a job runs: `loadline` or `npm`, as it could be typed by hand. */
export interface Call {
  readonly program: 'loadline' | 'npm';
  readonly args: readonly string[];
}

/** What a job is told besides its inputs. */
export interface JobSurroundings {
  readonly buildId: string | undefined;
  /** The kinds of reports. */
  readonly reports: readonly string[];
  /** The files that a pattern names. */
  glob(pattern: string): readonly string[];
}

/** Where bundles go, relative to the working directory. */
const bundlesFolder = '.loadline-bundles';

type Job = (inputs: JobInputs, surroundings: JobSurroundings) => readonly Call[];

/** The jobs of the templates that `loadline ci run` knows, each as the commands that it stands for. */
export const jobs = {
  tests: (inputs) => given('test-scripts', inputs).map((script) => ({ program: 'npm', args: ['run', script] })),
  replay: (inputs, { reports }) => [
    loadline(inputs, [
      ...['replay', ...inputs.list('histories')],
      ...option('--query', inputs.text('query')),
      ...option('--acknowledged', inputs.text('acknowledged')),
      ...reporting('replay', reports),
    ]),
  ],
  quality: (inputs, surroundings) => given('samples', inputs).map((sample) => check(sample, inputs, surroundings)),
  bundle: (inputs, surroundings) => [
    loadline(inputs, ['bundle', '--output', path.posix.join(bundlesFolder, `${buildOf(surroundings)}.js`)]),
  ],
  deploy: (inputs, surroundings) => [
    loadline(inputs, [
      ...['deploy', '--build-id', buildOf(surroundings), '--bundles', bundlesFolder],
      ...[
        '--wait',
        inputs.text('wait'),
        '--ramp',
        given('ramp', inputs).join(','),
        '--observe',
        inputs.text('observe'),
      ],
      ...['--min-runs', inputs.text('min-runs'), '--max-failure-rate', inputs.text('max-failure-rate')],
      ...(inputs.flag('canary') ? [] : ['--no-canary']),
      ...reporting('deploy', surroundings.reports),
    ]),
  ],
  rollback: (inputs, { reports }) => [
    loadline(inputs, [
      ...['rollback', '--yes', '--bundles', bundlesFolder, ...option('--build-id', inputs.text('rollback-build-id'))],
      ...reporting('rollback', reports),
    ]),
  ],
} as const satisfies Record<string, Job>;

/** A job of the templates. */
export type JobName = keyof typeof jobs;

/** Inputs that change no command but must make sense: without an environment nobody would be asked for approval. */
export const alsoNeeded: Partial<Record<JobName, readonly string[]>> = {
  deploy: ['environment'],
  rollback: ['environment'],
};

function loadline(inputs: JobInputs, args: readonly string[]): Call {
  return { program: 'loadline', args: [...option('--config', inputs.text('config')), ...args] };
}

const option = (name: string, value: string): string[] => (value === '' ? [] : [name, value]);

const reporting = (folder: string, kinds: readonly string[]): string[] => [
  ...kinds.flatMap((kind) => ['--report', kind]),
  ...['--output', path.posix.join(reportFolder, folder)],
];

/** An empty list would be a job that passes because it does nothing. */
function given(name: string, inputs: JobInputs): readonly string[] {
  const values = inputs.list(name);
  if (values.length > 0) return values;
  throw new UsageError(`The input ${name} is empty (${variableOf(name)}).`, 'Name at least one.');
}

function check(sample: string, inputs: JobInputs, { reports, glob }: JobSurroundings): Call {
  const [, contract, pattern] = /^([^=]+)=(.+)$/.exec(sample) ?? [];
  if (contract === undefined || pattern === undefined)
    throw new UsageError(
      `The input samples has ${sample}.`,
      'Give contract=glob, such as orders=samples/orders/*.csv.',
    );
  const files = glob(pattern);
  if (files.length === 0)
    throw new UsageError(`No file is like ${pattern}, of the input samples.`, 'Correct it, or commit a sample.');
  const folder = path.posix.join('quality', contract.replace(/[^\w.-]+/g, '-'));
  const strict = inputs.flag('strict') ? ['--strict'] : [];
  return loadline(inputs, ['check', contract, ...files, ...strict, ...reporting(folder, reports)]);
}

function buildOf({ buildId }: JobSurroundings): string {
  if (buildId) return buildId;
  throw new UsageError('LOADLINE_BUILD_ID is not set.', 'Set it to the commit, as the workers of this build have it.');
}
