import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findingsOf, type Findings } from '../../../cli/reports/findings';
import { githubReport } from '../../../cli/reports/github';
import { junitReport } from '../../../cli/reports/junit';
import { markdownReport } from '../../../cli/reports/markdown';
import { reportKinds, wantedReport, writeReports } from '../../../cli/reports/write-reports';
import { hostile } from './hostile';

const run = {
  tool: 'loadline check',
  toolVersion: '1.2.3',
  subject: hostile,
  at: '2026-11-22T06:00:00.000Z',
  counts: { rows: 1234, files: 1 },
  passed: [{ id: 'id.type', title: 'integer' }, { id: hostile, title: hostile }],
} as const; // prettier-ignore
const findings: Findings = findingsOf({
  ...run,
  findings: [
    { id: `${hostile}.range`, level: 'error', title: hostile, message: hostile, file: 'a,b: c%/p.yml', line: 5, column: 11, facts: { kind: 'range' } },
    { id: 'b.accepted', level: 'warning', title: 'b', message: 'm', file: 'p.yml' },
    { id: 'checks.known', level: 'notice', title: 'c', message: 'needs the warehouse' },
  ],
}); // prettier-ignore

// This may itself run in a job of GitHub.
beforeEach(() => void delete process.env['GITHUB_STEP_SUMMARY']);

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Element[];
}

