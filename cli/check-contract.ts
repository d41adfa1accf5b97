import { checkFiles, checkIds, type CheckOptions } from '../activities/check';
import { didYouMean } from '../activities/contracts';
import { loadErrorOf } from '../workflows/load-error';
import type { LoadErrorCode } from '../workflows/load-error-code';
import { checkFindings, malformedFindings, refusedFindings } from './check-findings';
import { exitCodes, type ExitCode } from './exit-code';
import { findContract, type FoundContract } from './find-contract';
import { plural } from './format';
import { errorFacts } from './print-error';
import { findingLine, verdictWords } from './reports/finding-lines';
import type { Findings } from './reports/findings';
import { reportKinds, wantedReport, writeReports } from './reports/write-reports';
import { fields, paint } from './terminal';
import { UsageError } from './usage-error';
import type { CliContext } from './cli-context';
import type { CheckFlags } from './commands/check';

/** Checks files against a contract, tells and writes what was found. */
export async function check(
  named: string,
  files: readonly string[],
  flags: CheckFlags,
  context: CliContext,
  reading: CheckOptions,
): Promise<ExitCode> {
  const wanted = (flags.report ?? []).map((text) => wantedReport(text, reportKinds));
  const at = instantOf(flags.at);
  const report = async (findings: Findings): Promise<readonly string[]> => {
    const written = await writeReports(findings, wanted, flags.output);
    // GitHub reads its commands on either stream.
    if (written.printed) context.terminal.note(written.printed.trimEnd());
    return written.files;
  };
  const found = await findContract(named, context).catch(async (error: unknown) => {
    const facts = errorFacts(error);
    // A pipeline shows its reports, and hides what was printed.
    if (facts.code === 'InvalidContract') await report(malformedFindings(named, files, facts, at));
    throw error;
  });
  const skip = knownChecks(flags.skip ?? [], checkIds(found.contract));
  const findings = await findingsIn(found, files, { ...reading, at, skip });
  const written = await report(findings);
  context.terminal.result(findings, (columns) => renderFindings(findings, written, columns));
  const fails = findings.verdict === 'fail' || (flags.strict === true && findings.verdict === 'warn');
  return fails ? exitCodes.failed : exitCodes.ok;
}

function instantOf(text: string | undefined): Date {
  const at = text === undefined ? new Date() : new Date(text);
  if (text === undefined || (/^\d{4}-/.test(text) && !Number.isNaN(at.getTime()))) return at;
  throw new UsageError(`--at ${text} is no instant.`, 'Say such as 2026-11-22T06:00:00Z.');
}

function knownChecks(skip: readonly string[], ids: readonly string[]): readonly string[] {
  const unknown = skip.find((id) => !ids.includes(id));
  if (unknown === undefined) return skip;
  throw new UsageError(`--skip ${unknown} is no check of the contract.`, didYouMean(unknown, ids));
}

/** What makes a load refuse a file, and is no fault of the surroundings. */
const ofTheFile: readonly LoadErrorCode[] = [
  'MissingColumn', 'UnknownColumn', 'RaggedRow', 'InvalidEncoding', 'InvalidValue', 'MalformedJson', 'RowTooLong', 'CorruptFile',
  'UnsupportedFormat',
]; // prettier-ignore

async function findingsIn(found: FoundContract, files: readonly string[], options: CheckOptions & { at: Date }) {
  try {
    return checkFindings(found, await checkFiles(found.contract, files, options), options.at);
  } catch (error) {
    const failure = loadErrorOf(error);
    if (failure?.type === 'SourceNotFound')
      throw new UsageError(`There is no file ${tidy(failure.details[0].object)}.`, 'Correct the path of the sample.');
    if (!failure || !ofTheFile.includes(failure.type)) throw error;
    const facts = { ...errorFacts(failure), object: tidy(failure.details[0].object) };
    return refusedFindings(found, files, facts, options.at);
  }
}

/** A store in the working directory is called `.`. */
const tidy = (object: string): string => object.replace(/^\.\//, '');

/** Findings to be read at a glance: a line for each, with the place in the contract first, as editors open it. */
export function renderFindings(findings: Findings, written: readonly string[], columns = Infinity): string {
  const { subject, counts, passed, verdict } = findings;
  const seen = [
    ...(counts['rows'] === undefined ? [] : [plural(counts['rows'], 'row')]),
    plural(counts['files'] ?? 0, 'file'),
    `${plural(passed.length, 'check')} passed`,
  ];
  const lines = findings.findings.map((finding) => findingLine(finding, columns));
  const files = written.length > 0 ? [fields([['written', written.join('\n')]], '  ', columns)] : [];
  return [`${verdictWords[verdict]}  ${paint.bold(subject)}  ${paint.dim(seen.join(', '))}`, lines.join('\n'), ...files]
    .filter(Boolean)
    .join('\n\n');
}
