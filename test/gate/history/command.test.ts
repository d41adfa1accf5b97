import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHistory } from '../../../workers/replay';
import { openProject, type CliProject } from '../../integration/cli/support/cli-project';
import { start } from '../../integration/cli/support/program';
import type { Findings } from '../../../cli/reports/findings';

interface Recording {
  readonly recorded: readonly { readonly file: string; readonly workflowId: string }[];
  readonly skipped: readonly { readonly workflowId: string; readonly why: string }[];
  readonly refused: readonly { readonly workflowId: string; readonly error: { readonly code: string } }[];
}

let project: CliProject;
beforeAll(async () => {
  project = await openProject('history');
  await project.file('data/2026-11-22/a.csv', 'id,amount\n1,2.50\n');
  await project.file('data/2026-11-23/a.csv', 'id,amount\n2,7.50\n');
  await project.worker();
  const { taskQueue } = project;
  const days = { first: '2026-11-22', second: '2026-11-23', again: '2026-11-22' };
  for (const [name, day] of Object.entries(days))
    await project.client.workflow.execute('daily', { taskQueue, workflowId: named(name), args: [{ day }] });
}, 60_000);
afterAll(() => project.close());

const named = (id: string): string => `${id}-${project.taskQueue.slice(-8)}`;
const folder = (): string => join(project.folder, 'histories');
const files = (): string[] =>
  readdirSync(folder(), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'))
    .sort();
const file = (name: string): string => readFileSync(join(folder(), name), 'utf8');

async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(5);
}

/** Checks in another working directory: the histories lie beside the configuration. */
async function check(...args: string[]): Promise<{ code: number | null; findings: Findings }> {
  const config = join(project.folder, 'loadline.config.ts');
  const { code, out } = await start(tmpdir(), project.env, ['history', 'check', '--config', config, '--json', ...args])
    .ended;
  return { code, findings: JSON.parse(out) as Findings };
}

test('runs that did the same are recorded once, and what is there stays', async () => {
  await visible(3);
  const { recorded, skipped } = await project.json<Recording>('history', 'record');
  expect(recorded.map(({ file: path }) => path).sort()).toEqual(files().map((name) => join('histories', name)));
  expect([recorded.length, skipped.length]).toEqual([2, 1]);
  for (const name of files()) expect(name).toMatch(/^daily\/[0-9a-f]{8}-[0-9a-f]{6}\.json$/);

  const before = files().map(file);
  const repeated = await project.json<Recording>('history', 'record');
  expect([repeated.recorded.length, repeated.skipped.length]).toEqual([0, 3]);
  expect(files().map(file)).toEqual(before);
});

test('a run that is named is recorded although another did the same, and again when asked', async () => {
  const before = files();
  const all = ['first', 'second', 'again'].map(named);
  const { recorded } = await project.json<Recording>('history', 'record', ...all);
  expect(recorded).toHaveLength(1);
  expect(files()).toHaveLength(before.length + 1);
  const again = await project.json<Recording>('history', 'record', named('first'), '--overwrite');
  expect(again.recorded).toHaveLength(1);
  expect(files()).toHaveLength(before.length + 1);
});

test('what was recorded passes the check, wherever it is called', async () => {
  const { code, findings } = await check();
  expect(findings.findings).toEqual([]);
  expect([code, findings.verdict, findings.passed.length]).toEqual([0, 'pass', files().length]);
});

test('nothing found, and what cannot be recorded, is told by the exit code', async () => {
  const none = await project.run('history', 'record', '--query', `WorkflowId = "nobody"`);
  expect([none.code, none.out]).toEqual([1, expect.stringMatching(/no run was found\n.*"nobody"\n→ /)]);
  const unknown = await project.run('history', 'record', 'nobody');
  expect([unknown.code, unknown.out]).toEqual([1, expect.stringMatching(/nobody {2}.*knows no such run.\n→ /)]);
  const query = await project.run('history', 'record', '--query', 'nonsense =');
  expect([query.code, query.err]).toEqual([2, expect.stringContaining('Correct --query')]);
  const nowhere = await project.run('history', 'record', named('first'), '--into', 'contracts.yml');
  expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringMatching(/cannot be written: ENOTDIR[\s\S]*--into/)]);
  await project.file('none/readme.txt', 'no history');
  const empty = await project.run('history', 'check', 'none');
  expect([empty.code, empty.err]).toEqual([5, expect.stringMatching(/NoHistories[\s\S]*history record/)]);
  const both = await project.run('history', 'record', 'a', '--query', 'b');
  const count = await project.run('history', 'record', '--per-shape', 'no');
  const age = await project.run('history', 'check', '--older-than', 'long');
  const place = await project.run('history', 'check', 'nowhere');
  expect([both.code, count.code, age.code, place.code]).toEqual([2, 2, 2, 2]);
});