/** Parsed by expat, which takes nothing that is not well formed. */
function parseXml(xml: string): Element {
  const program = `
import json, sys, xml.etree.ElementTree as E
def tree(e): return {'tag': e.tag, 'attributes': e.attrib, 'text': e.text or '', 'children': [tree(c) for c in e]}
print(json.dumps(tree(E.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(execFileSync('python3', ['-c', program], { input: xml, encoding: 'utf8' })) as Element;
}

/** What the schema of Jenkins allows, and the file of a case, of which GitLab makes a link. */
const allowed: Readonly<Record<string, readonly [attributes: readonly string[], children: readonly string[]]>> = {
  testsuites: [['name', 'time', 'tests', 'failures', 'errors'], ['testsuite']],
  testsuite: [['name', 'tests', 'failures', 'errors', 'time', 'skipped', 'timestamp'], ['testcase']],
  testcase: [
    ['name', 'time', 'classname', 'file'],
    ['failure', 'skipped', 'system-out'],
  ],
  failure: [['type', 'message'], []],
  skipped: [['message'], []],
  'system-out': [[], []],
};

function expectAllowed({ tag, attributes, children }: Element): void {
  const [names, tags] = allowed[tag]!;
  expect(names).toEqual(expect.arrayContaining(Object.keys(attributes)));
  expect(tags).toEqual(expect.arrayContaining(children.map((child) => child.tag)));
  children.forEach(expectAllowed);
}

test('JUnit XML is well formed whatever is in names, as the schema of its readers has it, and counts right', () => {
  const root = parseXml(junitReport(findings));
  expectAllowed(root);
  const [suite] = root.children;
  expect(suite?.attributes).toMatchObject({ tests: '5', failures: '1', errors: '0', skipped: '1', timestamp: '2026-11-22T06:00:00' }); // prettier-ignore
  const [first, second, third, ...passed] = suite!.children;
  expect(first?.attributes['file']).toBe('a,b: c%/p.yml');
  // What XML has no place for is replaced; everything else arrives as it was.
  const kept = hostile.replace(/[\u0000\u001b\ufffe\ud800]/g, '\ufffd'); // eslint-disable-line no-control-regex -- the point
  expect(first?.attributes['name']).toBe(`${kept}.range`);
  expect(first?.children[0]?.attributes['message']).toBe(`${kept}: ${kept}`);
  expect(second?.children[0]?.tag).toBe('system-out');
  expect(third?.children[0]?.attributes['message']).toBe('needs the warehouse');
  expect(passed.map(({ children }) => children)).toEqual([[], []]);
});

test('GitHub annotations are one line each, and no name ends one or begins another', () => {
  const lines = githubReport(findings).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  const [first = ''] = lines;
  expect(first.startsWith('::error file=a%2Cb%3A c%25/p.yml,line=5,col=11,title=')).toBe(true);
  // What follows the second pair of colons is the message, whatever is in it.
  expect(first.split('::')[1]).toMatch(/^error file=[^:]*,line=5,col=11,title=[^:,]*$/);
  expect(first).toContain('ü🦀%0D%0A%3A%3Aerror%3A%3Aj%0A# k <script>]]>::');
  expect(first).not.toMatch(/[\r\n]/);
  expect(lines[1]).toBe('::warning file=p.yml,title=b::m');
  expect(lines[2]).toBe('::notice title=c::needs the warehouse');
});

test('on a runner the files are named from the root of the repository, wherever the step runs', () => {
  process.env['GITHUB_WORKSPACE'] = join(process.cwd(), '..');
  try {
    const folder = process.cwd().split('/').at(-1);
    expect(githubReport(findings)).toContain(`::warning file=${folder}/p.yml,`);
  } finally {
    delete process.env['GITHUB_WORKSPACE'];
  }
});

/** Workflow commands as a runner reads them. */
function commandsIn(text: string): { level: string; properties: Record<string, string>; message: string }[] {
  const read = (value: string): string =>
    value.replace(/%(0D|0A|3A|2C|25)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return text.trimEnd().split('\n').map((line) => {
    const [, level = '', written = '', message = ''] = /^::(\w+) ([^:]*)::(.*)$/.exec(line)!;
    const properties = written.split(',').map((one) => [one.slice(0, one.indexOf('=')), read(one.slice(one.indexOf('=') + 1))]);
    return { level, properties: Object.fromEntries(properties) as Record<string, string>, message: read(message) };
  });
} // prettier-ignore

test('a runner reads of each annotation what was found, whatever is in it', () => {
  const [first] = commandsIn(githubReport(findings));
  expect(first).toEqual({
    level: 'error',
    properties: { file: 'a,b: c%/p.yml', line: '5', col: '11', title: hostile },
    message: hostile,
  });
});

test('GitHub shows ten annotations of a level: the others are counted in the last notice', () => {
  const many = (level: 'error' | 'warning' | 'notice', count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `${level}.${n}`, level, title: 't', message: `${level} ${n}` }));
  const of = (...all: ReturnType<typeof many>[]) =>
    commandsIn(githubReport(findingsOf({ ...run, findings: all.flat() })));
  const told = of(many('error', 12), many('warning', 10), many('notice', 11));
  const levels = told.map(({ level }) => level);
  for (const level of ['error', 'warning', 'notice']) expect(levels.filter((one) => one === level)).toHaveLength(10);
  expect(told.at(-1)).toMatchObject({ level: 'notice', properties: { title: '4 more findings' } });
  expect(told.at(-1)?.message).toContain('2 errors, 2 notices.');
  expect(of(many('error', 10), many('notice', 10))).toHaveLength(20);
});

test('Markdown shows names as they are: no mark-up, no HTML, no mention, no further column or line', () => {
  const lines = markdownReport(findings).split('\n');
  expect(lines[0]).toMatch(/^## ❌ loadline check: a\|b/);
  expect(lines[2]).toBe('1,234 rows, 1 file, 2 checks passed.');
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
  expect(rows[0]).toContain('&lt;img src=x onerror=alert\\(1\\)&gt; &amp;');
  expect(rows[0]).toContain('\\`e\\` \\[f\\]\\(http://g\\)');
  expect(rows[0]).toContain('&#64;h \\*i\\*');
  expect(markdownReport(findings)).not.toMatch(/[<>]/);
});

test('a fingerprint is of the check and its file, not of how many rows break it', () => {
  const one = { id: 'a.range', level: 'error', title: 't', message: '1 of 2', file: 'p.yml', line: 5 } as const;
  const of = (finding: Partial<typeof one>): string =>
    findingsOf({ ...run, findings: [{ ...one, ...finding }] }).findings[0]!.fingerprint;
  expect(of({ message: '2 of 2', line: 6 } as never)).toBe(of({}));
  expect(of({ id: 'b.range' } as never)).not.toBe(of({}));
  expect(of({ file: 'q.yml' } as never)).not.toBe(of({}));
});

test('findings of one check and file are told apart, and keep their fingerprints when they move', () => {
  const one = { id: 'Nondeterminism', level: 'error', title: 't', message: 'm', file: 'w.ts' } as const;
  const of = (lines: number[]): string[] =>
    findingsOf({ ...run, findings: lines.map((line) => ({ ...one, line })) }).findings.map(
      ({ fingerprint }) => fingerprint,
    );
  expect(new Set(of([1, 2, 3])).size).toBe(3);
  expect(of([4, 5, 6])).toEqual(of([1, 2, 3]));
});

test('steps of a job write on one page, which never grows too large for GitHub', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-reports-'));
  const page = (process.env['GITHUB_STEP_SUMMARY'] = join(folder, 'page.md'));
  try {
    const wanted = [wantedReport('summary', reportKinds)];
    const many = Array.from({ length: 12000 }, (_, n) => ({ id: `ü.${n}`, level: 'error', title: 't', message: 'ü'.repeat(40) }) as const); // prettier-ignore
    expect((await writeReports(findings, wanted, folder)).files).toEqual([join(folder, 'findings.json')]);
    await writeReports(findingsOf({ ...run, findings: many }), wanted, folder);
    const text = await readFile(page, 'utf8');
    expect(text).toMatch(/^## ❌ loadline check: a\|b/);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1024 * 1023);
    expect(text).toMatch(/ü \| {2}\|\n\n… cut here: .*\n$/);
    await writeReports(findings, wanted, folder);
    expect(await readFile(page, 'utf8')).toBe(text);
  } finally {
    delete process.env['GITHUB_STEP_SUMMARY'];
    await rm(folder, { recursive: true });
  }
});

test('reports are made of findings.json, which is written first; where they go can be said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-reports-'));
  try {
    const wanted = ['junit', `markdown=${folder}/deep/er/page.md`, 'github', 'sarif', 'codequality', 'summary'].map(
      (text) => wantedReport(text, reportKinds),
    );
    const { files, printed } = await writeReports(findings, wanted, join(folder, 'out'));
    expect(files).toEqual(
      [
        'out/findings.json',
        'out/junit.xml',
        'deep/er/page.md',
        'out/findings.sarif',
        'out/codequality.json',
        'out/summary.md',
      ].map((file) => join(folder, file)),
    );
    expect(printed).toBe(githubReport(findings));
    const [json, junit, markdown] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const read = JSON.parse(json!) as Findings;
    expect(read).toMatchObject({ version: 1, verdict: 'fail' });
    expect(junitReport(read)).toBe(junit);
    // Half a character has no bytes.
    expect(markdownReport(read).replace(/\p{Cs}/gu, '\ufffd')).toBe(markdown);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('without a report and without a folder nothing is written', async () => {
  expect(await writeReports(findings, [], undefined)).toEqual({ files: [], printed: '' });
});

test('what was looked at is counted in words', () => {
  const counts = { histories: 1, files: 1, rows: 2, phases: 1 };
  expect(markdownReport(findingsOf({ ...run, counts, findings: [] }))).toContain(
    '1 history, 1 file, 2 rows, 1 phase, ',
  );
});
