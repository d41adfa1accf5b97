import { readFileSync } from 'node:fs';
import { listJobs, runPipeline } from './support/gitlab';
import { sampleRepository } from './support/repository';

const named = (...jobs: string[]): string[] => jobs.map((job) => `loadline:${job}`).sort();
const minutes = (n: number): number => n * 60_000;

describe('the jobs of a pipeline', () => {
  test(
    'on the default branch: everything, the way back by hand',
    async () => {
      const repository = await sampleRepository();
      await repository.commit();
      const jobs = await listJobs(repository);
      expect(
        jobs.map(({ name, stage, when, allow_failure, needs }) => [
          name,
          stage,
          when,
          allow_failure,
          needs.map(({ job }) => job),
        ]),
      ).toEqual([
        ['loadline:install', 'build', 'on_success', false, []],
        ['loadline:bundle', 'build', 'on_success', false, named('install')],
        ['loadline:tests', 'test', 'on_success', false, named('install')],
        ['loadline:replay', 'test', 'on_success', false, named('install')],
        ['loadline:quality', 'test', 'on_success', false, named('install')],
        [
          'loadline:deploy',
          'deploy',
          'on_success',
          false,
          ['bundle', 'tests', 'replay', 'quality'].flatMap((job) => named(job)),
        ],
        ['loadline:rollback', 'deploy', 'manual', true, []],
      ]);
    },
    minutes(1),
  );

  test(
    'of a merge request, of a schedule, and where no deploy is wanted: none that deploys',
    async () => {
      const repository = await sampleRepository();
      await repository.commit();
      const gate = named('install', 'bundle', 'tests', 'replay', 'quality');
      for (const source of ['merge_request_event', 'schedule']) {
        const jobs = await listJobs(repository, {
          CI_PIPELINE_SOURCE: source,
        });
        expect(jobs.map(({ name }) => name).sort()).toEqual(gate);
      }
      repository.replace('.gitlab-ci.yml', 'inputs:', 'inputs:\n      deploy: false');
      expect((await listJobs(repository)).map(({ name }) => name).sort()).toEqual(gate);
    },
    minutes(1),
  );

  test(
    'where the environment cannot be protected, a deploy waits for a person and the pipeline does not pass before',
    async () => {
      const repository = await sampleRepository();
      repository.replace('.gitlab-ci.yml', 'inputs:', 'inputs:\n      deploy-when: manual');
      await repository.commit();
      const deploy = (await listJobs(repository)).find(({ name }) => name === 'loadline:deploy');
      expect(deploy).toMatchObject({ when: 'manual', allow_failure: false });
    },
    minutes(1),
  );

  test.each([
    ['an input that must be given', (text: string) => text.replace(/samples:\n +- .*/, "config: ''"), 'samples'],
    ['an input of another type', (text: string) => text.replace('inputs:', 'inputs:\n      strict: perhaps'), 'strict'],
    ['a duration that is none', (text: string) => text.replace('inputs:', 'inputs:\n      observe: soon'), 'observe'],
    [
      'an option that there is not',
      (text: string) => text.replace('inputs:', 'inputs:\n      deploy-when: never'),
      'deploy-when',
    ],
  ])(
    'are none without %s: the input is named',
    async (_, change, input) => {
      const repository = await sampleRepository();
      repository.write('.gitlab-ci.yml', change(repository.read('.gitlab-ci.yml')));
      await repository.commit();
      await expect(listJobs(repository)).rejects.toThrow(input);
    },
    minutes(1),
  );
});

describe('the job quality', () => {
  const jobs = named('install', 'quality');

  test(
    'passes good samples, and leaves its reports',
    async () => {
      const repository = await sampleRepository();
      await repository.commit();
      const pipeline = await runPipeline(repository, {}, jobs);
      expect(pipeline).toMatchObject({ code: 0, passed: jobs, failed: [] });
      expect(pipeline.text).toContain('$ loadline check orders data/orders/orders.csv');
      const junit = readFileSync(
        pipeline.artifact('loadline:quality', 'loadline-report/quality/orders/junit.xml'),
        'utf8',
      );
      expect(junit).toContain('failures="0"');
    },
    minutes(4),
  );

  test(
    'fails a bad sample: the reports name the check and its line in the contract, and no value',
    async () => {
      const repository = await sampleRepository();
      repository.write(
        'data/orders/orders.csv',
        `${repository.read('data/orders/orders.csv')}A1006,Kurt,secret-sum,2026-11-22,no,2026-11-22T09:20:00Z\n`,
      );
      await repository.commit();
      const pipeline = await runPipeline(repository, {}, jobs);
      expect(pipeline).toMatchObject({ code: 1, failed: named('quality') });
      const report = (file: string): string =>
        readFileSync(pipeline.artifact('loadline:quality', `loadline-report/quality/orders/${file}`), 'utf8');
      const [finding] = JSON.parse(report('codequality.json')) as { check_name: string; location: { path: string } }[];
      expect(finding!.location.path).toBe('contracts/orders.ts');
      expect(report('junit.xml')).toContain('<failure');
      expect(report('junit.xml') + report('codequality.json')).not.toContain('secret-sum');
    },
    minutes(4),
  );
});

describe('the job install', () => {
  test(
    'fails where a template was edited',
    async () => {
      const repository = await sampleRepository();
      repository.replace('.gitlab/loadline/gate.yml', 'timeout: 360 minutes', 'timeout: 361 minutes');
      await repository.commit();
      const pipeline = await runPipeline(repository, {}, named('install'));
      expect(pipeline).toMatchObject({ code: 1, failed: named('install') });
      expect(pipeline.text).toContain('.gitlab/loadline/gate.yml is edited');
    },
    minutes(4),
  );
});

describe('the job tests', () => {
  test(
    'passes where types and unit tests do, and fails where one does not',
    async () => {
      const repository = await sampleRepository();
      await repository.commit();
      expect(await runPipeline(repository, {}, named('install', 'tests'))).toMatchObject({ code: 0, failed: [] });
      repository.replace('workflows/orders.ts', "mode: 'merge'", "mode: 'mend'");
      await repository.commit();
      const pipeline = await runPipeline(repository, {}, named('install', 'tests'));
      expect(pipeline).toMatchObject({ code: 1, failed: named('tests') });
      expect(pipeline.text).toMatch(/workflows\/orders\.ts.*error TS/);
    },
    minutes(4),
  );
});
