import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openProject, type CliProject } from '../../integration/cli/support/cli-project';
import type { Findings } from '../../../cli/reports/findings';
import { readHistory, writeHistory } from '../../../workers/replay';

let project: CliProject;
const workflows = (load: string): string => `
import { day, files, intervalOf, load, type LoadReceipt } from 'loadline/workflows';
export async function daily(input: { day: string }): Promise<LoadReceipt> {
  ${load}
}
export async function never(): Promise<void> {}
`;
const asked = (pipeline: string): string =>
  `return load({ pipeline: '${pipeline}', into: 'orders', mode: 'merge', from: files('raw', input.day + '/*.csv'), interval: day(input.day) });`;
const run = (...args: string[]) => project.run('replay', ...args);
const findingsOf = async (...args: string[]): Promise<Findings & { code: number | null }> => {
  const { code, out } = await run(...args, '--json');
  return { ...(JSON.parse(out) as Findings), code };
};
const kinds = ({ findings }: Findings): string[] => findings.map(({ facts, level }) => `${level} ${facts?.['kind']}`);

beforeAll(async () => {
  project = await openProject('gate-replay');
  await project.file('workflows.ts', workflows(asked('daily')));
  for (const day of ['2026-11-01', '2026-11-02', '2026-11-03'])
    await project.file(`data/${day}/1.csv`, `id,amount\n${day},1\n`);
  const worker = await project.worker();
  for (const day of ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-03'])
    await project.client.workflow.execute('daily', {
      taskQueue: project.taskQueue,
      workflowId: `daily-${day}`,
      args: [{ day }],
    });
  // An older run, whose history lies in a file.
  worker.child.kill('SIGTERM');
  await worker.ended;
  const history = await project.client.workflow.getHandle('daily-2026-11-01').fetchHistory();
  await project.file('histories/one.json', writeHistory(history));
});
afterAll(() => project.close());
afterEach(() => project.file('workflows.ts', workflows(asked('daily'))));

test('histories beside the configuration are replayed, and what they do not cover is told', async () => {
  const { code, out } = await run();
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^✓ good .* 1 history, 1 replayed, 1 workflow type\n/),
  });
  expect(out).toContain('There is no history of never');
  expect(await findingsOf()).toMatchObject({
    tool: 'loadline replay',
    counts: { histories: 1, replayed: 1, types: 1 },
    findings: [{ id: 'NotCovered never', level: 'notice', file: 'workflows.ts' }],
    passed: [{ id: 'histories/one.json', title: 'daily replays' }],
  });
});

test('a server is asked for the runs of the task queue, a few of each shape', async () => {
  const found = await findingsOf('--server', '--per-shape', '1');
  // The run that found its load applied has a shape of its own.
  expect(found).toMatchObject({
    code: 0,
    verdict: 'pass',
    counts: { histories: 5, replayed: 3, shapes: 2, types: 1 },
  });
  const byQuery = await findingsOf('--query', `WorkflowId = 'daily-2026-11-02'`, '--per-shape', '3');
  expect(byQuery.counts).toMatchObject({ histories: 2, shapes: 1 });
});

test('another load key is red on both, in every report, and passes once it is acknowledged with a reason', async () => {
  await project.file('workflows.ts', workflows(asked('renamed')));
  const { code, out } = await run(
    '--server',
    '--report',
    'junit',
    '--report',
    'markdown',
    '--report',
    'github',
    '--output',
    'out',
  );
  expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining('workflows.ts:4:14  LoadKeyChanged') });
  const entry = /- workflow: daily\n.*reason: /s.exec(out)![0];
  const [json, junit, markdown] = ['findings.json', 'junit.xml', 'summary.md'].map((file) =>
    readFileSync(join(project.folder, 'out', file), 'utf8'),
  );
  const findings = JSON.parse(json!) as Findings;
  expect(findings.findings[0]).toMatchObject({
    id: 'LoadKeyChanged daily: pipeline daily → renamed',
    level: 'error',
    file: 'workflows.ts',
    line: 4,
    fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    facts: { kind: 'LoadKeyChanged', workflowType: 'daily', expected: 'pipeline "daily"', got: 'pipeline "renamed"' },
  });
  expect(junit).toContain('type="LoadKeyChanged"');
  expect(markdown).toContain('workflows.ts:4:14');
  expect([out, json, junit, markdown].join()).not.toMatch(/amount|2026-11-01,1/);

  await project.file('replay-acknowledged.yml', `${entry}the pipeline was renamed, and its table is loaded again`);
  const acknowledged = await findingsOf('--server');
  expect([acknowledged.code, ...kinds(acknowledged)]).toEqual([0, 'notice LoadKeyChanged', 'notice NotCovered']);
  expect(acknowledged.findings[0]?.message).toContain('replay-acknowledged.yml:1: the pipeline was renamed');
  // The acknowledged change and another one beside it are two things.
  await project.file('workflows.ts', workflows(asked('other')));
  const other = await findingsOf();
  expect([other.code, ...kinds(other)]).toEqual([
    1,
    'error LoadKeyChanged',
    'warning UnusedAcknowledgement',
    'notice NotCovered',
  ]);
  rmSync(join(project.folder, 'replay-acknowledged.yml'));
});

