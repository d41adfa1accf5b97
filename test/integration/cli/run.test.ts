import { openProject, type CliProject } from './support/cli-project';
import { start } from './support/program';
import type { LoadReceipt } from '../../../workflows/contract';

let project: CliProject;
const load = (glob: string, ...more: string[]): string[] => [
  'run',
  '--load',
  'orders',
  '--mode',
  'merge',
  '--from',
  `raw:${glob}`,
  ...more,
];
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

beforeAll(async () => {
  project = await openProject('cli-run');
  await project.worker();
});
afterAll(() => project.close());

test('a load prints one JSON object and nothing else; the workflow id is the load key; a second one changes nothing', async () => {
  await project.file('data/a/1.csv', 'id,amount\n1,9.50\n2,3\n');
  const first = await project.run(...load('a/*.csv', '--day', '2026-11-22', '--json'));
  expect(first).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^\{.*\}\n$/) });
  const receipt = JSON.parse(first.out) as LoadReceipt;
  expect(receipt).toMatchObject({ outcome: 'loaded', tables: [{ read: 2, inserted: 2 }] });
  expect(receipt.loadKey).toMatch(/^v1\/orders\/cli_run_\w+\.public\.orders\/2026-11-22\.\.2026-11-23$/);
  expect(receipt.workflowId).toBe(receipt.loadKey);

  const second = await project.run(...load('a/*.csv', '--day', '2026-11-22', '--json'));
  expect(second.code).toBe(0);
  expect(JSON.parse(second.out)).toMatchObject({ outcome: 'already-loaded', loadId: receipt.loadId });
  expect((await project.db.query('select count(*)::int as n from orders')).rows).toEqual([{ n: 2 }]);
});

test('without --json the receipt is a table on stdout, and the way there is on stderr', async () => {
  await project.file('data/b/1.csv', 'id,amount\nb1,9.50\n');
  const { code, out, err } = await project.run(...load('b/*.csv'));
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ loaded {2}orders\n/);
  expect(out).toMatch(/│ cli_run_\w+\.public\.orders │ merge │ {4}1 │/);
  expect(err).toMatch(/^workflow v1\/orders\//);
});

test('a failed load exits with 1: code first, remedy last, no value of a row', async () => {
  await project.file('data/c/1.csv', 'id,amount\nc1,hush-4711\n');
  const { code, out, err } = await project.run(...load('c/*.csv'));
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toMatch(/\n✗ InvalidValue {2}/);
  expect(lastLine(err)).toMatch(/^→ \S.*\.$/);
  expect(out + err).not.toContain('hush');

  const json = await project.run(...load('c/*.csv', '--json'));
  expect(json).toMatchObject({ code: 1, err: '' });
  expect(JSON.parse(json.out)).toMatchObject({ error: { code: 'InvalidValue', remedy: expect.any(String) } });
  expect(json.out).not.toContain('hush');
});

test('wrong use exits with 2 and starts nothing', async () => {
  const started = async (): Promise<number> =>
    (await project.client.workflow.count(`TaskQueue = '${project.taskQueue}'`)).count;
  const before = await started();
  const uses: [string[], string][] = [
    [load('a/*.csv', '--moed', 'x'), 'Did you mean --mode?'],
    [load('a/*.csv', '--day', '22.11.2026'), 'Write 2026-11-22'],
    [['run', '--load', 'order', '--mode', 'merge', '--from', 'raw:a/*.csv'], 'Did you mean "orders"?'],
    [['run', 'daily', '--input', '{day}'], '--input is not JSON'],
  ];
  const runs = await Promise.all(uses.map(([args]) => project.run(...args)));
  for (const [i, [, words]] of uses.entries()) {
    expect(runs[i]).toMatchObject({ code: 2, out: '' });
    expect(runs[i]!.err).toContain(words);
  }
  expect(await started()).toBe(before);
});

test('an unreachable Temporal and an unknown namespace are told with what to do', async () => {
  const [gone, unknown] = await Promise.all([
    project.run('--address', '127.0.0.1:9', ...load('a/*.csv')),
    project.run('--namespace', 'nope', ...load('a/*.csv')),
  ]);
  expect(gone.code).toBe(1);
  expect(gone.err).toMatch(/^✗ TemporalUnreachable .*\n.*127\.0\.0\.1:9/);
  expect(lastLine(gone.err)).toContain('Start `loadline dev`');
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain('has no such namespace');
  expect(lastLine(unknown.err)).toContain('temporal operator namespace create --namespace nope');
});

