import { readFileSync } from 'node:fs';
import { runPipeline, type Pipeline } from './support/gitlab';
import { openRelease, type Release } from './support/release';

const minutes = (n: number): number => n * 60_000;
const named = (...jobs: string[]): string[] => jobs.map((job) => `loadline:${job}`).sort();
const gate = ['install', 'bundle', 'tests', 'replay', 'quality'];

let release: Release;
let first: string;
let second: string;
beforeAll(async () => {
  release = await openRelease('release-gitlab');
  first = await release.routing();
  release.repository.replace(
    '.gitlab-ci.yml',
    'inputs:',
    'inputs:\n      ramp: [50]\n      observe: 6s\n      min-runs: 1\n      wait: 20s\n      test-scripts: [test]',
  );
}, minutes(2));
afterAll(() => release?.close());

const run = (...jobs: string[]): Promise<Pipeline> =>
  runPipeline(release.repository, { TEMPORAL_ADDRESS: release.temporalAddress }, named(...jobs));
const report = (pipeline: Pipeline, job: string, file: string): string =>
  readFileSync(pipeline.artifact(`loadline:${job}`, `loadline-report/${job}/${file}`), 'utf8');

test(
  'the pipeline of a good build brings it in: canary, ramp, promotion',
  async () => {
    second = await release.build();
    const loads = release.loads();
    const pipeline = await run(...gate, 'deploy').finally(() => loads.end());
    expect(pipeline).toMatchObject({ code: 0, passed: named(...gate, 'deploy'), failed: [] });
    expect(await release.routing()).toBe(second);
    expect(second).not.toBe(first);
    expect(JSON.parse(report(pipeline, 'deploy', 'findings.json'))).toMatchObject({
      passed: expect.arrayContaining(
        ['canary', 'ramp-50', 'observe-50', 'promote'].map((id) => expect.objectContaining({ id })),
      ),
      // The first deploy was made by hand, and kept no bundle.
      findings: [{ id: 'backward-replay', level: 'warning' }],
    });
  },
  minutes(5),
);

test(
  'a build whose canary fails gets no run: the job is red, and its report says why',
  async () => {
    release.repository.replace(
      'workflows/orders.ts',
      'export const tryOrders = loadOrders;',
      "export const tryOrders = () => Promise.reject(new TypeError('no such thing'));",
    );
    await release.build();
    const pipeline = await run(...gate, 'deploy');
    expect(pipeline).toMatchObject({ code: 1, passed: named(...gate), failed: named('deploy') });
    expect(await release.routing()).toBe(second);
    expect(report(pipeline, 'deploy', 'junit.xml')).toMatch(/<failure[^]*The code of tryOrders fails: no such thing/);
  },
  minutes(5),
);

test(
  'the job rollback, started by hand, makes the build current that was current before',
  async () => {
    const pipeline = await run('rollback');
    expect(pipeline).toMatchObject({ code: 0, passed: named('rollback') });
    expect(await release.routing()).toBe(first);
    expect(JSON.parse(report(pipeline, 'rollback', 'findings.json'))).toMatchObject({ verdict: 'pass' });
  },
  minutes(2),
);
