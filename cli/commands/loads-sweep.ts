import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { elapsed } from '../format';
import { lazyLoads, lazySweepSchedule } from '../lazy';
import { fields, paint } from '../terminal';
import { addDeleteOptions, limitsOf, type DeleteOptions } from '../archive-limits';
import { UsageError } from '../usage-error';
import { warehouseFlag, type WarehouseOption } from './loads';
import type { CliContext, RunBody } from '../cli-context';

interface SweepOptions extends WarehouseOption, DeleteOptions {
  readonly every?: string;
  readonly remove?: boolean;
  readonly archiveOlderThan?: string;
}

/** Declares `loads sweep`. */
export function addSweep(loads: Command, run: RunBody): void {
  const sweep = loads
    .command('sweep')
    .description('drop stages that no load can need: now, or by a Temporal schedule')
    .option(...warehouseFlag)
    .option('--every <duration>', 'make or change the schedule that has a worker do it, such as 1h')
    .option('--remove', 'remove the schedule')
    .option('--archive-older-than <duration>', 'with --every: archive history as `loads archive` does');
  addDeleteOptions(sweep).action((options: SweepOptions) => run((context) => sweepOrSchedule(options, context)));
}

function sweepOrSchedule(options: SweepOptions, context: CliContext): Promise<ExitCode> {
  const { every, remove, warehouse } = options;
  checkArchive(options);
  if (every === undefined && !remove) return sweepNow(options, context);
  if (warehouse !== undefined)
    throw new UsageError('--warehouse does not go with a schedule.', 'Leave it out: every warehouse is swept.');
  if (every !== undefined && remove) throw new UsageError('--every and --remove were both given.', 'Give one of them.');
  return every === undefined ? unschedule(context) : schedule(every, options, context);
}

function checkArchive({ every, archiveOlderThan, ...deletes }: SweepOptions): void {
  if (archiveOlderThan !== undefined && every === undefined)
    throw new UsageError('--archive-older-than belongs to a schedule.', 'Add --every, or run loadline loads archive.');
  if (
    archiveOlderThan === undefined &&
    [deletes.quarantineOlderThan, deletes.keptOlderThan, deletes.metricsOlderThan].some((age) => age !== undefined)
  )
    throw new UsageError('What may be deleted belongs to archiving.', 'Add --archive-older-than 400d.');
}

async function sweepNow({ warehouse }: SweepOptions, context: CliContext): Promise<ExitCode> {
  const adapter = await context.warehouse(warehouse);
  const { temporal } = await context.client();
  const dropped = await adapter.sweep((workflowId, runId) => lazyLoads().isClosed(temporal, workflowId, runId));
  context.terminal.result({ dropped }, () => lazyLoads().renderSwept(dropped));
  return exitCodes.ok;
}

async function schedule(every: string, options: SweepOptions, context: CliContext): Promise<ExitCode> {
  const { scheduleSweep, sweepScheduleId, parseDuration } = lazySweepSchedule();
  const everyMs = Math.round(parseDuration(every));
  if (!(everyMs >= 60_000 && everyMs <= 30 * 86_400_000))
    throw new UsageError(`--every ${every} is no duration from 1m to 30d.`, 'Write --every 1h.');
  const { archiveOlderThan: age } = options;
  const input = age === undefined ? {} : { archive: limitsOf(age, '--archive-older-than', options) };
  const { taskQueue } = await context.config();
  const { temporal } = await context.client();
  const outcome = await scheduleSweep(temporal, taskQueue, everyMs, input);
  const scheduleId = sweepScheduleId(taskQueue);
  context.terminal.result({ outcome, scheduleId, everyMs, ...input }, (columns) =>
    [
      `${paint.green(`✓ ${outcome}`)}  ${paint.bold(scheduleId)}`,
      fields([['every', elapsed(everyMs)], ['archive', age && `what is older than ${age}`], ['by', `a worker of the task queue ${taskQueue}`], ['now', `temporal schedule trigger --schedule-id '${scheduleId}'`]], '  ', columns), // prettier-ignore
    ].join('\n\n'),
  );
  return exitCodes.ok;
}

async function unschedule(context: CliContext): Promise<ExitCode> {
  const { unscheduleSweep, sweepScheduleId } = lazySweepSchedule();
  const { taskQueue } = await context.config();
  const removed = await unscheduleSweep((await context.client()).temporal, taskQueue);
  const scheduleId = sweepScheduleId(taskQueue);
  context.terminal.result({ removed, scheduleId }, () =>
    removed ? `${paint.green('✓ removed')}  ${scheduleId}` : `${paint.cyan('✓ there is none')}  ${scheduleId}`,
  );
  return exitCodes.ok;
}
