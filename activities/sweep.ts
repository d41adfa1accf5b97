import { Context } from '@temporalio/activity';
import type { SweepInput, SweepResult } from '../workflows/contract';
import type { ActivityDeps } from './deps';
import { runStep } from './run-step';
import { isClosed } from './workflow-closed';

/** History holds no more names than a person reads. */
const shownStages = 100;

/** See `LoadActivities['loadline.sweep']`. */
export function sweep(deps: ActivityDeps, { archive }: SweepInput): Promise<SweepResult> {
  return runStep(deps.buildId, null, async ({ signal }): Promise<SweepResult> => {
    const { client } = Context.current();
    const warehouses: SweepResult['warehouses'][number][] = [];
    for (const warehouse of deps.warehouses.values()) {
      signal.throwIfAborted();
      const dropped = await warehouse.sweep((workflowId, runId) => isClosed(client, workflowId, runId));
      warehouses.push({
        warehouse: warehouse.name,
        dropped: dropped.length,
        stages: dropped.slice(0, shownStages),
        ...(archive && { archived: await warehouse.archive(archive, { signal }) }),
      });
    }
    return { warehouses };
  });
}