test('recording needs no secret of a warehouse', async () => {
  const { DATABASE_URL: _, ...env } = project.env;
  const { code, out } = await start(project.folder, env, ['history', 'record', named('first'), '--json']).ended;
  expect([code, out]).toEqual([0, expect.stringContaining('recorded already')]);
});

test('what fails for every run, such as code that cannot be bundled, is told once', async () => {
  const code = readFileSync(join(project.folder, 'workflows.ts'), 'utf8');
  await project.file('workflows.ts', `${code}\nimport './nowhere';\n`);
  const {
    code: exit,
    out,
    err,
  } = await project.run('history', 'record', '--overwrite', named('first'), named('second'));
  await project.file('workflows.ts', code);
  expect([exit, out, err]).toEqual([1, '', expect.stringMatching(/WorkflowsNotBundled[\s\S]* on .*workflows\.ts/)]);
});

test('Ctrl-C ends the recording of many runs at once, and leaves whole files only', async () => {
  const into = join(project.folder, 'many');
  const many = start(project.folder, project.env, [
    ...['history', 'record', '--into', into, '--overwrite', '--per-shape', '9'],
    ...['--query', `TaskQueue = "${project.taskQueue}"`],
  ]);
  await until(() => existsSync(join(into, 'daily')));
  many.child.kill('SIGINT');
  expect(await many.ended).toMatchObject({ code: null, out: '' });
  expect(many.child.signalCode).toBe('SIGINT');
  for (const name of readdirSync(join(into, 'daily')).filter((one) => one.endsWith('.json')))
    JSON.parse(readFileSync(join(into, 'daily', name), 'utf8'));
});

test('files that replay nowhere, or tell too much, are found with what to do', async () => {
  const good = files()
    .map(file)
    .find((text) => text.includes(`"${named('first')}"`))!;
  const lines = good.split('\n');
  const history = await project.client.workflow.getHandle(named('first')).fetchHistory();
  const payload = /\{"metadata":\{"encoding":"anNvbi9wbGFpbg=="\},"data":"([^"]+)"\}/;
  const bad = {
    'dump.json': JSON.stringify(history),
    'decoded.json': good.replace(payload, (_, data: string) => Buffer.from(data, 'base64').toString()),
    'cut.json': good.slice(0, good.length / 2),
    'hole.json': lines.filter((_, line) => line !== 5).join('\n'),
    'begun.json': `${lines.slice(0, 4).join('\n').replace(/,$/, '')}\n]}`,
    'protocol.json': withProtocol2(good),
    'raw.json': writeHistory(history),
    'stale.json': good.replaceAll('"name":"daily"', '"name":"nightly"'),
  };
  for (const [name, content] of Object.entries(bad)) await project.file(join('bad', name), content);
  writeFileSync(join(project.folder, 'bad', 'utf16.json'), Buffer.from(`\uFEFF${good}`, 'utf16le'));
  const output = join(project.folder, 'report');
  const asked = [join(project.folder, 'bad'), '--output', output, '--report', 'junit', '--older-than', '1ms'];
  const { code, findings } = await check(...asked);
  expect(code).toBe(1);
  const told: Record<string, unknown[]> = {};
  for (const { file: path, facts } of findings.findings) (told[path!.split('/').at(-1)!] ??= []).push(facts!['kind']);
  expect(told).toEqual({
    'begun.json': ['empty', 'old'],
    'cut.json': ['invalid'],
    'decoded.json': ['invalid'],
    'dump.json': ['invalid'],
    'hole.json': ['invalid'],
    'protocol.json': ['duplicate', 'stale-protocol', 'old'],
    'raw.json': ['duplicate', 'unredacted', 'old'],
    'stale.json': ['duplicate', 'stale-workflow', 'old'],
    'utf16.json': ['encoding'],
  });
  for (const { message } of findings.findings) expect(message).toMatch(/history record|[Dd]elete|Write it by/);
  expect(JSON.parse(readFileSync(join(output, 'findings.json'), 'utf8'))).toEqual(findings);
  expect(readFileSync(join(output, 'junit.xml'), 'utf8')).toContain('loadline history check');
});

/** The same history, opened under a protocol of a later release. */
const withProtocol2 = (text: string): string =>
  text.replace(/"data":"([^"]+)"/g, (whole, data: string) => {
    const clear = Buffer.from(data, 'base64').toString();
    if (!clear.startsWith('{"protocol":1')) return whole;
    return `"data":"${Buffer.from(clear.replace('{"protocol":1', '{"protocol":2')).toString('base64')}"`;
  });

/** A list is a moment behind. */
async function visible(runs: number): Promise<void> {
  const query = `TaskQueue = "${project.taskQueue}" AND ExecutionStatus = "Completed"`;
  for (let seen = 0; seen < runs;) {
    seen = 0;
    for await (const _ of project.client.workflow.list({ query })) seen++;
  }
}
