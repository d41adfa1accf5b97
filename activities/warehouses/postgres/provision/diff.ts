import type { ProvisionPlan, WantedProvision } from '../../provision';
import type { ResolvedPostgresConfig } from '../config';
import type { Facts } from './facts';
import { grantSteps } from './grant-steps';
import { makeSteps } from './make-steps';
import { notesOf } from './notes';
import { ownerSteps } from './owner-steps';
import { wantedGrants } from './wanted-grants';

/** How what is there differs from what is wanted. Pure: the same facts give the same plan. */
export function planOf(
  warehouse: string,
  facts: Facts,
  wanted: WantedProvision,
  config: ResolvedPostgresConfig,
): ProvisionPlan {
  const steps = [
    ...makeSteps(facts, wanted, config),
    ...ownerSteps(facts, wanted, config),
    ...grantSteps(wantedGrants(facts, wanted, config)),
  ];
  return {
    warehouse,
    admin: facts.admin.name,
    database: facts.database.name,
    steps,
    notes: notesOf(facts, wanted, config, steps),
    drift: steps.length > 0,
  };
}
