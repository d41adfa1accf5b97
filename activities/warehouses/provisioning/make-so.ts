import { loadFailure } from '../../../workflows/load-error';
import type { AppliedProvision, ProvisionPlan, ProvisionStep } from '../provision';

/** Handing something over changes what is lacking, which changes nothing more. */
const mostPasses = 4;

/** How steps are made, one after the other. */
export interface Maker {
  look(): Promise<ProvisionPlan>;
  run(step: ProvisionStep): Promise<void>;
}

/** Until nothing is left to do. A server that takes a statement and does nothing is found out by that. @throws `PermissionDenied` */
export async function makeSo({ look, run }: Maker, prune: boolean): Promise<AppliedProvision> {
  const applied: ProvisionStep[] = [];
  let undone: ProvisionStep | undefined;
  for (let pass = 0; pass < mostPasses; pass++) {
    const plan = await look();
    const steps = plan.steps.filter(({ prunes }) => prune || !prunes);
    undone = steps[0];
    if (!undone) return { ...plan, applied };
    const blocked = plan.notes.find(({ blocks }) => blocks);
    if (blocked)
      throw loadFailure('PermissionDenied', {
        object: blocked.object,
        got: blocked.found,
        remedy: `${blocked.remedy}.`,
      });
    for (const step of steps) await run(step);
    applied.push(...steps);
  }
  throw loadFailure('PermissionDenied', {
    object: undone!.object,
    got: 'a statement that the server takes and that changes nothing',
    remedy: `Provision as the owner or as a stronger role: ${undone!.sql.join('; ')}.`,
  });
}
