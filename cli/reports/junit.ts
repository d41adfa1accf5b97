import { inRepository } from './repository-path';
import { placeOf, type Finding, type Findings } from './findings';

/**
 * Findings as JUnit XML: a case for each thing that was looked at. Errors are failures; a warning passes and is told in the
 * case's output, a notice is a skipped case.
 */
export function junitReport({ tool, subject, at, findings, passed }: Findings): string {
  const failures = findings.filter(({ level }) => level === 'error').length;
  const skipped = findings.filter(({ level }) => level === 'notice').length;
  const counts = { tests: findings.length + passed.length, failures, errors: 0, time: 0 };
  const cases = [
    ...findings.map((finding) => testCase(subject, finding)),
    ...passed.map(({ id }) => element('testcase', { name: id, classname: subject, time: 0 })),
  ];
  const suite = element('testsuite', { name: subject, ...counts, skipped, timestamp: at.slice(0, 19) }, ...cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: tool, ...counts }, suite)}\n`;
}

function testCase(subject: string, finding: Finding): string {
  const { id, file } = finding;
  // GitLab makes a link of the file; the line is no attribute that all readers allow.
  const at = file === undefined ? {} : { file: inRepository(file) };
  return element('testcase', { name: id, classname: subject, time: 0, ...at }, outcome(finding));
}

function outcome(finding: Finding): string {
  const { level, title, message, facts } = finding;
  const told = escaped([title, message, placeOf(finding)].filter(Boolean).join('\n'));
  if (level === 'notice') return element('skipped', { message });
  if (level === 'warning') return element('system-out', {}, told);
  return element('failure', { message: `${title}: ${message}`, type: String(facts?.['kind'] ?? 'finding') }, told);
}

/** `content` is XML already. */
function element(name: string, attributes: Readonly<Record<string, string | number>>, ...content: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const inside = content.join('\n');
  return inside === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>\n${inside}\n</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\r': '&#13;', '\t': '&#9;',
}; // prettier-ignore

/** Text for an attribute or between tags. What XML has no place for at all becomes a replacement character. */
const escaped = (text: string): string =>
  text
    // Halves of characters.
    .replace(/\p{Cs}/gu, '\ufffd')
    // eslint-disable-next-line no-control-regex -- those are what XML 1.0 forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n\r\t]/g, (character) => entities[character]!);
