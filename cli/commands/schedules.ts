import type { Command } from 'commander';
import { lazySchedules } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { refuseEmpty } from './refuse-empty';
import type { RunBody } from '../cli-context';

/** What both commands take. */
export interface ScheduleReportFlags {
  readonly report?: readonly string[];
  readonly output?: string;
}
/** How `schedules plan` is called. */
export interface PlanFlags extends ScheduleReportFlags {
  readonly exitCode?: boolean;
}
/** How `schedules apply` is called. */
export interface ApplyFlags extends ScheduleReportFlags {
  readonly prune?: boolean;
  readonly adopt?: boolean;
}

const several = (one: string, all: readonly string[] = []): string[] => [...all, one];
const output = [
  '--output <folder>',
  'where findings.json and the reports go (default: loadline-report, if there is a report)',
] as const;

/** Declares `schedules plan` and `schedules apply`. */
export function addSchedules(program: Command, run: RunBody): void {
  const schedules = program
    .command('schedules')
    .description('put the schedules that the configuration declares on the Temporal server');
  refuseEmpty(schedules);
  schedules
    .command('plan')
    .description('compare the declared schedules with those on the server, and change nothing')
    .option('--exit-code', 'exit with 1 if they differ, and with 2 if that could not be found out')
    .option('--report <kind[=path]>', reportHelp, several)
    .option(...output)
    .action((flags: PlanFlags) => run((context) => lazySchedules().planCommand(flags, context)));
  schedules
    .command('apply')
    .description('create and change the schedules on the server as they are declared')
    .option('--prune', 'delete the schedules of this configuration that are no longer declared')
    .option('--adopt', 'take over schedules that have a declared id and are not of this configuration')
    .option('--report <kind[=path]>', reportHelp, several)
    .option(...output)
    .addHelpText('after', '\nRun it from one place at a time: of several at once the last to write wins.')
    .action((flags: ApplyFlags) => run((context) => lazySchedules().applyCommand(flags, context)));
}
