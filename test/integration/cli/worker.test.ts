import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { mergeOrders, openProject, type CliProject } from './support/cli-project';

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

test('a worker bundles in a process that has ended, and removes what no load needs any more', async () => {
  await project.file('.loadline/batches/old.json', '{}');
  const old = join(project.folder, '.loadline/batches/old.json');
  const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
  utimesSync(old, longAgo, longAgo);
  const worker = await project.worker();
  const { pid } = worker.child;
  // The bundler's compiler is native code, which would stay.
  expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toMatch(/swc/);
  expect(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')).toBe('');
  worker.child.kill('SIGTERM');
  await worker.ended;
  expect(existsSync(old)).toBe(false);
});

test.each(['SIGTERM', 'SIGINT'] as const)('a worker that is still starting ends with 0 on %s', async (signal) => {
  const waiting = await openProject('cli-starting');
  try {
    await waiting.file(
      'activities.ts',
      `const alive = setInterval(() => undefined, 1000);
       console.error('reading the activities');
       await new Promise<void>((go) => process.once('${signal}', () => go()));
       clearInterval(alive);
       export const none = 0;`,
    );
    const config = readFileSync(join(waiting.folder, 'loadline.config.ts'), 'utf8');
    await waiting.file('loadline.config.ts', config.replace('worker: {', "worker: { activities: './activities.ts',"));
    const worker = waiting.start('worker');
    await worker.until('reading the activities');
    worker.child.kill(signal);
    const { code, err } = await worker.ended;
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringMatching(/✗|polling/) });
  } finally {
    await waiting.close();
  }
});

test('SIGTERM lets a running step end; another worker goes on from there', async () => {
  await project.file('data/a.csv', 'id,amount\n1,1\n');
  const first = await project.worker();
  await project.db.query('begin; lock table orders in share row exclusive mode');
  const run = project.start('run', ...mergeOrders('a.csv', '--workflow-id', 'cli-worker'));
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

test.each([
  ["warehouses: { main: postgres({ url: 'neither' }) }", 'InvalidConfig'],
  ["warehouses: {}, worker: { activities: './not-there.ts' }", ''],
])('a worker that is configured by %s ends with 1 before it has a connection', async (options, code) => {
  await project.file(
    'wrong.config.ts',
    `import { defineConfig, postgres } from 'loadline';\nvoid postgres;\nexport default defineConfig({ ${options} });\n`,
  );
  const ended = await project.run('worker', '--config', 'wrong.config.ts');
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining(`✗ ${code}`) });
});
