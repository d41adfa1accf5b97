import { plural } from './format';
import { fields, hang, paint } from './terminal';
import type { AppliedSchedules, PlannedSchedule, SchedulesPlan } from '../client/schedules';

/** What applying would do, a line for each schedule. */
export function renderPlan(plan: SchedulesPlan, files: readonly string[], columns = Infinity): string {
  const head = plan.drift ? paint.yellow('! the server differs') : paint.green('✓ as declared');
  const next = plan.drift
    ? [`${paint.cyan('→')} loadline schedules apply${plan.orphaned.length > 0 ? ' --prune' : ''}`]
    : [];
  return whole(
    `${head}  ${counted(plan)}`,
    [...lines(plan, columns), ...orphanLines(plan)],
    plan,
    files,
    next,
    columns,
  );
}

/** What has been done. */
export function renderApplied(
  applied: AppliedSchedules,
  plan: SchedulesPlan,
  files: readonly string[],
  columns = Infinity,
): string {
  const { created, updated, unchanged, pruned } = applied;
  const counts = Object.entries({ created, updated, unchanged, pruned }).filter(([, ids]) => ids.length > 0);
  const told = counts.map(([what, ids]) => `${ids.length} ${what}`).join(', ') || 'nothing is declared';
  const never = applied.never.map((id) => `  ${paint.red('!')} ${paint.bold(id)}  ${neverRuns}`);
  const gone = pruned.map((id) => `  ${paint.red('-')} ${paint.bold(id)}  deleted`);
  const kept = { ...plan, orphaned: plan.orphaned.filter((id) => !pruned.includes(id)) };
  const rows = [...lines(plan, columns), ...never, ...gone, ...orphanLines(kept)];
  return whole(`${paint.green('✓ applied')}  ${told}`, rows, plan, files, [], columns);
}

function whole(
  head: string,
  rows: readonly string[],
  { unmanaged, taskQueue }: SchedulesPlan,
  files: readonly string[],
  next: readonly string[],
  columns: number,
): string {
  const others = unmanaged.length > 0 ? `${plural(unmanaged.length, 'schedule')}: ${unmanaged.join(', ')}` : undefined;
  const entries = [
    ['task queue', taskQueue],
    ['left alone', others],
    ['written', files.join('\n') || undefined],
  ] as const;
  return [head, rows.join('\n'), fields(entries, '  ', columns), ...next].filter(Boolean).join('\n\n');
}

const neverRuns = 'never runs: no time to come matches its times';

const counted = ({ schedules }: SchedulesPlan): string => paint.dim(`${plural(schedules.length, 'schedule')} declared`);

const signs = { create: paint.green('+'), update: paint.yellow('~'), none: paint.dim('='), foreign: paint.red('!') };

const lines = ({ schedules }: SchedulesPlan, columns: number): string[] =>
  schedules.map((one) => hang(`  ${signs[one.change]} `, `${paint.bold(one.id)}  ${words(one)}`, columns));

function words({ change, changed, edited, heldPaused, note, workflow, nextAt, never }: PlannedSchedule): string {
  const told = [
    ...(change === 'create' ? [`new, starts ${workflow}`] : []),
    ...(change === 'foreign'
      ? ['is on the server and not of this configuration: choose another id, or --adopt takes it over']
      : []),
    ...(changed.length > 0 ? [`declared otherwise: ${changed.join(', ')}`] : []),
    ...(edited.length > 0 ? [`changed on the server: ${edited.join(', ')}`] : []),
    ...(heldPaused ? [`paused on the server, and stays so${note ? ` (${note})` : ''}`] : []),
    ...(change === 'none' && never ? [paint.yellow(neverRuns)] : []),
    ...(change === 'none' && nextAt !== null ? [paint.dim(`next ${nextAt}`)] : []),
  ];
  return told.join('; ');
}

const orphanLines = ({ orphaned }: SchedulesPlan): string[] =>
  orphaned.map((id) => `  ${paint.yellow('?')} ${paint.bold(id)}  no longer declared; --prune deletes it`);
