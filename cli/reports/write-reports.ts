import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { githubReport } from './github';
import { junitReport } from './junit';
import { markdownReport } from './markdown';
import { UsageError } from '../usage-error';
import type { Findings } from './findings';

/** The reports that are made of findings. */
export const reportKinds = ['junit', 'markdown', 'github'] as const;
/** One of {@link reportKinds}. */
export type ReportKind = (typeof reportKinds)[number];

/** A report to be made, and where to; `null`: in the folder of the reports, and GitHub's on the terminal. */
export interface WantedReport {
  readonly kind: ReportKind;
  readonly path: string | null;
}

/** Reads `--report`, such as `junit` or `junit=reports/check.xml`. @throws `UsageError` */
export function wantedReport(text: string): WantedReport {
  const [, name = text, to] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  const kind = reportKinds.find((one) => one === name);
  if (kind) return { kind, path: to ?? null };
  throw new UsageError(
    `--report ${name} is unknown.`,
    `Say ${reportKinds.join(', ')}, or such as junit=reports/check.xml.`,
  );
}

/** Where reports are written unless something else is said. */
export const reportFolder = 'loadline-report';

const makers = { junit: junitReport, markdown: markdownReport, github: githubReport } as const;
const names = { junit: 'junit.xml', markdown: 'summary.md' } as const;

/** What became of the reports. */
export interface WrittenReports {
  /** The files, findings.json first. */
  readonly files: readonly string[];
  /** What is to be printed for GitHub. */
  readonly printed: string;
}

/** Writes `findings.json` and the reports that are made of it. */
export async function writeReports(
  findings: Findings,
  wanted: readonly WantedReport[],
  folder: string | undefined,
): Promise<WrittenReports> {
  const home = folder ?? reportFolder;
  const files = new Map<string, string>();
  if (folder !== undefined || wanted.length > 0)
    files.set(path.join(home, 'findings.json'), `${JSON.stringify(findings, null, 2)}\n`);
  let printed = '';
  for (const { kind, path: to } of wanted) {
    const text = makers[kind](findings);
    if (to !== null) files.set(to, text);
    else if (kind === 'github') printed += text;
    else files.set(path.join(home, names[kind]), text);
  }
  for (const [file, text] of files) {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return { files: [...files.keys()], printed };
}
