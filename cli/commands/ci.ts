import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyCi } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { reportKinds, wantedReport, writeReports } from '../reports/write-reports';
import { fields, paint } from '../terminal';
import type { CliContext, RunBody } from '../cli-context';

interface CheckFlags {
  readonly report?: readonly string[];
  readonly output?: string;
}

const several = (one: string, all: readonly string[] = []): string[] => [...all, one];

/** Declares `ci init`, `ci sync`, `ci check` and `ci run`. */
export function addCi(program: Command, run: RunBody): void {
  const ci = program
    .command('ci')
    .description('the gate in your CI: templates for GitLab and GitHub, and what they run');
  ci.command('init')
    .argument('<platform>', 'gitlab | github')
    .description('put the templates into the repository, at whose root you are')
    .option('--sample <contract=glob>', 'files to check against a contract; may be repeated (default: found)', several)
    .action((platform: string, { sample }: { sample?: string[] }) => run((context) => init(platform, sample, context)));
  ci.command('sync')
    .description('bring the templates to the installed version')
    .option('--force', 'give up what was edited by hand')
    .action(({ force }: { force?: boolean }) => run((context) => sync(force === true, context)));
  ci.command('check')
    .description('compare the templates with the installed version; 1 if they differ')
    .option('--report <kind[=path]>', reportHelp, several)
    .option('--output <folder>', 'where findings.json and the reports go')
    .action((flags: CheckFlags) => run((context) => check(flags, context)));
  ci.command('run')
    .argument('<job>', 'tests | replay | quality | bundle | deploy | rollback | verdict')
    .description('run a job of the templates: prints the commands it stands for, and runs them')
    .addHelpText(
      'after',
      '\nInputs come from the variables LOADLINE_CI_<INPUT>, as the templates set them; see docs/ci.md.',
    )
    .action((job: string) => run((context) => runNamed(job, context)));
}

async function init(named: string, given: readonly string[] | undefined, context: CliContext): Promise<ExitCode> {
  const { choice, findSamples, initCi, platforms } = lazyCi();
  const platform = choice('platform', named, platforms);
  const made = await initCi(platform, given ?? (await findSamples(context)));
  context.terminal.result(made, () => {
    const lines = fields([
      ['created', made.created.join('\n') || undefined],
      ['added to', made.extended.join('\n') || undefined],
      ['samples', made.samples.join('\n') || undefined],
    ], '  '); // prettier-ignore
    const none = 'No sample was found: name one in the input samples, or the job quality refuses to pass.';
    return [
      `${paint.green('✓')} ${paint.bold(`templates for ${platform}`)}`,
      lines,
      ...(made.samples.length === 0 ? [`${paint.yellow('!')} ${none}`] : []),
      ...(made.byHand ? [`${paint.yellow('!')} ${made.byHand.file} is yours; add to it:\n\n${made.byHand.text}`] : []),
      '',
      '  Next: `npx loadline history record`, and commit.',
    ].join('\n');
  });
  return exitCodes.ok;
}

async function sync(force: boolean, { terminal }: CliContext): Promise<ExitCode> {
  const { syncCi, vendoredHere } = lazyCi();
  const { written, refused } = await syncCi(vendoredHere(), force);
  terminal.result({ written, refused }, () => {
    if (refused.length > 0)
      return `${paint.red('✗')} edited by hand, nothing was written; --force gives it up:\n${refused.map((file) => `  ${file}`).join('\n')}`;
    if (written.length === 0) return `${paint.green('✓')} the templates are those of the installed version`;
    return `${paint.green('✓')} brought to the installed version:\n${written.map((file) => `  ${file}`).join('\n')}`;
  });
  return refused.length > 0 ? exitCodes.failed : exitCodes.ok;
}

async function check(flags: CheckFlags, { terminal }: CliContext): Promise<ExitCode> {
  const { driftFindings, vendoredHere } = lazyCi();
  const wanted = (flags.report ?? []).map((text) => wantedReport(text, reportKinds));
  const findings = driftFindings(vendoredHere());
  const { printed } = await writeReports(findings, wanted, flags.output);
  if (printed) terminal.note(printed.trimEnd());
  terminal.result(findings, () =>
    [
      findings.verdict === 'pass'
        ? `${paint.green('✓')} the templates are those of the installed version`
        : `${paint.red('✗')} the templates are not those of the installed version`,
      ...findings.findings.map(({ title, message }) => `  ${paint.red('✗')} ${paint.bold(title)}  ${message}`),
    ].join('\n'),
  );
  return findings.verdict === 'pass' ? exitCodes.ok : exitCodes.failed;
}

async function runNamed(named: string, { terminal }: CliContext): Promise<ExitCode> {
  const { choice, jobs, runJob, verdict } = lazyCi();
  const job = choice('job', named, [...(Object.keys(jobs) as (keyof typeof jobs)[]), 'verdict' as const]);
  return job === 'verdict' ? verdict(process.env, terminal) : runJob(job, terminal);
}