test('a missing secret names its variable', async () => {
  const env: NodeJS.ProcessEnv = { ...project.env, DATABASE_URL: '' };
  const { code, err } = await start(project.folder, env, load('a/*.csv')).ended;
  expect(code).toBe(1);
  expect(err).toContain('SecretMissing');
  expect(lastLine(err)).toMatch(/^→ Set DATABASE_URL .*\.env beside the configuration\. While `loadline dev` runs/);
});

test('a workflow of the user runs with its input, once for equal input', async () => {
  await project.file('data/2026-11-23/1.csv', 'id,amount\nd1,1\n');
  const args = ['run', 'daily', '--input', '{"day":"2026-11-23"}', '--json'];
  const first = await project.run(...args);
  expect(first.code).toBe(0);
  const receipt = JSON.parse(first.out) as LoadReceipt;
  expect(receipt).toMatchObject({ outcome: 'loaded', pipeline: 'daily' });
  const described = await project.client.workflow.getHandle(receipt.workflowId).describe();
  expect(await described.staticSummary()).toBe('daily {"day":"2026-11-23"}');
  expect(JSON.parse((await project.run(...args)).out)).toMatchObject({ outcome: 'already-loaded' });
});

test('a workflow that the worker does not export ends the waiting, and says how to end the run', async () => {
  const { code, err } = await project.run('run', 'dialy', '--workflow-id', 'cli-dialy');
  expect(code).toBe(2);
  expect(err).toContain('The worker has no workflow of this name.');
  expect(err).toContain('workflow dialy');
  expect(lastLine(err)).toContain("temporal workflow terminate --workflow-id 'cli-dialy'");
  await project.client.workflow.getHandle('cli-dialy').terminate();
});

test('a workflow whose code fails is told of, once, while it is waited for', async () => {
  const run = project.start('run', 'daily', '--workflow-id', 'cli-failing');
  await run.until("! The code of the workflow fails: Cannot read properties of undefined (reading 'day')");
  await project.client.workflow.getHandle('cli-failing').terminate();
  const { code, err } = await run.ended;
  expect(code).toBe(1);
  expect(err.match(/The code of the workflow fails/g)).toHaveLength(1);
  expect(lastLine(err)).toMatch(/^→ Start it again/);
});

describe('while a publish waits for a lock', () => {
  beforeEach(async () => {
    await project.db.query('create table if not exists orders (id text primary key, amount numeric(12,2))');
    await project.db.query('begin; lock table orders in share row exclusive mode');
  });
  afterEach(() => project.db.query('rollback'));

  test('a terminal shows how far it is; Ctrl-C leaves the load running', async () => {
    await project.file('data/e/1.csv', 'id,amount\ne1,1\n');
    const run = project.onTerminal(...load('e/*.csv', '--day', '2026-11-24'));
    await run.until(/░ {2}publish/);
    run.child.stdin?.write('\x03');
    expect((await run.ended).code).toBe(130);
    expect(run.text()).toContain('No longer waiting; the load goes on.');
    const [, workflowId] = /--workflow-id '([^']+)'/.exec(run.text()) ?? [];
    await project.db.query('rollback');
    const receipt = (await project.client.workflow.getHandle(workflowId!).result()) as LoadReceipt;
    expect(receipt).toMatchObject({ outcome: 'loaded', loadKey: workflowId });
  });

  test('a second start waits for the first, with --detach neither', async () => {
    await project.file('data/f/1.csv', 'id,amount\nf1,1\n');
    const args = load('f/*.csv', '--day', '2026-11-25');
    const detached = await project.run(...args, '--json', '--detach');
    expect(detached.code).toBe(0);
    const { workflowId, runId } = JSON.parse(detached.out) as Record<string, string>;
    const joined = project.start(...args);
    await joined.until(`workflow ${workflowId}`);
    await project.db.query('rollback');
    const { code, out } = await joined.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ loaded/);
    const handle = project.client.workflow.getHandle(workflowId!);
    expect(await handle.result()).toMatchObject({ outcome: 'loaded', workflowId, runId });
  });
});

test('nobody to do the work is told before anything is started', async () => {
  const other = await openProject('cli-nobody');
  try {
    await other.file('data/a.csv', 'id,amount\n1,1\n');
    const { code, err } = await other.run(...load('a.csv'));
    expect(code).toBe(1);
    expect(err).toMatch(/^✗ NoWorker .*\n.*cli-nobody-/);
    expect(lastLine(err)).toContain('Start `loadline worker` or `loadline dev`');
    expect((await other.client.workflow.count(`TaskQueue = '${other.taskQueue}'`)).count).toBe(0);
  } finally {
    await other.close();
  }
});
