import { loadErrors, type LoadErrorCode } from '../../workflows/load-error-code';
import { fileOf } from './repository-path';
import { wellFormed } from './well-formed';
import type { Finding, Findings } from './findings';

/** Findings as SARIF 2.1.0, as code scanning and editors read it: a rule for each kind of check or error code. */
export function sarifReport(findings: Findings): string {
  const { tool, toolVersion, subject, at } = findings;
  const rules = [...new Set(findings.findings.map(ruleOf))];
  const run = {
    tool: {
      driver: {
        name: 'Loadline',
        version: toolVersion,
        informationUri: 'https://www.npmjs.com/package/loadline',
        rules: rules.map((id) => rule(id, toolVersion)),
      },
    },
    // What is uploaded for one subject does not take the place of another's.
    automationDetails: { id: wellFormed(`${tool}/${subject}/`) },
    invocations: [{ executionSuccessful: true, endTimeUtc: at }],
    columnKind: 'utf16CodeUnits',
    results: findings.findings.map((finding) => result(finding, findings, rules)),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** The kind of what was looked at: `range` of `amount.range`; an error code is its own. */
const ruleOf = ({ id, facts }: Finding): string =>
  isCode(id) || typeof facts?.['kind'] !== 'string' ? wellFormed(id) : wellFormed(facts['kind']);

const isCode = (id: string): id is LoadErrorCode => Object.hasOwn(loadErrors, id);

function rule(id: string, version: string): object {
  if (!isCode(id)) {
    const text = `The check ${id} does not hold. Where it is declared, and what was found, is told with each result.`;
    return { id, shortDescription: { text: `The check ${plain(id)}` }, help: { text: plain(text) } };
  }
  const { meaning, remedy } = loadErrors[id];
  return {
    id,
    shortDescription: { text: meaning },
    help: { text: `${meaning} ${remedy}`, markdown: `${meaning}\n\n**What to do.** ${remedy}` },
    helpUri: `https://unpkg.com/loadline@${version}/docs/errors/${id}.md`,
  };
}

const levels = { error: 'error', warning: 'warning', notice: 'note' } as const;

function result(finding: Finding, all: Findings, rules: readonly string[]): object {
  const { id, level, title, message, line, column, fingerprint, facts } = finding;
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  const artifactLocation = { uri: uriOf(fileOf(finding, all)), uriBaseId: '%SRCROOT%' };
  return {
    ruleId: ruleOf(finding),
    ruleIndex: rules.indexOf(ruleOf(finding)),
    level: levels[level],
    message: { text: plain(`${title}: ${message}`) },
    locations: [{ physicalLocation: { artifactLocation, ...region } }],
    partialFingerprints: { 'loadline/v1': fingerprint },
    properties: { ...facts, id: wellFormed(id) },
  };
}

const uriOf = (file: string): string => wellFormed(file).split('/').map(encodeURIComponent).join('/');

/** Nothing in a text becomes a link: SARIF has `[text](target)` for them. */
const plain = (text: string): string => wellFormed(text).replace(/[\\[\]]/g, '\\$&');
