import { writeFileSync } from 'node:fs';
import type { LoadRequest } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import type { OpenHarness, Passing } from './harness';
import { carry } from './support/carry';
import { openGround } from './support/ground';

/** A load that a process carries out until it dies. */
export interface CrashTask {
  /** The harness of the parent. */
  readonly place: string;
  /** The folder of the parent, with files and manifests. */
  readonly folder: string;
  readonly contracts: readonly TableContract[];
  readonly requests: readonly LoadRequest[];
  readonly workflowId: string;
  /** Where it dies: in this step, at this statement. */
  readonly at: Passing & { readonly step: string };
  /** Where the results of the steps are kept, as JSON. */
  readonly journal: string;
}

/** Loads, and dies on the way. */
export async function loadAndDie(openHarness: OpenHarness, task: CrashTask): Promise<never> {
  const ground = await openGround(await openHarness(task.place), task.folder);
  for (const contract of task.contracts) ground.adopt(contract);
  const { step, moment, point } = task.at;
  const steps: Record<string, unknown> = {};
  const journal = {
    steps,
    begin: (name: string) => void (name === step && ground.gates.kill('doomed', moment, point)),
    save: () => writeFileSync(task.journal, JSON.stringify(steps)),
  };
  const run = ground.run({ workflowId: task.workflowId });
  await ground.gates.as('doomed', () => carry(run, task.requests, journal));
  throw new Error(`The load has ended, and has not come by "${moment} ${point}" in its step "${step}".`);
}
