import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../integration/cli/support/program';
import { createDatabase, services } from '../../services/services';
import { runWorkflow } from './support/github';
import { runPipeline } from './support/gitlab';
import { sampleRepository, type Repository } from './support/repository';
import { succeed } from './support/run';
import { surroundings } from './support/surroundings';
import { hasGo, inCi } from './support/tools';

const minutes = (n: number): number => n * 60_000;
const cli = join(__dirname, '../../../dist/cli/main.js');
const jobs = ['loadline:install', 'loadline:replay'];
let recorded: Repository;

/** A load of the sample's pipeline on real servers, recorded as a user would. */
beforeAll(async () => {
  recorded = await sampleRepository();
  recorded.replace('loadline.config.ts', 'worker: {', `worker: { taskQueue: 'templates-${process.pid}',`);
  const env = surroundings({
    DATABASE_URL: await createDatabase('templates'),
    TEMPORAL_ADDRESS: services().temporalAddress,
  });
  const options = { cwd: recorded.folder, env };
  const worker = start(options.cwd, options.env, ['worker']);
  try {
    await worker.until('polling');
    await succeed(process.execPath, [cli, 'run', 'loadOrders'], options);
  } finally {
    worker.child.kill('SIGTERM');
    await worker.ended;
  }
  const query = `TaskQueue='templates-${process.pid}'`;
  await succeed(process.execPath, [cli, 'history', 'record', '--query', query], options);
}, minutes(5));

async function changed(change: (repository: Repository) => void = () => undefined): Promise<Repository> {
  const repository = await sampleRepository();
  cpSync(join(recorded.folder, 'histories'), join(repository.folder, 'histories'), { recursive: true });
  // What is asked here is what the gate says of histories.
  repository.replace('.github/workflows/loadline.yml', 'with:', 'with:\n      deploy: false');
  repository.replace('package.json', '"tsc"', '"node --version"');
  change(repository);
  await repository.commit();
  return repository;
}

const workflow = 'workflows/orders.ts';
/** Another command stands before the load: a run under way would not find its way. */
const moved = (repository: Repository): void => {
  repository.replace(workflow, 'return load(', "await sleep('1 minute');\n  return load(");
  repository.write(workflow, `import { sleep } from '@temporalio/workflow';\n${repository.read(workflow)}`);
};
const otherKey = (repository: Repository): void =>
  repository.replace(workflow, "pipeline: 'orders'", "pipeline: 'orders-2'");

describe('GitLab', () => {
  test(
    'replays the histories that were recorded',
    async () => {
      const repository = await changed();
      const pipeline = await runPipeline(repository, {}, jobs);
      expect(pipeline).toMatchObject({ code: 0, failed: [] });
      expect(readFileSync(pipeline.artifact('loadline:replay', 'loadline-report/replay/junit.xml'), 'utf8')).toContain(
        'failures="0"',
      );
    },
    minutes(4),
  );

  test.each([
    ['an activity that has moved', moved, /Nondeterminism[\s\S]*event/i],
    ['a changed key', otherKey, /LoadKeyChanged/],
  ])(
    'turns red for %s, and the reports name it',
    async (_, change, named) => {
      const repository = await changed(change);
      const pipeline = await runPipeline(repository, {}, jobs);
      expect(pipeline).toMatchObject({ code: 1, failed: ['loadline:replay'] });
      const report = (file: string): string =>
        readFileSync(pipeline.artifact('loadline:replay', `loadline-report/replay/${file}`), 'utf8');
      expect(report('junit.xml')).toMatch(named);
      expect(JSON.parse(report('codequality.json'))).not.toEqual([]);
    },
    minutes(4),
  );
});

const goes = hasGo || inCi ? describe : describe.skip;
goes('GitHub, run by act (needs Go)', () => {
  const all = ['install', 'bundle', 'tests', 'replay', 'quality', 'verdict'];

  test(
    'passes the gate',
    async () => {
      const { code, text, jobs } = await runWorkflow(await changed());
      expect({ code, jobs, text: code === 0 ? '' : text }).toEqual({
        code: 0,
        jobs: Object.fromEntries(all.map((job) => [job, 'success'])),
        text: '',
      });
    },
    minutes(4),
  );

  test(
    'turns red for a changed key and a bad sample: annotations name both, and the verdict is no pass',
    async () => {
      const repository = await changed((one) => {
        otherKey(one);
        one.replace('.github/workflows/loadline.yml', 'with:', 'with:\n      sarif: true');
        one.write(
          'data/orders/orders.csv',
          `${one.read('data/orders/orders.csv')}A9,Kurt,secret-sum,2026-11-22,no,2026-11-22T09:20:00Z\n`,
        );
      });
      const { code, text, jobs, artifacts } = await runWorkflow(repository);
      expect(code).toBe(1);
      expect(jobs).toMatchObject({
        tests: 'success',
        replay: 'failure',
        quality: 'failure',
        sarif: 'success',
        verdict: 'failure',
      });
      expect(text).toContain('LoadKeyChanged');
      expect(text).not.toContain('secret-sum');
      expect(readFileSync(join(artifacts, 'code-scanning/loadline-report-replay/findings.sarif'), 'utf8')).toContain(
        'LoadKeyChanged',
      );
    },
    minutes(4),
  );

  test(
    'without an input that must be given, the job names it and ends with 2',
    async () => {
      const repository = await changed((one) =>
        one.replace('.github/workflows/loadline.yml', /samples: .*/, "config: ''"),
      );
      const { code, text, jobs } = await runWorkflow(repository);
      expect(code).toBe(1);
      expect(jobs).toMatchObject({ quality: 'failure', verdict: 'failure' });
      expect(text).toContain('The input samples is empty (LOADLINE_CI_SAMPLES).');
      expect(text).toContain('exit status 2');
    },
    minutes(4),
  );
});
