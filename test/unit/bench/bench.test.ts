import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const bench = join(__dirname, '..', '..', '..', 'bench');
const node = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, args);
const run = (...args: string[]): Promise<{ stdout: string; stderr: string }> => node(join(bench, 'run.mjs'), ...args);

/** What an expression is in a module of the benchmark. */
async function evaluate(module: string, expression: string): Promise<unknown> {
  const script = `import * as m from ${JSON.stringify(join(bench, module))}; console.log(JSON.stringify(${expression}))`;
  return JSON.parse((await node('--input-type=module', '--eval', script)).stdout);
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-bench-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const facts = {
  at: '2026-11-22T10:00:00.000Z',
  machine: '2 × CPU, 8 GB',
  os: 'Linux 6',
  node: 'v20.19.0',
  loadline: '0.1.0',
  postgres: '18.4',
  settings: 'work_mem 4MB',
  temporal: '1.32.0',
  sdk: '1.24.0',
  duckdb: 'v1.5.5',
};
const spread = (median: number) => ({ median, min: median - 1, max: median + 1 });

function loadResult(name: string, ratio: number): object {
  return {
    facts,
    command: 'npm run bench',
    kind: 'load',
    case: name,
    title: `Title of ${name}`,
    target: { ratio: { atMost: 1.25 } },
    load: { before: '0.42 0.5 0.6' },
    rows: 1_000_000,
    ratio: { median: ratio, min: 1, max: 2 },
    floor: { variant: 'merge', way: 'COPY', ms: spread(5000), parts: { copy: 4000 } },
    loadline: { ms: spread(10_000), activities: { stage: 6000 }, statements: {} },
    peakMb: 300,
    ranking: { merge: 1000, slow: null },
    ways: { COPY: 1 },
    peers: [{ name: 'other 1.0', content: 'WRONG: 2 rows', ms: spread(7000), ratio: spread(3), peakMb: 9 }],
  };
}

async function resultFile(name: string, ...results: object[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
  return path;
}

test('The figures of few runs are their median, extremes and middle half', async () => {
  expect(await evaluate('stats.mjs', 'm.spread([4, 1, 3, 2])')).toEqual({
    median: 2.5,
    min: 1,
    max: 4,
    q1: 1.75,
    q3: 3.25,
  });
  expect(await evaluate('stats.mjs', 'm.medians([{ a: 1, b: 5 }, { a: 3 }, { a: 9, b: 7 }])')).toEqual({ a: 3, b: 5 });
  expect(await evaluate('turns.mjs', 'm.ratios([{ ms: 6 }, { ms: 5 }], [{ ms: 3 }, { ms: 10 }])')).toEqual([2, 0.5]);
});

test('A target is met up to its limit, and what has no target is neither met nor missed', async () => {
  expect(await evaluate('cases.mjs', '[1.25, 1.26].map((r) => m.verdict({ atMost: 1.25 }, r))')).toEqual([
    'met (≤ 1.25)',
    'MISSED (≤ 1.25)',
  ]);
  expect(await evaluate('cases.mjs', 'm.verdict({ atLeast: 0.8 }, 0.79)')).toBe('MISSED (≥ 0.8)');
  expect(await evaluate('cases.mjs', 'm.verdict({ below: 300 }, 300)')).toBe('MISSED (< 300)');
  expect(await evaluate('cases.mjs', 'm.verdict(undefined, 9)')).toBe('–');
});

test('The sides of a case take turns, and what a side checks is not timed', async () => {
  const script = `(() => { const told = []; const side = (name) => ({ name,
    prepare: () => told.push('prepare ' + name), run: () => { told.push(name); return { ms: 1 } }, check: () => told.push('check ' + name) });
    return m.takeTurns(2, [side('a'), side('b')]).then(() => told) })()`;
  const told = (await evaluate('turns.mjs', `await ${script}`)) as string[];
  expect(told.filter((text) => text.length === 1)).toEqual(['a', 'b', 'a', 'b']);
  expect(told.slice(0, 3)).toEqual(['prepare a', 'a', 'check a']);
});

test('A report has a row for each case, and of a case in two files the one of the last file', async () => {
  const older = await resultFile('1.jsonl', loadResult('parquet-empty', 1.5), loadResult('csv-empty', 9));
  const failed = { ...loadResult('csv-full', 1), error: 'A | broke' };
  const newer = await resultFile('2.jsonl', loadResult('csv-empty', 1.2), failed);
  const page = join(folder, 'RESULTS.md');
  await run('--report', older, newer, '--page', page);
  const text = await readFile(page, 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| Title'));
  const cells = rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
  expect(cells.slice(0, 3)).toEqual([
    [
      'Title of csv-empty',
      'floor',
      '5.00 (5.00–5.00)',
      '10.00 (10.00–10.00)',
      '1.20 (1.00–2.00)',
      'met (≤ 1.25)',
      '100,000',
      '300: met (< 350)',
      '0.42',
    ],
    [
      'Title of parquet-empty',
      'floor',
      '5.00 (5.00–5.00)',
      '10.00 (10.00–10.00)',
      '1.50 (1.00–2.00)',
      'MISSED (≤ 1.25)',
      '100,000',
      '300: met (< 350)',
      '0.42',
    ],
    ['Title of csv-full', 'FAILED: A broke', '–', '–', '–', '–', '–', '–', '–'],
  ]);
  expect(cells.slice(3).map((row) => [row[1], row[6]])).toContainEqual(['other 1.0', 'WRONG: 2 rows']);
  expect(text).toContain('2 × CPU, 8 GB, Linux 6; Node v20.19.0, PostgreSQL 18.4');
  expect(text).toContain('merge 1000, slow cut off');
});

test('Peers of a case stay in the report with the figures of their own run, when a later run was without them', async () => {
  const withPeers = await resultFile('1.jsonl', { ...loadResult('csv-empty', 9), load: { before: '7.00 0 0' } });
  const without = await resultFile('2.jsonl', { ...loadResult('csv-empty', 1.2), peers: [], peakMb: 111 });
  const page = join(folder, 'RESULTS.md');
  await run('--report', withPeers, without, '--page', page);
  const rows = (await readFile(page, 'utf8')).split('\n').filter((line) => line.startsWith('| Title'));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/\| 1\.20 .*\| 111: met .*\| 0\.42 +\|$/);
  expect(rows[1]).toMatch(/\| other 1\.0 .*\| 9 +\| 7\.00 +\|$/);
});

test.each([
  [['--case', 'csv-nothing'], '--case csv-nothing: no such case. There are csv-empty'],
  [['--rows', '150'], '--rows 150: expected a multiple of 100'],
  [['--pairs', '0'], '--pairs 0: expected a whole number from 1'],
  [['--pear', '1'], "Unknown option '--pear'"],
  [['csv-empty'], 'csv-empty: an option is expected'],
  [['--report', '/no/such.jsonl'], '--report /no/such.jsonl: no such file'],
])('A command that cannot be followed is refused before anything starts: %j', async (args, sentence) => {
  await expect(run(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) });
});

test('The list shows the cases that match, and how often they run', async () => {
  const { stdout } = await run('--list', '--case', '*-x10', '--case', 'steps', '--pairs', '3');
  const lines = stdout.split('\n').map((line) => line.replace(/\s+\d+ (s|min)\s+/, ' '));
  expect(lines).toContain('steps One tiny load: the steps against the bare SDK, 30 times');
  expect(lines).toContain('csv-empty-x10 CSV into an empty table, ten times the rows, 3 times');
  expect(stdout).toContain('Only by --case: csv-empty, ');
});
