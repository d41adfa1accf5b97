import { createHash } from 'node:crypto';

/**
 * What a gate has found: the content of `findings.json`, from which every report is made. Additions keep the version; a
 * reader ignores fields that it does not know.
 */
export interface Findings {
  readonly version: 1;
  /** What looked: `loadline check`, `loadline replay`, `loadline deploy`. */
  readonly tool: string;
  readonly toolVersion: string;
  /** What was looked at, such as the name of a contract, of a task queue or of a build. */
  readonly subject: string;
  /** Where a reader that wants a file shows findings without one, such as the configuration. From the working directory. */
  readonly file?: string;
  /** `fail` if there is an error, `warn` if there is a warning. */
  readonly verdict: 'pass' | 'warn' | 'fail';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What was looked at, in numbers: such as `rows` and `files`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** What was looked at and is as it should be. */
  readonly passed: readonly Pick<Finding, 'id' | 'title'>[];
}

/** How much a finding matters. A `notice` is something that could not be looked at. */
export type FindingLevel = 'error' | 'warning' | 'notice';

/** One finding. Never holds the value of a row. */
export interface Finding {
  /**
   * What was looked at: unique among the findings of one run and file, and the same in each run. An error code, or the name of a
   * check, perhaps with what it is about: `LoadKeyChanged`, `amount.range`, `Nondeterminism:ordersDaily`.
   */
  readonly id: string;
  readonly level: FindingLevel;
  /** In a few words. */
  readonly title: string;
  /** In one or two sentences. */
  readonly message: string;
  /** Where it can be put right: a path relative to the working directory. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
  /** The same for the same finding, however many rows it is about and wherever it has moved in its file. */
  readonly fingerprint: string;
  /** What a program may want to know besides, such as counts. `kind` is the kind of check or the error code. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
}

/** Makes the findings of one run. */
export function findingsOf(
  run: Omit<Findings, 'version' | 'verdict' | 'findings'> & {
    readonly findings: readonly Omit<Finding, 'fingerprint'>[];
  },
): Findings {
  const has = (level: FindingLevel): boolean => run.findings.some((finding) => finding.level === level);
  const fingerprint = fingerprints(run.tool, run.subject);
  return {
    version: 1,
    ...run,
    verdict: has('error') ? 'fail' : has('warning') ? 'warn' : 'pass',
    findings: run.findings.map((finding) => ({ ...finding, fingerprint: fingerprint(finding) })),
  };
}

/** Gives each finding of one run a fingerprint of its own: readers show but one of several that are equal. */
function fingerprints(tool: string, subject: string): (finding: Omit<Finding, 'fingerprint'>) => string {
  const seen = new Map<string, number>();
  return ({ id, file }) => {
    const named = JSON.stringify([tool, subject, id, file ?? null]);
    const before = seen.get(named) ?? 0;
    seen.set(named, before + 1);
    const whole = before === 0 ? named : `${named}#${before}`;
    return createHash('sha256').update(whole).digest('hex').slice(0, 32);
  };
}

/** Where a finding is, as editors and terminals make it a link: `payments.yml:5:11`. */
export function placeOf({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>): string | undefined {
  return file === undefined ? undefined : [file, line, column].filter((part) => part !== undefined).join(':');
}
