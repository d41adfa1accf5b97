import { readFile, rename, symlink } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeOrders, openProject, type CliProject } from '../integration/cli/support/cli-project';
import type { Program } from '../integration/cli/support/program';

jest.setTimeout(120_000);

let project: CliProject;
let dev: Program;
beforeAll(async () => {
  project = await openProject('cli-hot');
  await symlink(join(__dirname, '../../node_modules/@temporalio'), join(project.folder, 'node_modules/@temporalio'));
  await project.db.query('create table orders (id text primary key, amount numeric(12,2))');
});
beforeEach(async () => {
  dev = project.start('dev');
  await dev.until('Loadline is up');
});
afterEach(async () => {
  dev.child.kill('SIGINT');
  await dev.ended;
});
afterAll(() => project.close());

const contract = (max: number): string =>
  [
    'name: orders',
    'table: main/public.orders',
    'columns:',
    '  id: { type: text }',
    `  amount: { type: "decimal(12,2)", range: { min: 0, max: ${max} } }`,
    'key: [id]',
    'hold: false',
    '',
  ].join('\n');

/** Saves as many editors do: what is written beside takes the place of the file. */
async function replaceFile(path: string, content: string): Promise<void> {
  await project.file(`${path}~`, content);
  await rename(join(project.folder, `${path}~`), join(project.folder, path));
}

const load = (glob: string, id: string, ...more: string[]): string[] => [
  'run',
  ...mergeOrders(glob, '--workflow-id', id, ...more),
];

/** The processes that a process has started and that still run. */
function childrenOf(pid: number): number[] {
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return running.map(Number).filter((child) => parentOf(child) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a workflow of several loads survives a restart in the middle of a step; each load happens once', async () => {
  await project.file(
    'workflows.ts',
    `import { day, files, load } from 'loadline/workflows';
     export async function both() {
       const all = [];
       for (const name of ['2026-11-21', '2026-11-22'])
         all.push(await load({ pipeline: 'both', into: 'orders', mode: 'merge', from: files('raw', name + '.csv'), interval: day(name) }));
       return all;
     }`,
  );
  await dev.until('restarted: workflows.ts changed');
  await project.file('data/2026-11-21.csv', 'id,amount\na,1\n');
  await project.file('data/2026-11-22.csv', 'id,amount\nb,2\n');
  await project.db.query('begin; lock table orders in share row exclusive mode');
  const run = project.start('run', 'both', '--workflow-id', 'hot-both');
  await run.until('publish');
  await replaceFile('contracts.yml', contract(50));
  await dev.until('restarted: contracts.yml changed');
  await project.db.query('rollback');
  const { code, err } = await run.ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  const { rows } = await project.db.query<{ id: string; n: number }>(
    `select id, (select count(*)::integer from _loadline.ledger where pipeline = 'both') as n from orders where id in ('a', 'b') order by id`,
  );
  expect(rows).toEqual([
    { id: 'a', n: 2 },
    { id: 'b', n: 2 },
  ]);
  const history = await project.client.workflow.getHandle('hot-both').fetchHistory();
  const workers = (history.events ?? []).map((e) => e.activityTaskStartedEventAttributes?.identity).filter(Boolean);
  expect(new Set(workers).size).toBe(2);
});

