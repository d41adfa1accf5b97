import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import Ajv4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { validateXML } from 'xmllint-wasm';
import { codequalityReport } from '../../../cli/reports/codequality';
import { findingsOf, type Findings } from '../../../cli/reports/findings';
import { junitReport } from '../../../cli/reports/junit';
import { sarifReport } from '../../../cli/reports/sarif';
import { hostileFindings } from './hostile';

const schema = (name: string): string => readFileSync(join(__dirname, 'schemas', name), 'utf8');
const json = (name: string): object => JSON.parse(schema(name)) as object;

const ajv = addFormats(new Ajv({ strict: false }));
// Its patterns are of an older kind.
const sarif = addFormats(new Ajv4({ strict: false, unicodeRegExp: false })).compile(json('sarif-2.1.0.json'));
const codequality = ajv.compile(json('gitlab-code-quality.json'));

const troubles = (validate: typeof sarif, value: unknown): string[] =>
  validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

// GitLab makes a link of the file of a case, which Jenkins ignores and its schema does not name.
const caseName = '<xs:attribute name="classname" type="xs:string"/>';
const xsd = schema('jenkins-junit-10.xsd').replace(caseName, `${caseName}<xs:attribute name="file" type="xs:string"/>`);
const junitTroubles = async (xml: string): Promise<string[]> =>
  (await validateXML({ xml, schema: xsd })).errors.map(({ message }) => message);

const whole = hostileFindings();
const none: Findings = findingsOf({ ...whole, findings: [], passed: [] });

test.each<[string, Findings]>([['hostile findings', whole], ['no findings at all', none]])(
  '%s are valid for every reader of a report', async (_, findings) => {
    expect(await junitTroubles(junitReport(findings))).toEqual([]);
    expect(troubles(sarif, JSON.parse(sarifReport(findings)))).toEqual([]);
    expect(troubles(codequality, JSON.parse(codequalityReport(findings)))).toEqual([]);
  },
); // prettier-ignore

test('the schema of JUnit refuses what is none', async () => {
  const xml = junitReport(whole);
  expect(await junitTroubles(xml.replace('<testcase name=', '<testcase title='))).not.toEqual([]);
  expect(await junitTroubles(xml.replaceAll('system-out', 'warning'))).not.toEqual([]);
  expect(await junitTroubles(xml.replaceAll(' failures="2"', ''))).not.toEqual([]);
});

interface Sarif {
  version: string;
  runs: {
    tool: { driver: { rules: { id: string; helpUri?: string; help?: object }[] } };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region?: object } }[];
      partialFingerprints: Record<string, string>;
      properties: { id: string };
    }[];
  }[];
}
const sarifOf = (findings: Findings): Sarif => JSON.parse(sarifReport(findings)) as Sarif;

test.each<[string, (log: Sarif) => void]>([
  ['another version', (log) => (log.version = '2.0')],
  ['an unknown level', (log) => (log.runs[0]!.results[0]!.level = 'fatal')],
  ['a result without a message', (log) => Reflect.deleteProperty(log.runs[0]!.results[0]!, 'message')],
  ['a path with a space', (log) => (log.runs[0]!.results[0]!.locations[0]!.physicalLocation.artifactLocation.uri = 'a b')],
])('the schema of SARIF refuses %s', (_, spoil) => {
  const log = sarifOf(whole);
  spoil(log);
  expect(troubles(sarif, log)).not.toEqual([]);
}); // prettier-ignore

test.each<[string, object]>([
  ['a severity of its own', { severity: 'error' }],
  ['a path outside of the repository', { location: { path: '../p.yml', lines: { begin: 1 } } }],
  ['an absolute path', { location: { path: '/p.yml', lines: { begin: 1 } } }],
  ['a place without a line', { location: { path: 'p.yml' } }],
  ['no fingerprint', { fingerprint: undefined }],
])('the schema of code quality refuses %s', (_, change) => {
  const [first, ...rest] = JSON.parse(codequalityReport(whole)) as object[];
  expect(troubles(codequality, JSON.parse(JSON.stringify([{ ...first, ...change }, ...rest])))).not.toEqual([]);
});

test('SARIF has a rule for each kind; an error code has its page, and a check of a column is found by its id', () => {
  const [run] = sarifOf(whole).runs;
  const { rules } = run!.tool.driver;
  for (const { ruleId, ruleIndex } of run!.results) expect(rules[ruleIndex]?.id).toBe(ruleId);
  expect(rules.map(({ id }) => id).slice(1)).toEqual(['accepted', 'range', 'MissingColumn', 'checks.known']);
  expect(rules.find(({ id }) => id === 'MissingColumn')?.helpUri).toBe(
    'https://unpkg.com/loadline@1.2.3/docs/errors/MissingColumn.md',
  );
  const [first, accepted, , , notice] = run!.results;
  expect(accepted?.properties).toEqual({ id: 'b.accepted', kind: 'accepted', broken: 2 });
  expect(first?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'a%2Cb%3A%20c%25/%C3%BC%20%22p%22.yml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 5, startColumn: 11 },
  });
  expect(first?.message.text).toContain('\\[f\\](http://g)');
  expect(notice).toMatchObject({
    level: 'note',
    partialFingerprints: { 'loadline/v1': whole.findings[4]!.fingerprint },
  });
});

test('what has no file is shown at the file that was looked at, or else at the configuration', () => {
  const pathOf = (findings: Findings): string | undefined =>
    (JSON.parse(codequalityReport(findings)) as { location: { path: string } }[]).at(-1)?.location.path;
  expect(pathOf(whole)).toBe('loadline.config.ts');
  expect(pathOf({ ...whole, file: 'deep/loadline.config.ts' })).toBe('deep/loadline.config.ts');
  expect(pathOf({ ...whole, file: join(process.cwd(), 'deep/p.yml') })).toBe('deep/p.yml');
});
