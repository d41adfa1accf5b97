import { appendFile, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codequalityReport } from './codequality';
import { githubReport } from './github';
import { junitReport } from './junit';
import { markdownReport } from './markdown';
import { sarifReport } from './sarif';
import { fitting, summaryBytes } from './step-summary';
import { UsageError } from '../usage-error';
import type { Findings } from './findings';

/** The reports that are made of findings. */
export const reportKinds = ['junit', 'codequality', 'sarif', 'markdown', 'github', 'summary'] as const;
/** One of {@link reportKinds}. */
export type ReportKind = (typeof reportKinds)[number];

/**
 * A report to be made, and where to; `null`: in the folder of the reports, GitHub's annotations on the terminal, and the summary
 * on the page of GitHub's job.
 */
export interface WantedReport<K extends string = ReportKind> {
  readonly kind: K;
  readonly path: string | null;
}

/** Reads `--report`, such as `junit` or `junit=reports/check.xml`. @throws `UsageError` */
export function wantedReport<K extends string>(text: string, kinds: readonly K[]): WantedReport<K> {
  const [, name = text, to] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  const kind = kinds.find((one) => one === name);
  if (kind) return { kind, path: to ?? null };
  throw new UsageError(
    `--report ${name} is unknown.`,
    `Say ${kinds.join(', ')}, or with a path, such as ${kinds[0]}=path/to/file.`,
  );
}

/** Where reports are written unless something else is said. */
export const reportFolder = 'loadline-report';

const makers = {
  junit: junitReport,
  codequality: codequalityReport,
  sarif: sarifReport,
  markdown: markdownReport,
  github: githubReport,
  summary: markdownReport,
} as const;
const names = {
  junit: 'junit.xml',
  codequality: 'codequality.json',
  sarif: 'findings.sarif',
  markdown: 'summary.md',
  summary: 'summary.md',
} as const;

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
    // Steps of one job share the page; elsewhere it is a file as Markdown is.
    const page = kind === 'summary' ? (to ?? process.env['GITHUB_STEP_SUMMARY']) : undefined;
    if (page) await addToPage(page, text);
    else if (to !== null) files.set(to, text);
    else if (kind === 'github') printed += text;
    else files.set(path.join(home, names[kind]), text);
  }
  await writeFiles(files);
  return { files: [...files.keys()], printed };
}

const addToPage = (page: string, text: string): Promise<void> =>
  written(page, async () => {
    await mkdir(path.dirname(page), { recursive: true });
    const { size } = await stat(page).catch(() => ({ size: 0 }));
    await appendFile(page, fitting(`${text}\n`, summaryBytes - size));
  });

/** Writes files with the folders that they need. */
export async function writeFiles(files: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, text] of files)
    await written(file, async () => {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    });
}

async function written(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${file} cannot be written: ${why}.`,
      'Name another place, or make it one that can be written to.',
    );
  }
}
