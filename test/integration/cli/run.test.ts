import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeOrders, openProject, type CliProject } from './support/cli-project';
import { start, startOnTerminal } from './support/program';
import type { LoadReceipt } from '../../../workflows/contract';

let project: CliProject;
const load = (glob: string, ...more: string[]): string[] => ['run', ...mergeOrders(glob, ...more)];
const steps = ['open', 'extract', 'stage', 'audit', 'publish'];
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

test('without --json the receipt is on stdout, and every step on the way there on stderr', async () => {
  await project.file('data/b/1.csv', 'id,amount\nb1,9.50\n');
  const { code, out, err } = await project.run(...load('b/*.csv'));
  expect(code).toBe(0);
  expect(out).toMatch(
    /^✓ loaded {2}orders → cli_run_\w+\.public\.orders\n\n {2}1 {2}rows read, by merge\n {2}1 {2}inserted\n/,
  );
  expect(err).toMatch(/^workflow v1\/orders\//);
  expect([...err.matchAll(/^✓ (\w+) +[\d.]+ m?s/gm)].map(([, step]) => step)).toEqual(steps);
  // eslint-disable-next-line no-control-regex -- that is what colours are
  expect(out + err).not.toMatch(/\u001b/);
});

test('a failed load exits with 1: code first, remedy last, no value of a row', async () => {
  await project.file('data/c/1.csv', 'id,amount\nc1,hush-4711\n');
  const { code, out, err } = await project.run(...load('c/*.csv'));
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toMatch(/\n✗ stage .*InvalidValue\n/);
  expect(err).toMatch(/\n✗ InvalidValue {2}/);
  expect(err).toMatch(/\n {2}more +loadline explain InvalidValue\n/);
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

test('a workflow that the project does not export is not started', async () => {
  const { code, err } = await project.run('run', 'dialy', '--workflow-id', 'cli-dialy', '--detach');
  expect(code).toBe(2);
  expect(err).toMatch(/UnknownWorkflow[\s\S]*expected +one of daily, [\s\S]*Did you mean "daily"\?/);
  await expect(project.client.workflow.getHandle('cli-dialy').describe()).rejects.toThrow(/not found/);
});

test('a workflow that the worker does not export ends the waiting, and says how to end the run', async () => {
  // A project that is ahead of its worker.
  const config = readFileSync(join(project.folder, 'loadline.config.ts'), 'utf8');
  await project.file('ahead.config.ts', config.replace('./workflows.ts', './ahead.ts'));
  await project.file('ahead.ts', 'export async function dialy(): Promise<void> {}');
  const { code, err } = await project.run('run', 'dialy', '--workflow-id', 'cli-dialy', '--config', 'ahead.config.ts');
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
    await run.until(/publish +[3-9] s/);
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

  test('what a step tells of itself is no older than a few seconds', async () => {
    await project.file('data/i/1.csv', 'id,amount\ni1,1\n');
    const { out } = await project.run(...load('i/*.csv', '--day', '2026-11-26', '--json', '--detach'));
    const handle = project.client.workflow.getHandle((JSON.parse(out) as { workflowId: string }).workflowId);
    const beats = new Set<string>();
    // Held back as the SDK would, the second one came after 24 seconds.
    for (const end = Date.now() + 15_000; beats.size < 3 && Date.now() < end;) {
      const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
      const at = pending?.activityType?.name === 'loadline.publish' ? pending.lastHeartbeatTime : undefined;
      if (at) beats.add(`${String(at.seconds)}.${at.nanos}`);
    }
    expect(beats.size).toBe(3);
    await project.db.query('rollback');
    await handle.result();
  });
});

test('a terminal of 60 columns breaks sentences between words; NO_COLOR takes the colours away', async () => {
  await project.file('data/g/1.csv', 'id,amount\ng1,hush\n');
  await project.file('data/h/1.csv', 'id,amount\nh1,1\nh2,-1\n');
  const colourless = { ...project.env, TERMINAL_COLUMNS: '60', NO_COLOR: '1' };
  const failing = await startOnTerminal(project.folder, colourless, load('g/*.csv')).ended;
  const loading = await startOnTerminal(project.folder, colourless, load('h/*.csv')).ended;
  for (const { out } of [failing, loading]) {
    // What is redrawn ends with a carriage return.
    const lines = out.split('\r\n').map((line) => line.split('\r').at(-1) ?? '');
    // A command stays whole: it is there to be copied.
    const sentences = lines.filter((line) => !line.startsWith('  loadline '));
    const broken = sentences.filter((line) => line.length > 60 && !/^( +\S.*)? *\S+$/.test(line.slice(60)));
    expect(broken).toEqual([]);
    // eslint-disable-next-line no-control-regex -- a colour, as against a move of the cursor
    expect(out).not.toMatch(/\u001b\[[\d;]*m/);
  }
  expect(failing.out).toMatch(/\r\n\r\n✗ InvalidValue/);
  expect(failing.out.trimEnd().split('→ ').at(-1)).toMatch(/^Correct the value[^→]*\.$/s);
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
