import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openProject, type CliProject } from '../../integration/cli/support/cli-project';
import type { Ended } from '../../integration/cli/support/program';
import { keepStarting, type Started } from '../support/keep-starting';
import type { DeploymentStatus, DeployResult, RollbackResult } from '../../../client';

jest.setTimeout(150_000);

let project: CliProject;
beforeAll(async () => {
  project = await openProject('deploying');
  await project.file(
    'loadline.config.ts',
    `import { defineConfig, env, localFiles, postgres } from 'loadline';
     export default defineConfig({
       warehouses: { main: postgres({ url: env('DATABASE_URL') }) },
       stores: { raw: localFiles({ root: './data' }) },
       contracts: [{ name: 'lines', table: 'main/public.lines', columns: { id: { type: 'text' } }, create: 'if-missing' }],
       worker: { taskQueue: '${project.taskQueue}', workflows: './workflows.ts', deployment: '${project.taskQueue}' },
     });`,
  );
  await project.file(
    'workflows.ts',
    `import { day, files, load, type LoadReceipt } from 'loadline/workflows';
     export async function daily(on: string): Promise<LoadReceipt> {
       return load({ pipeline: 'daily', into: 'lines', mode: 'append', from: files('raw', on + '.csv'), interval: day(on) });
     }`,
  );
});
afterAll(() => project.close());

async function worker(buildId: string): Promise<void> {
  project.env['LOADLINE_BUILD_ID'] = buildId;
  const { text } = await project.worker();
  expect(text()).toContain(`version ${project.taskQueue} / ${buildId}`);
}

const loads = (): Started =>
  keepStarting(project.client, async (n) => {
    const on = new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
    await project.file(`data/${on}.csv`, `id\n${on}\n`);
    const workflowId = `${project.taskQueue}-${on}`;
    await project.client.workflow.start('daily', { taskQueue: project.taskQueue, workflowId, args: [on] });
    return workflowId;
  });

const deployQuickly = (...more: string[]): string[] => [
  'deploy',
  '--observe',
  '1s',
  '--min-runs',
  '1',
  '--wait',
  '30s',
  ...more,
];

test('before the first deploy, run says that no build is current', async () => {
  await worker('v1');
  const { code, err } = await project.run('run', 'daily', '--input', '"2026-01-01"');
  expect(code).toBe(1);
  expect(err).toMatch(/NoWorker {2}No build is current[^]*Run `loadline deploy`/);
  const first = await project.run('deploy', '--build-id', 'v1');
  expect({ code: first.code, out: first.out }).toEqual({ code: 0, out: expect.stringMatching(/^✓ promoted/) });
});

async function deployKilledInEveryPhase(): Promise<void> {
  const killedAt = async (moment: string, ...more: string[]): Promise<void> => {
    const deploying = project.start(...deployQuickly(...more));
    await deploying.until(moment);
    deploying.child.kill('SIGKILL');
    await deploying.ended;
  };
  // On a busy machine a deploy goes on before it is killed: it observes for so long that it is in the same phase then.
  for (const moment of ['answer on', 'running the canary', 'Loaded twice']) await killedAt(moment, '--observe', '5m');
  // Where the canary has come to is told by none of these.
  for (const moment of ['10 % of new runs', 'At 10 %', '50 % of new runs', 'At 50 %'])
    await killedAt(moment, '--no-canary', '--observe', '5s');
  const last: Ended = await project.run(...deployQuickly('--no-canary', '--json'));
  expect(last.code).toBe(0);
  expect((JSON.parse(last.out) as DeployResult).outcome).toMatch(/^(promoted|already-current)$/);
}

test('killed at every phase and run again, a deploy goes on to the end; loads in flight are in the table once', async () => {
  await worker('v2');
  const inFlight = loads();
  let ids: string[] = [];
  try {
    await deployKilledInEveryPhase();
  } finally {
    ids = await inFlight.end();
  }
  const { rows } = await project.db.query<{ id: string; n: number }>(
    'select id, count(*)::int n from lines group by 1',
  );
  expect(rows).toHaveLength(ids.length);
  expect(rows.filter(({ n }) => n !== 1)).toEqual([]);
  const status = await project.json<DeploymentStatus>('deploy', 'status');
  expect(status).toMatchObject({ current: 'v2', ramping: null, percent: 0 });
  expect(status.builds.map(({ buildId, previous }) => [buildId, previous])).toEqual([
    ['v2', 'v1'],
    ['v1', null],
  ]);
});

test('without evidence a deploy ends with 5, and its reports say why', async () => {
  await worker('v3');
  const ended = await project.run(...deployQuickly('--ramp', '50', '--report', 'junit', '--output', 'out'));
  expect({ code: ended.code, out: ended.out }).toEqual({
    code: 5,
    out: expect.stringMatching(/insufficient evidence/),
  });
  const findings = JSON.parse(readFileSync(join(project.folder, 'out/findings.json'), 'utf8')) as object;
  expect(findings).toMatchObject({
    tool: 'loadline deploy',
    subject: project.taskQueue,
    verdict: 'fail',
    passed: [{ id: 'workers' }, { id: 'canary' }, { id: 'ramp-50' }],
    findings: [
      { id: 'backward-replay', level: 'warning' },
      { id: 'observe-50', level: 'error', title: 'Observation at 50 %: insufficient evidence' },
    ],
  });
  expect(readFileSync(join(project.folder, 'out/junit.xml'), 'utf8')).toContain('observe-50');
});

test('Ctrl-C ends a deploy where it is, and says how it goes on', async () => {
  const deploying = project.start(...deployQuickly('--no-canary', '--ramp', '50', '--observe', '5m'));
  await deploying.until('50 % of new runs go');
  deploying.child.kill('SIGINT');
  const { code, out } = await deploying.ended;
  expect({ code, out }).toEqual({ code: 130, out: expect.stringMatching(/Stopped[^]*goes on from there/) });
  expect(await project.json<DeploymentStatus>('deploy', 'status')).toMatchObject({ ramping: 'v3', percent: 50 });
  const back = await project.run('rollback', '--yes', '--json');
  expect(JSON.parse(back.out) as RollbackResult).toMatchObject({ outcome: 'rolled-back', from: 'v3', ramping: true });
});

test('a rollback asks first, and goes back after the promotion', async () => {
  expect(await project.run('rollback')).toMatchObject({ code: 2, err: expect.stringMatching(/Nothing was changed/) });
  const back = await project.run('rollback', '--yes', '--json');
  expect(back.code).toBe(0);
  expect(JSON.parse(back.out) as RollbackResult).toMatchObject({ outcome: 'rolled-back', from: 'v2', to: 'v1' });
  const again = await project.run('rollback', '--yes');
  expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/nothing to roll back/) });
  expect((await project.run('deploy', '--ramp', '50,10')).code).toBe(2);
  expect(await project.run('deploy', '--bundles', '')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/is empty/),
  });
  expect((await project.run('deploy', '--build-id', 'v9', '--wait', '1s')).code).toBe(1);
});
