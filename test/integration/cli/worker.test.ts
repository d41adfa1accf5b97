import { openProject, type CliProject } from './support/cli-project';

let project: CliProject;
beforeAll(async () => {
  project = await openProject('cli-worker');
  await project.db.query('create table orders (id text primary key, amount numeric(12,2))');
});
afterAll(() => project.close());

test.each(['SIGTERM', 'SIGINT'] as const)('a worker says where it polls, and ends with 0 on %s', async (signal) => {
  const worker = await project.worker();
  expect(worker.text()).toContain(
    `polling ${project.taskQueue} of default at ${project.env['TEMPORAL_ADDRESS']}, build `,
  );
  worker.child.kill(signal);
  expect(await worker.ended).toMatchObject({ code: 0, out: '' });
});

test('SIGTERM lets a running step end; another worker goes on from there', async () => {
  await project.file('data/a.csv', 'id,amount\n1,1\n');
  const first = await project.worker();
  await project.db.query('begin; lock table orders in share row exclusive mode');
  const run = project.start(
    'run',
    '--load',
    'orders',
    '--mode',
    'merge',
    '--from',
    'raw:a.csv',
    '--workflow-id',
    'cli-worker',
  );
  await run.until('publish');
  first.child.kill('SIGTERM');
  await first.until('Stopping');
  await project.db.query('rollback');
  expect((await first.ended).code).toBe(0);
  expect((await project.db.query('select id from orders')).rows).toEqual([{ id: '1' }]);
  await project.worker();
  const { code, out } = await run.ended;
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ (already )?loaded/);
  const history = await project.client.workflow.getHandle('cli-worker').fetchHistory();
  const publishes = (history.events ?? []).filter(
    (e) => e.activityTaskScheduledEventAttributes?.activityType?.name === 'loadline.publish',
  );
  expect(publishes).toHaveLength(1);
});

test('a worker that cannot reach Temporal, or whose workflows do not bundle, ends with 1 and says why', async () => {
  const gone = await project.run('worker', '--address', '127.0.0.1:9');
  expect(gone).toMatchObject({ code: 1, err: expect.stringMatching(/✗ TemporalUnreachable/) });
  await project.file(
    'workflows.ts',
    "import { readFileSync } from 'node:fs';\nexport async function bad() { return readFileSync('x'); }\n",
  );
  const unbundled = await project.run('worker');
  expect(unbundled.code).toBe(1);
  expect(unbundled.err).toContain('node:fs');
});