test('an activity more is red, and names the event and the line', async () => {
  await project.file('workflows.ts', workflows(`await intervalOf({ grain: 'day' });\n  ${asked('daily')}`));
  const { code, findings } = await findingsOf();
  expect(code).toBe(1);
  expect(findings[0]).toMatchObject({
    id: 'Nondeterminism daily: ActivityTaskScheduled loadline.openLoad → the activity loadline.intervalOf',
    file: 'workflows.ts',
    line: 4,
    facts: { eventId: 5 },
  });
});

test('another way to ask for a load is a warning', async () => {
  await project.file('workflows.ts', workflows(asked('daily').replace("'merge'", "'insert-only'")));
  const found = await findingsOf();
  expect([found.code, found.verdict, ...kinds(found)]).toEqual([
    0,
    'warn',
    'warning LoadRequestChanged',
    'notice NotCovered',
  ]);
});

test('no history is insufficient evidence, unless that is said to be well', async () => {
  await project.file('none/.keep', '');
  expect(await run('none')).toMatchObject({ code: 5, err: expect.stringContaining('✗ NoHistories') });
  expect(await run('none', '--query', "WorkflowId = 'nobody'", '--output', 'out')).toMatchObject({ code: 5 });
  const { findings } = JSON.parse(readFileSync(join(project.folder, 'out/findings.json'), 'utf8')) as Findings;
  expect(findings.map(({ id }) => id)).toEqual(['NoHistories']);
  expect(await run('none', '--allow-none')).toMatchObject({ code: 0 });
});

test('a file that is no history is red for itself, and keeps no other from being replayed', async () => {
  await project.file('mixed/a.json', '{"events":[{"eventId":1}]}');
  await project.file('mixed/b.json', readFileSync(join(project.folder, 'histories/one.json'), 'utf8'));
  expect(await findingsOf('mixed')).toMatchObject({
    code: 1,
    counts: { histories: 2, replayed: 1 },
    findings: [{ id: 'InvalidHistory mixed/a.json', file: 'mixed/a.json' }, {}],
    passed: [{ id: 'mixed/b.json' }],
  });
});

test('a server that does not answer is no failing history', async () => {
  const { code, err } = await run('--server', '--address', '127.0.0.1:1', '--report', 'junit', '--output', 'out');
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('✗ TemporalUnreachable') });
  const { findings, passed } = JSON.parse(readFileSync(join(project.folder, 'out/findings.json'), 'utf8')) as Findings;
  expect({ findings, passed }).toMatchObject({
    findings: [{ id: 'TemporalUnreachable', message: expect.stringContaining('No history was judged') }],
    passed: [],
  });
});

test('wrong use is told apart', async () => {
  await project.file('wrong.yml', '- workflow: daily\n  changed: [colour]\n');
  for (const [args, told] of [
    [['nowhere'], 'There is no nowhere'],
    [['--query', 'x', '--no-server'], '--query and --no-server'],
    [['--query', 'this is no query ('], 'refuses the query'],
    [['--per-shape', '0'], 'no number from 1 to 1000'],
    [['--report', 'pdf'], '--report pdf is unknown'],
    [['--acknowledged', 'nowhere.yml'], 'There is no file nowhere.yml'],
    [['--acknowledged', 'wrong.yml'], 'wrong.yml:2: changed is a list of pipeline'],
  ] as const)
    expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringContaining(told) });
});

test('bundle writes what a worker runs', async () => {
  expect(await project.json('bundle', '--output', 'out/deep/b.js')).toMatchObject({ bundle: 'out/deep/b.js' });
  expect(existsSync(join(project.folder, 'out/deep/b.js'))).toBe(true);
  expect(readHistory(readFileSync(join(project.folder, 'histories/one.json'), 'utf8'), 'one').workflowType).toBe(
    'daily',
  );
});
