import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { parseDuration } from '../activities/duration';
import { loadFailure } from '../workflows/load-error';
import { checkHistories as check, knownProtocols, workflowTypesIn, type HistoryTrouble } from '../workers/history';
import { bundleForReplay } from '../workers/replay';
import { exitCodes, type ExitCode } from './exit-code';
import { ownVersion } from './own-package';
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
  const places = paths.length > 0 ? paths : [path.join(config.rootDir, 'histories')];
  const files = await historyFiles(places, paths.length > 0);
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

async function historyFiles(places: readonly string[], named: boolean) {
  const files: string[] = [];
  for (const place of places) {
    if (!existsSync(place)) {
      if (named) throw new UsageError(`There is no ${place}.`, 'Name files, or folders of them.');
      continue;
    }
    if ((await stat(place)).isDirectory()) files.push(...(await glob('**/*.json', { cwd: place, absolute: true })));
    else files.push(path.resolve(place));
  }
  if (files.length === 0)
    throw loadFailure('NoHistories', {
      object: places.map(relative).join(', '),
      remedy: 'Record some with `loadline history record`.',
    });
  return Promise.all(
    [...new Set(files)].sort().map(async (file) => ({ file: relative(file), content: await readFile(file) })),
  );
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
