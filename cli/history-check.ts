import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDuration } from '../activities/duration';
import { loadFailure } from '../workflows/load-error';
import { checkHistories as check, knownProtocols, workflowTypesIn, type HistoryTrouble } from '../workers/history';
import { bundleForReplay } from '../workers/replay';
import { exitCodes, type ExitCode } from './exit-code';
import { ownVersion } from './own-package';
import { historyFiles } from './replay/collect';
import { quietRuntime } from './replay/quiet-runtime';
import { findingLine, verdictWords } from './reports/finding-lines';
import { findingsOf, type Finding, type Findings } from './reports/findings';
import { reportKinds, wantedReport, writeReports } from './reports/write-reports';
import { plural } from './format';
import { fields, paint } from './terminal';
import { UsageError } from './usage-error';
import type { CliContext } from './cli-context';
import type { CheckHistoriesFlags } from './commands/history';

/** Checks recorded histories, tells and writes what was found. */
export async function checkHistories(
  paths: readonly string[],
  flags: CheckHistoriesFlags,
  context: CliContext,
): Promise<ExitCode> {
  const wanted = (flags.report ?? []).map((text) => wantedReport(text, reportKinds));
  const olderThanMs = parseDuration(flags.olderThan);
  if (Number.isNaN(olderThanMs))
    throw new UsageError(`--older-than ${flags.olderThan} is no duration.`, 'Say such as 180d.');
  const config = await context.config();
  const names = await historyFiles(paths, config);
  if (names.length === 0)
    throw loadFailure('NoHistories', {
      object: paths.join(', ') || relative(path.join(config.rootDir, 'histories')),
      remedy: 'Record some with `loadline history record`.',
    });
  const files = await Promise.all(
    [...names].map(relative).sort().map(async (file) => ({ file, content: await readFile(file) })),
  ); // prettier-ignore
  const at = new Date();
  quietRuntime(context);
  const troubles = check(files, {
    workflowTypes: await workflowTypesIn(await bundleForReplay(config)),
    protocols: knownProtocols,
    oldBefore: new Date(at.getTime() - olderThanMs),
  });
  const findings = findingsIn(troubles, files.map(({ file }) => file), at); // prettier-ignore
  const written = await writeReports(findings, wanted, flags.output);
  if (written.printed) context.terminal.note(written.printed.trimEnd());
  context.terminal.result(findings, (columns) => renderChecked(findings, written.files, columns));
  return findings.verdict === 'fail' ? exitCodes.failed : exitCodes.ok;
}

const relative = (file: string): string => path.relative(process.cwd(), file) || '.';

function findingsIn(troubles: readonly HistoryTrouble[], files: readonly string[], at: Date): Findings {
  const bad = new Set(troubles.map(({ file }) => file));
  return findingsOf({
    tool: 'loadline history check',
    toolVersion: ownVersion(),
    subject: 'recorded histories',
    at: at.toISOString(),
    counts: { files: files.length },
    findings: troubles.map(finding),
    passed: files.filter((file) => !bad.has(file)).map((file) => ({ id: file, title: 'can be replayed and shown' })),
  });
}

const finding = ({ kind, level, file, line, title, message }: HistoryTrouble): Omit<Finding, 'fingerprint'> => ({
  id: `${kind}:${file}`,
  level,
  title,
  message,
  file,
  ...(line === undefined ? {} : { line }),
  facts: { kind },
});

function renderChecked(findings: Findings, written: readonly string[], columns: number): string {
  const { subject, counts, passed, verdict } = findings;
  const seen = `${plural(counts['files'] ?? 0, 'file')}, ${passed.length} without a finding`;
  const lines = findings.findings.map((one) => findingLine(one, columns, String(one.facts?.['kind'])));
  const files = written.length > 0 ? [fields([['written', written.join('\n')]], '  ', columns)] : [];
  return [`${verdictWords[verdict]}  ${paint.bold(subject)}  ${paint.dim(seen)}`, lines.join('\n'), ...files]
    .filter(Boolean)
    .join('\n\n');
}
