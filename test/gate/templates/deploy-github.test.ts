import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWorkflow, type Workflow } from './support/github';
import { openRelease, type Release } from './support/release';
import { hasGo, inCi } from './support/tools';

const minutes = (n: number): number => n * 60_000;
const gate = ['install', 'bundle', 'tests', 'replay', 'quality'];
const ended = (how: string, ...jobs: string[]) => Object.fromEntries(jobs.map((job) => [job, how]));
const report = ({ artifacts }: Workflow, job: string, file: string): string =>
  readFileSync(join(artifacts, `loadline-report-${job}`, file), 'utf8');

const goes = hasGo || inCi ? describe : describe.skip;
goes('GitHub, run by act (needs Go)', () => {
  let release: Release;
  let first: string;
  let second: string;
  let secrets: Record<string, string>;
  beforeAll(async () => {
    release = await openRelease('release-github');
    first = await release.routing();
    secrets = { TEMPORAL_ADDRESS: release.temporalAddress };
    release.repository.replace(
      '.github/workflows/loadline.yml',
      'with:',
      "with:\n      ramp: '[50]'\n      observe: 6s\n      min-runs: 1\n      wait: 20s\n      test-scripts: test",
    );
  }, minutes(2));
  afterAll(() => release?.close());

  test(
    'the workflow of a good build brings it in: canary, ramp, promotion',
    async () => {
      second = await release.build();
      const loads = release.loads();
      const workflow = await runWorkflow(release.repository, { secrets }).finally(() => loads.end());
      expect({ code: workflow.code, jobs: workflow.jobs }).toEqual({
        code: 0,
        jobs: ended('success', ...gate, 'deploy', 'verdict'),
      });
      expect(await release.routing()).toBe(second);
      expect(second).not.toBe(first);
      expect(JSON.parse(report(workflow, 'deploy', 'findings.json'))).toMatchObject({
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
    'a build whose canary fails gets no run: the deploy is red, its report says why, and the verdict is no pass',
    async () => {
      release.repository.replace(
        'workflows/orders.ts',
        'export const tryOrders = loadOrders;',
        "export const tryOrders = () => Promise.reject(new TypeError('no such thing'));",
      );
      await release.build();
      const workflow = await runWorkflow(release.repository, { secrets });
      expect({ code: workflow.code, jobs: workflow.jobs }).toEqual({
        code: 1,
        jobs: { ...ended('success', ...gate), ...ended('failure', 'deploy', 'verdict') },
      });
      expect(await release.routing()).toBe(second);
      expect(report(workflow, 'deploy', 'junit.xml')).toMatch(/<failure[^]*The code of tryOrders fails: no such thing/);
    },
    minutes(5),
  );

  test(
    'the workflow that goes back makes the build current that was current before',
    async () => {
      const back = { event: 'workflow_dispatch', workflow: 'loadline-rollback.yml', secrets } as const;
      const workflow = await runWorkflow(release.repository, back);
      expect({ code: workflow.code, jobs: workflow.jobs }).toEqual({ code: 0, jobs: ended('success', 'rollback') });
      expect(await release.routing()).toBe(first);
      expect(JSON.parse(report(workflow, 'rollback', 'findings.json'))).toMatchObject({
        tool: 'loadline rollback',
      });
    },
    minutes(2),
  );
});
