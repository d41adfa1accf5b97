import { Context } from '@temporalio/activity';
import { canaryOf } from '../../workflows/canary-run';
import { loadFailure } from '../../workflows/load-error';
import type { InspectCanaryResult, WriteCanaryResult } from '../../workflows/contract';
import { parseTableName } from '../contracts';
import type { ActivityDeps } from '../deps';
import { runStep } from '../run-step';
import type { ScratchWarehouse } from '../warehouses/warehouse';
import { canaryContracts, writeFixture } from './fixture';
import { canaryOfRun } from './run-root';

type Scratch = ReadonlyMap<string, ScratchWarehouse>;

/** What activities ask to learn whether they serve a canary, and what a canary asks for itself. */
export interface Canaries {
  /** What the run of this activity may reach: in a canary nothing but scratch tables. */
  depsOfRun(): Promise<ActivityDeps>;
  /** See `LoadActivities['loadline.writeCanary']`. */
  write(): Promise<WriteCanaryResult>;
  /** See `LoadActivities['loadline.inspectCanary']`. */
  inspect(): Promise<InspectCanaryResult>;
  /** See `LoadActivities['loadline.removeCanary']`. */
  remove(): Promise<void>;
}

/** Keeps the scratch warehouses of the canaries that run on this worker. */
export function openCanaries(deps: ActivityDeps): Canaries {
  const opened = new Map<string, Scratch>();
  const scratchOf = (canary: string): Scratch => {
    const known = opened.get(canary);
    if (known) return known;
    const scratch = new Map([...deps.warehouses].map(([name, warehouse]) => [name, warehouse.scratch(canary)]));
    opened.set(canary, scratch);
    return scratch;
  };
  const all = (): ScratchWarehouse[] => [...scratchOf(ownCanary()).values()];
  return {
    async depsOfRun() {
      const canary = await canaryOfRun(deps.versioned);
      return canary === null ? deps : scratchDeps(deps, scratchOf(canary));
    },
    write: () => runStep(deps.buildId, null, () => writeFixture([...deps.warehouses.keys()])),
    inspect: () =>
      runStep(deps.buildId, null, async ({ signal }) => {
        const tables = await Promise.all(all().map((warehouse) => warehouse.tables(signal)));
        return { tables: tables.flat() };
      }),
    remove: () =>
      runStep(deps.buildId, null, async () => {
        for (const warehouse of all()) await warehouse.remove();
        opened.delete(ownCanary());
      }),
  };
}

function scratchDeps(deps: ActivityDeps, warehouses: Scratch): ActivityDeps {
  const known = [...canaryContracts([...warehouses.keys()]), ...deps.contracts.values()];
  const contracts = known.map((contract) => {
    const scratch = warehouses.get(parseTableName(contract.table)?.warehouse ?? '');
    // One of an unknown warehouse is refused as it would be outside of a canary.
    return [contract.name, scratch?.contract(contract) ?? contract] as const;
  });
  return { ...deps, warehouses, contracts: new Map(contracts) };
}

/** These three steps belong to canaries alone: of another run they would remove what nobody has made. */
function ownCanary(): string {
  const workflowId = Context.current().info.workflowExecution?.workflowId ?? '';
  const canary = canaryOf(workflowId);
  if (canary !== null) return canary;
  throw loadFailure('InvalidRequest', {
    object: `workflow ${workflowId}`,
    expected: 'one that `loadline deploy` has started',
    got: 'another',
    remedy: 'Run `loadline deploy`.',
  });
}
