import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { activityOptions } from './activity-options';
import type { LoadActivities, SweepInput, SweepResult } from './contract';

/**
 * A ready workflow that drops what no load can need any more, in every warehouse of its worker. `loadline loads sweep
 * --every 1h` has it run by a Temporal schedule.
 *
 * @example
 * ```sh
 * temporal workflow start --type sweepStages --task-queue loadline --workflow-id sweep
 * ```
 */
export async function sweepStages(input: SweepInput = {}): Promise<SweepResult> {
  const options = { ...activityOptions['loadline.sweep'], summary: 'Drop stages that no load can need' };
  const result = await proxyActivities<LoadActivities>(options)['loadline.sweep'](input);
  setCurrentDetails(result.warehouses.map(chapter).join('\n\n'));
  return result;
}

function chapter({ warehouse, dropped, stages, archived }: SweepResult['warehouses'][number]): string {
  const more = dropped > stages.length ? [`- … and ${dropped - stages.length} more`] : [];
  const names = stages.map((stage) => `- \`${stage.replaceAll('`', '')}\``);
  const kept = archived
    ? [
        `\n${archived.archived} receipts archived; ${archived.quarantineDeleted} set-aside and ${archived.keptDeleted} kept rows deleted`,
      ]
    : [];
  return [
    `### ${warehouse}: ${dropped === 0 ? 'nothing to drop' : `${dropped} stages dropped`}`,
    '',
    ...names,
    ...more,
    ...kept,
  ]
    .join('\n')
    .trim();
}
