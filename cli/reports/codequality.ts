import { fileOf } from './repository-path';
import { wellFormed } from './well-formed';
import type { Finding, Findings } from './findings';

/** Findings as GitLab's code quality report, which it compares with that of the target branch, by fingerprint. */
export function codequalityReport(findings: Findings): string {
  return `${JSON.stringify(
    findings.findings.map((finding) => issue(finding, findings)),
    null,
    2,
  )}\n`;
}

const severities = { error: 'critical', warning: 'minor', notice: 'info' } as const;

function issue(finding: Finding, all: Findings): object {
  const { id, level, title, message, line, fingerprint } = finding;
  return {
    description: wellFormed(`${title}: ${message}`),
    check_name: wellFormed(id),
    fingerprint,
    severity: severities[level],
    // GitLab leaves out what has no place.
    location: { path: wellFormed(fileOf(finding, all)), lines: { begin: line ?? 1 } },
  };
}
