import { applySchedules, checkSchedules, planSchedules, type SchedulesPlan } from '../client/schedules';
import { exitCodes, type ExitCode } from './exit-code';
import { reportKinds, wantedReport, writeReports } from './reports/write-reports';
import { schedulesFindings } from './schedules-findings';
import { renderApplied, renderPlan } from './schedules-output';
import { temporalClient } from './temporal-client';
import { toldApart } from './told-apart';
import { UsageError } from './usage-error';
import type { Client } from '@temporalio/client';
import type { CliContext } from './cli-context';
import type { ApplyFlags, PlanFlags, ScheduleReportFlags } from './commands/schedules';

/** Tells how the server's schedules differ from the declared ones. */
export async function planCommand(flags: PlanFlags, context: CliContext): Promise<ExitCode> {
  const fails = flags.exitCode === true;
  return toldApart(fails, context, async () => {
    const report = reporter(fails, flags, context);
    const { plan } = await planned(context);
    const files = await report(plan);
    context.terminal.result(plan, (columns) => renderPlan(plan, files, columns));
    return fails && plan.drift ? exitCodes.failed : exitCodes.ok;
  });
}

/** Makes the server's schedules as they are declared. */
export async function applyCommand(flags: ApplyFlags, context: CliContext): Promise<ExitCode> {
  return toldApart(false, context, async () => {
    const report = reporter(false, flags, context);
    const { plan, client } = await planned(context);
    const foreign = plan.schedules.filter(({ change }) => change === 'foreign').map(({ id }) => id);
    if (foreign.length > 0 && flags.adopt !== true)
      throw new UsageError(
        `On the server there are schedules of these ids that are not of this configuration: ${foreign.join(', ')}.`,
        'Choose other ids, or take them over with --adopt. Nothing was changed.',
      );
    const applied = await applySchedules(client, await context.config(), plan, { prune: flags.prune === true });
    const files = await report(plan);
    context.terminal.result({ ...applied, plan }, (columns) => renderApplied(applied, plan, files, columns));
    return exitCodes.ok;
  });
}

/** What is declared is checked before a server is asked for. */
async function planned(context: CliContext): Promise<{ plan: SchedulesPlan; client: Client }> {
  const config = await context.config();
  await checkSchedules(config);
  const client = await temporalClient(context);
  return { client, plan: await planSchedules(client, config) };
}

type Reporter = (plan: SchedulesPlan) => Promise<readonly string[]>;

/** A report that does not exist is refused before anything is changed. */
function reporter(fails: boolean, { report: asked = [], output }: ScheduleReportFlags, context: CliContext): Reporter {
  const wanted = asked.map((text) => wantedReport(text, reportKinds));
  return async (plan) => {
    const findings = schedulesFindings(plan, (await context.config()).path, fails, new Date());
    const { files, printed } = await writeReports(findings, wanted, output);
    if (printed) context.terminal.note(printed.trimEnd());
    return files;
  };
}
