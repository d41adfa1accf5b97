import { Context } from '@temporalio/activity';
import type { SweepInput, SweepResult } from '../workflows/contract';
import type { ActivityDeps } from './deps';
import { runStep } from './run-step';
import type { Warehouse } from './warehouses/warehouse';
import { isClosed } from './workflow-closed';

type Swept = SweepResult['warehouses'][number];

/** History holds no more names than a person reads. */
const shownStages = 100;

/** See `LoadActivities['loadline.sweep']`. */
export function sweep(deps: ActivityDeps, { archive }: SweepInput): Promise<SweepResult> {
  return runStep(deps.buildId, null, async ({ signal }): Promise<SweepResult> => {
    const { client } = Context.current();
    const sweepOne = async (warehouse: Warehouse): Promise<Swept> => {
      signal.throwIfAborted();
      const dropped = await warehouse.sweep((workflowId, runId) => isClosed(client, workflowId, runId));
      return {
        warehouse: warehouse.name,
        dropped: dropped.length,
        stages: dropped.slice(0, shownStages),
        ...(archive && { archived: await warehouse.archive(archive, { signal }) }),
      };
    };
    const warehouses: Swept[] = [];
    const failures: unknown[] = [];
    // One that cannot be reached must not keep the others unswept.
    for (const warehouse of deps.warehouses.values()) {
      await sweepOne(warehouse).then(
        (swept) => warehouses.push(swept),
        (failure: unknown) => failures.push(failure),
      );
    }
    if (failures.length > 0) throw failures[0];
    return { warehouses };
  });
}
