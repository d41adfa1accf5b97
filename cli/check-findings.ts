import { ownVersion } from './own-package';
import { findingsOf, type Finding, type Findings } from './reports/findings';
import type { CheckReport, FileVerdict, SkippedCheck } from '../activities/check';
import type { TableContract } from '../workflows/table-contract';
import type { FoundContract } from './find-contract';
import type { ErrorFacts } from './print-error';

const head = (subject: string, at: Date) =>
  ({ tool: 'loadline check', toolVersion: ownVersion(), subject, at: at.toISOString() }) as const;

/** What a check has found, as `findings.json` has it. */
export function checkFindings(
  found: FoundContract,
  { rows, files, verdicts, skipped }: CheckReport,
  at: Date,
): Findings {
  const broken = verdicts.filter(({ verdict }) => verdict !== 'pass');
  const passed = verdicts.filter(({ verdict }) => verdict === 'pass');
  return findingsOf({
    ...head(found.contract.name, at),
    counts: { rows, files: files.length },
    findings: [
      ...broken.map((verdict) => brokenFinding(found, verdict)),
      ...skipped.map((check) => skippedFinding(found, check)),
    ],
    passed: passed.map(({ id, expected }) => ({ id, title: expected })),
  });
}

type NewFinding = Omit<Finding, 'fingerprint'>;

function brokenFinding(found: FoundContract, verdict: FileVerdict): NewFinding {
  const { id, kind, column, severity, broken, of, expected, got, first, reason } = verdict;
  const { owner } = found.contract;
  const where = first ? `, first in ${first.file} ${first.counted} ${first.line}` : '';
  const aside = verdict.verdict === 'quarantine' ? ['A load would set these rows aside.'] : [];
  const told = [...aside, ...(reason ? [reason] : []), ...(owner ? [`Owner: ${owner}.`] : [])];
  return {
    id,
    level: verdict.verdict === 'fail' ? 'error' : 'warning',
    title: titleOf(id, kind, column),
    message: [`${got}${where}; expected ${expected}.`, ...told].join(' '),
    ...found.locate(pathOf(found.contract, id, kind, column)),
    facts: { kind, ...(column === undefined ? {} : { column }), severity, broken, of },
  };
}

function skippedFinding(found: FoundContract, { id, kind, column, why }: SkippedCheck): NewFinding {
  return {
    id,
    level: 'notice',
    title: `${id} was not checked`,
    message: `Skipped: ${why}.`,
    ...found.locate(pathOf(found.contract, id, kind, column)),
    facts: { kind, ...(column === undefined ? {} : { column }) },
  };
}

const titles: Readonly<Record<string, string>> = {
  type: 'holds what is no value of its type',
  key: 'of the key has no value',
  notNull: 'has no value',
  range: 'is out of range',
  accepted: 'is none of the accepted values',
  pattern: 'does not match its pattern',
  length: 'is too short or too long',
  unique: 'is not unique',
};
const batchTitles: Readonly<Record<string, string>> = {
  rows: 'Too few or too many rows',
  duplicates: 'Rows of one key contradict each other',
};

function titleOf(id: string, kind: string, column: string | undefined): string {
  const title = titles[kind];
  if (title !== undefined && column !== undefined) return `${column} ${title}`;
  return batchTitles[kind] ?? `${id.replace(/^checks\./, '')} does not hold`;
}

/** Where in a contract a check is written. */
function pathOf(contract: TableContract, id: string, kind: string, column: string | undefined): PropertyKey[] {
  if (id.startsWith('checks.')) {
    const index = (contract.checks ?? []).findIndex(({ name }) => `checks.${name}` === id);
    if (index >= 0) return ['checks', index];
  }
  if (kind === 'duplicates') return ['key'];
  if (kind === 'key') return ['key', contract.key?.indexOf(column ?? '') ?? 0];
  return column === undefined ? id.split('.') : ['columns', column, kind];
}

type Refusal = Pick<ErrorFacts, 'code' | 'what' | 'expected' | 'got' | 'remedy'> & { readonly object: string };

/** What is said of files that a load would refuse before any check. */
export function refusedFindings(
  { contract }: FoundContract,
  files: readonly string[],
  refusal: Refusal,
  at: Date,
): Findings {
  const line = /\bline (\d+)/.exec(refusal.got ?? '')?.[1];
  const file = files.find((one) => refusal.object.includes(one.replace(/^.*[\\/]/, ''))) ?? files[0]!;
  return refused(contract.name, files, refusal, at, { file, ...(line === undefined ? {} : { line: Number(line) }) });
}

/** What is said of a contract that cannot be read. */
export function malformedFindings(named: string, files: readonly string[], facts: ErrorFacts, at: Date): Findings {
  const object = facts.object ?? named;
  const [, file, line, column] = /^(.+?):(\d+)(?::(\d+))?(?: |$)/.exec(object) ?? [];
  return refused(named, files, { ...facts, object }, at, {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  });
}

function refused(
  subject: string,
  files: readonly string[],
  { code, object, expected, got, remedy, what }: Refusal,
  at: Date,
  place: Pick<Finding, 'file' | 'line' | 'column'>,
): Findings {
  const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
  return findingsOf({
    ...head(subject, at),
    counts: { files: files.length },
    findings: [
      {
        id: code,
        level: 'error',
        title: what.replace(/\.$/, ''),
        message: [`${object}${facts === '' ? '' : `: ${facts}`}.`, remedy, 'No further check was made.'].join(' '),
        ...place,
        facts: { kind: code },
      },
    ],
    passed: [],
  });
}
