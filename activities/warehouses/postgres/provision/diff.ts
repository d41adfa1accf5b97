import type { ProvisionPlan, WantedProvision } from '../../provision';
import { grantSteps, type GrantWords } from '../../provisioning/grant-steps';
import type { ResolvedPostgresConfig } from '../config';
import { ident } from '../sql';
import type { Facts } from './facts';
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
    ...grantSteps(wantedGrants(facts, wanted, config), words),
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

const named = (role: string): string => (role === '' ? 'PUBLIC' : ident(role));

const words: GrantWords = {
  everybody: '',
  grant: (privileges, kind, objects, role) => [
    `GRANT ${privileges} ON ${kind} ${objects.join(', ')} TO ${named(role)}`,
  ],
  revoke: (privileges, kind, objects, role) => [
    `REVOKE ${privileges} ON ${kind} ${objects.join(', ')} FROM ${named(role)}`,
  ],
};