test('what is broken is told with its line, and the worker from before goes on; what is mended takes its place', async () => {
  await project.file('data/small.csv', 'id,amount\nsmall,5\n');
  await project.file('data/more.csv', 'id,amount\nmore,6\n');
  await replaceFile('contracts.yml', contract(10).replace('key:', 'kye:'));
  await dev.until(/InvalidContract[\s\S]*contracts\.yml:6[\s\S]*The worker from before this change keeps running\./);
  // The command reads the configuration too, so the worker is asked by other hands.
  const request = (glob: string) => ({
    pipeline: 'p',
    into: 'orders',
    mode: 'merge',
    from: { kind: 'files', store: 'raw', glob },
  });
  const start = (glob: string) =>
    project.client.workflow.execute('loadTable', {
      taskQueue: project.taskQueue,
      workflowId: `hot-${glob}`,
      args: [request(glob)],
    });
  expect(await start('small.csv')).toMatchObject({ outcome: 'loaded' });

  await project.file('workflows.ts', "import { load } from 'loadline/workflows';\nexport const broken = {;\n");
  await dev.until('workflows.ts changed; the error is still there');
  await replaceFile('contracts.yml', contract(5.5));
  await dev.until(/WorkflowsNotBundled[\s\S]*workflows\.ts:2:\d+/);
  expect(dev.text()).not.toContain('restarted');
  expect(dev.text()).not.toContain('webpack');

  await replaceFile('workflows.ts', "export { loadTable as mine } from 'loadline/workflows';\n");
  await dev.until('restarted: workflows.ts changed');
  const refused = await project.run(...load('more.csv', 'hot-more'));
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('amount');
  expect((await project.db.query("select id from orders where id in ('small', 'more')")).rows).toEqual([
    { id: 'small' },
  ]);
});

test('a new file, a file without a change of code, and data: the first restarts the worker, the others do not', async () => {
  await replaceFile('contracts.yml', contract(100));
  await dev.until('restarted: contracts.yml changed');
  await project.file('data/contracts.yml', 'data');
  await project.file('test/a.test.ts', '// a test');
  await project.file('.loadline/x.json', '{}');
  await project.file('notes.md', 'notes');
  await project.file('helper.ts', 'export const one = 1;\n');
  await dev.until('restarted: helper.ts changed');
  expect(dev.text().match(/restarted: .*/g)).toHaveLength(2);
});

test('Ctrl-C in the middle of a restart ends everything; so does the end of `dev` by force', async () => {
  const pid = dev.child.pid!;
  const [first] = childrenOf(pid);
  expect(first).toBeDefined();
  await replaceFile('contracts.yml', contract(7));
  await until(() => childrenOf(pid).length === 2);
  const children = childrenOf(pid);
  dev.child.kill('SIGINT');
  expect((await dev.ended).code).toBe(0);
  expect(children.filter((child) => parentOf(child) !== undefined)).toEqual([]);

  dev = project.start('dev');
  await dev.until('Loadline is up');
  const orphans = childrenOf(dev.child.pid!);
  dev.child.kill('SIGKILL');
  await until(() => orphans.every((child) => parentOf(child) === undefined));
});

test('a worker that was killed is missed, and started again by the next save', async () => {
  process.kill(childrenOf(dev.child.pid!)[0]!, 'SIGKILL');
  await dev.until('The worker has ended with SIGKILL.');
  await replaceFile('contracts.yml', contract(8));
  await dev.until('restarted: contracts.yml changed');
  await project.file('data/again.csv', 'id,amount\nagain,1\n');
  expect(await project.run(...load('again.csv', 'hot-again'))).toMatchObject({ code: 0 });
});

test('running workflows that do not fit their changed code are told of', async () => {
  const workflow = (first: string): string =>
    `import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';
     export async function waiting() {
       let go = false;
       setHandler(defineSignal('go'), () => void (go = true));
       ${first}
       await condition(() => go);
     }`;
  await replaceFile('workflows.ts', workflow("await sleep('1ms');"));
  await dev.until('restarted: workflows.ts changed');
  const handle = await project.client.workflow.start('waiting', {
    taskQueue: project.taskQueue,
    workflowId: 'hot-waiting',
  });
  let fired = false;
  while (!fired) fired = (await handle.fetchHistory()).events!.some((e) => e.timerFiredEventAttributes);
  await replaceFile('workflows.ts', workflow(''));
  await until(() => dev.text().match(/restarted: workflows\.ts/g)?.length === 2);
  await handle.signal('go');
  await dev.until('does not fit the new code');
  await handle.terminate();
  expect(await readFile(join(project.folder, 'workflows.ts'), 'utf8')).not.toContain("sleep('1ms')");
});
