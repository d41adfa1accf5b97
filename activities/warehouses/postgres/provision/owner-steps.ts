import type { ProvisionStep, WantedProvision } from '../../provision';
import { handedOver, owned, properOwner, type Owned } from '../../provisioning/steps';
import { labelOf } from '../../provisioning/targets';
import type { ResolvedPostgresConfig } from '../config';
import { ident, relation } from '../sql';
import type { Facts } from './facts';
import { ledgerTables } from './privileges';

/**
 * Who owns a table may drop it and give rights of it to anybody. So nobody who loads, reads or sweeps owns the ledger or a
 * target, whatever was made by a worker before.
 */
export function ownerSteps(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): ProvisionStep[] {
  const { roles } = wanted;
  const admin = facts.admin.name;
  const proper = (owner: string, asked: string | null): string => properOwner(owner, asked, admin, wanted);
  const ledger = ledgerObjects(facts, config).filter((one) => one.owner !== proper(one.owner, roles.owner));
  const stages = owned(`schema ${config.stageSchema}`, `SCHEMA ${ident(config.stageSchema)}`, facts.stageSchema).filter(
    (one) => one.owner !== proper(one.owner, roles.sweeper ?? roles.owner),
  );
  const targets = facts.targets.flatMap((target) =>
    target.readOnly || target.found?.owner !== roles.loader
      ? []
      : owned(`table ${labelOf(target)}`, `TABLE ${relation(target.target)}`, target.found),
  );
  const to = (asked: string | null): string => asked ?? admin;
  const given = { admin, own: roles.owner, sqlOf };
  return [
    ...handedOver(ledger, to(roles.owner), given),
    ...handedOver(stages, to(roles.sweeper ?? roles.owner), given),
    ...targets.flatMap((one) => handedOver([one], to(roles.owner), given)),
  ];
}

/** The schema first: who gets a table needs a place for it. */
function ledgerObjects({ ledgerSchema, ledger }: Facts, config: ResolvedPostgresConfig): Owned[] {
  const { ledgerSchema: name } = config;
  return [
    ...owned(`schema ${name}`, `SCHEMA ${ident(name)}`, ledgerSchema),
    ...[...ledgerTables.values()].flatMap((table) => {
      const found = ledger.get(table) ?? null;
      const kind = found?.kind === 'v' ? 'VIEW' : 'TABLE';
      return owned(`${name}.${table}`, `${kind} ${ident(name)}.${ident(table)}`, found);
    }),
  ];
}

const sqlOf = ({ sql }: Owned, to: string): string => `ALTER ${sql} OWNER TO ${ident(to)}`;
