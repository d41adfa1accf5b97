import type { ProvisionPlan, ProvisionStep, WantedProvision } from '../../provision';
import { grantSteps, type GrantWords } from '../../provisioning/grant-steps';
import { handedOver, owned, properOwner, type Owned } from '../../provisioning/steps';
import { labelOf } from '../../provisioning/targets';
import { ledgerTables } from '../../sql/ledger-schema';
import { Locks } from '../../sql/locks';
import { internalStage } from '../bulk-load';
import { ident } from '../dialect';
import type { Facts } from './facts';
import { makeSteps, ownershipSql } from './make-steps';
import { notesOf } from './notes';
import { everybody, wantedGrants, type Making } from './wanted-grants';

const words: GrantWords = {
  everybody,
  grant: (privileges, kind, objects, role) =>
    objects.map((object) => `GRANT ${privileges} ON ${kind} ${object} TO ROLE ${ident(role)}`),
  revoke: (privileges, kind, objects, role) =>
    objects.map((object) => `REVOKE ${privileges} ON ${kind} ${object} FROM ROLE ${ident(role)}`),
};

/** How what is there differs from what is wanted. Pure: the same facts give the same plan. */
export function planOf(warehouse: string, facts: Facts, wanted: WantedProvision, making: Making): ProvisionPlan {
  const steps = [
    ...makeSteps(facts, wanted, making),
    ...ownerSteps(facts, wanted, making),
    ...grantSteps(wantedGrants(facts, wanted, making), words),
  ];
  return {
    warehouse,
    admin: facts.admin,
    database: `${making.config.account} ${making.config.database}`,
    steps,
    notes: notesOf(facts, wanted, making),
    drift: steps.length > 0,
  };
}

/** Who owns a table may drop it and change what is in it: so nobody who loads or reads owns the ledger or a target. */
function ownerSteps(facts: Facts, wanted: WantedProvision, { backend, config }: Making): ProvisionStep[] {
  const { owner, loader } = wanted.roles;
  const { admin } = facts;
  const locks = new Locks(backend);
  const ledger: Owned[] = [
    ...owned(`schema ${config.ledgerSchema}`, `SCHEMA ${backend.ledgerSchema}`, facts.ledgerSchema),
    ...owned(`schema ${config.stageSchema}`, `SCHEMA ${backend.stageSchema}`, facts.stageSchema),
    ...owned(`stage ${config.stageSchema}.LOADLINE`, `STAGE ${internalStage(config)}`, facts.stage),
    ...ledgerTables.flatMap((table) =>
      owned(
        `${config.ledgerSchema}.${table}`,
        `TABLE ${backend.ledgerSchema}.${ident(table)}`,
        facts.ledger.get(table) ?? null,
      ),
    ),
    ...facts.targets.flatMap((target) =>
      owned(`lock of ${labelOf(target)}`, `TABLE ${locks.table(target.target).name}`, target.lock),
    ),
  ];
  const targets = facts.targets.flatMap((target) =>
    target.readOnly || target.kind !== 'table' || target.found?.owner !== loader
      ? []
      : owned(`table ${labelOf(target)}`, `TABLE ${backend.dialect.relation(target.target)}`, target.found),
  );
  const given = { admin, own: owner, sqlOf: ({ sql }: Owned, to: string) => ownershipSql(sql, to) };
  const astray = ledger.filter((one) => one.owner !== properOwner(one.owner, owner, admin, wanted));
  return [astray, ...targets.map((one) => [one])].flatMap((some) => handedOver(some, owner ?? admin, given));
}
