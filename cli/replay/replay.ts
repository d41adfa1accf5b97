import path from 'node:path';
import { bundleForReplay, replayHistories, type HistorySample, type NamedHistory } from '../../workers/replay';
import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import { exitCodeOfError, exitCodes, type ExitCode } from '../exit-code';
import { plural } from '../format';
import { ownVersion } from '../own-package';
import { errorFacts } from '../print-error';
import { findingLine, verdictWords } from '../reports/finding-lines';
import { findingsOf, type Findings } from '../reports/findings';
import { reportKinds, wantedReport, writeReports } from '../reports/write-reports';
import { fields, paint } from '../terminal';
import { acknowledgedName, readAcknowledgements } from './acknowledgements';
import { historiesIn, historyFiles, sampleOfServer } from './collect';
import { quietRuntime } from './quiet-runtime';
import { FindingsOfReplay, type NewFinding } from './replay-findings';
import type { CliContext } from '../cli-context';
import type { ReplayFlags } from '../commands/replay';

/** Replays histories against the workflows of the configuration; tells and writes what was found. */
export async function replay(paths: readonly string[], flags: ReplayFlags, context: CliContext): Promise<ExitCode> {
  quietRuntime(context);
  const wanted = (flags.report ?? []).map((text) => wantedReport(text, reportKinds));
  const { taskQueue } = await context.config();
  const report = async (findings: Findings): Promise<readonly string[]> => {
    const written = await writeReports(findings, wanted, flags.output);
    if (written.printed) context.terminal.note(written.printed.trimEnd());
    return written.files;
  };
  try {
    const { findings, suggestions } = await judge(paths, flags, context);
    const written = await report(findings);
    context.terminal.result(findings, (columns) => renderReplay(findings, written, suggestions, columns));
    return findings.verdict === 'fail' ? exitCodes.failed : exitCodes.ok;
  } catch (error) {
    // A pipeline shows its reports, and hides what was printed. Nothing was judged: no history is said to fail.
    if (loadErrorOf(error) && exitCodeOfError(errorFacts(error).code) !== exitCodes.usage)
      await report(notJudged(taskQueue, error));
    throw error;
  }
}

interface Judged {
  readonly findings: Findings;
  readonly suggestions: readonly string[];
}

async function judge(paths: readonly string[], flags: ReplayFlags, context: CliContext): Promise<Judged> {
  const config = await context.config();
  const acknowledgedFile =
    flags.acknowledged ?? path.relative(process.cwd(), path.join(config.rootDir, acknowledgedName));
  const acknowledged = readAcknowledgements(acknowledgedFile, flags.acknowledged !== undefined);
  const files = await historyFiles(paths, config);
  const sample = await sampleOfServer(flags, context);
  if (files.length === 0 && !sample?.seen && !flags.allowNone) throw noHistories(paths, sample !== undefined);
  const found = new FindingsOfReplay(acknowledged, config.workflowsPath);
  const invalid: NewFinding[] = [];
  const fileTypes = new Set<string>();
  const fromFiles = historiesIn(files, (file, failure) => invalid.push(invalidFinding(file, failure)));
  let types: readonly string[] = [];
  const verdicts = replayHistories(await bundleForReplay(config), allOf(fromFiles, sample, fileTypes), {
    onTypes: (names) => (types = names),
  });
  for await (const verdict of verdicts) found.add(verdict);
  const seen = files.length + (sample?.seen ?? 0);
  const findings = findingsOf({
    ...head(config.taskQueue),
    counts: {
      histories: seen,
      replayed: found.replayed,
      ...(sample ? { shapes: sample.shapes } : {}),
      types: new Set([...fileTypes, ...(sample?.types.keys() ?? [])]).size,
    },
    findings: [...invalid, ...found.findings(types)],
    passed: found.passed,
  });
  return { findings, suggestions: found.suggestions() };
}

async function* allOf(
  files: AsyncIterable<NamedHistory>,
  sample: HistorySample | undefined,
  types: Set<string>,
): AsyncGenerator<NamedHistory> {
  for await (const history of files) {
    types.add(history.workflowType);
    yield history;
  }
  yield* sample?.histories ?? [];
}

const head = (subject: string) =>
  ({ tool: 'loadline replay', toolVersion: ownVersion(), subject, at: new Date().toISOString() }) as const;

function noHistories(paths: readonly string[], asked: boolean): Error {
  const object = [...(paths.length > 0 ? paths : ['histories']), ...(asked ? ['the server'] : [])].join(', ');
  return loadFailure('NoHistories', { object, expected: 'at least one history', got: 'none' });
}

function invalidFinding(file: string, error: unknown): NewFinding {
  const { code, what, expected, got, remedy } = errorFacts(error);
  const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
  return {
    id: `${code} ${file}`,
    level: 'error',
    title: what.replace(/\.$/, ''),
    message: `${file}: ${facts}. ${remedy}`,
    file,
    facts: { kind: code },
  };
}

/** What is said where no history was judged: the replayer, a server or the bundle failed. */
function notJudged(subject: string, error: unknown): Findings {
  const { code, what, object, expected, got, remedy } = errorFacts(error);
  const facts = [object, expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
  const title = what.replace(/\.$/, '');
  const message = [facts && `${facts}.`, remedy, 'No history was judged.'].filter(Boolean).join(' ');
  return findingsOf({
    ...head(subject),
    counts: { histories: 0 },
    findings: [{ id: code, level: 'error', title, message, facts: { kind: code } }],
    passed: [],
  });
}

/** Findings to be read at a glance. */
export function renderReplay(
  findings: Findings,
  written: readonly string[],
  suggestions: readonly string[],
  columns = Infinity,
): string {
  const { subject, counts, verdict } = findings;
  const seen = [
    plural(counts['histories'] ?? 0, 'history', 'histories'),
    `${counts['replayed']} replayed`,
    ...(counts['shapes'] === undefined ? [] : [plural(counts['shapes'], 'shape')]),
    plural(counts['types'] ?? 0, 'workflow type'),
  ];
  const lines = findings.findings.map((finding) => findingLine(finding, columns, String(finding.facts?.['kind'])));
  const meant =
    suggestions.length > 0
      ? [
          `${paint.cyan('→')} If it is meant, write into ${acknowledgedName}, with a reason:\n\n${suggestions.join('\n')}`,
        ]
      : [];
  const files = written.length > 0 ? [fields([['written', written.join('\n')]], '  ', columns)] : [];
  return [
    `${verdictWords[verdict]}  ${paint.bold(subject)}  ${paint.dim(seen.join(', '))}`,
    lines.join('\n'),
    ...meant,
    ...files,
  ]
    .filter(Boolean)
    .join('\n\n');
}
