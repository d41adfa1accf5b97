import type { ProvisionStep, WantedProvision } from '../../provision';
import type { ResolvedPostgresConfig } from '../config';
import { ident, relation } from '../sql';
import type { Facts, FoundObject } from './facts';
import { ledgerTables } from './privileges';
import { actingRoles, labelOf } from './wanted-grants';

interface Owned {
  readonly label: string;
  /** As `ALTER` names it: `SCHEMA "x"`. */
  readonly sql: string;
  readonly owner: string;
}

/**
 * Who owns a table may drop it and give rights of it to anybody. So nobody who loads, reads or sweeps owns the ledger or a
 * target, whatever was made by a worker before.
 */
export function ownerSteps(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): ProvisionStep[] {
  const { roles } = wanted;
  const acting = actingRoles(wanted);
  const proper = (owner: string, asked: string | null): string =>
    asked ?? (acting.includes(owner) ? facts.admin.name : owner);
  const ledger = ledgerObjects(facts, config).filter((one) => one.owner !== proper(one.owner, roles.owner));
  const stages = owned(`schema ${config.stageSchema}`, `SCHEMA ${ident(config.stageSchema)}`, facts.stageSchema).filter(
    (one) => one.owner !== proper(one.owner, roles.sweeper ?? roles.owner),
  );
  const targets = facts.targets.flatMap((target) =>
    target.readOnly || target.found?.owner !== roles.loader
      ? []
      : owned(`table ${labelOf(target)}`, `TABLE ${relation(target.target)}`, target.found),
  );
  const to = (asked: string | null): string => asked ?? facts.admin.name;
  return [
    ...handedOver(ledger, to(roles.owner), facts, roles.owner),
    ...handedOver(stages, to(roles.sweeper ?? roles.owner), facts, roles.owner),
    ...targets.flatMap((one) => handedOver([one], to(roles.owner), facts, roles.owner)),
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

const owned = (label: string, sql: string, found: FoundObject | null): Owned[] =>
  found === null ? [] : [{ label, sql, owner: found.owner }];

/** What the administrator or the named owner has is theirs to give; what others have is taken only when asked for. */
function handedOver(objects: readonly Owned[], to: string, { admin }: Facts, own: string | null): ProvisionStep[] {
  return [...new Set(objects.map(({ owner }) => owner))].map((owner) => {
    const theirs = objects.filter((one) => one.owner === owner);
    return {
      object: theirs.map(({ label }) => label).join(', '),
      change: 'alter',
      role: to,
      sql: theirs.map(({ sql }) => `ALTER ${sql} OWNER TO ${ident(to)}`),
      reason: `${owner} owns it, and so may drop it and give it away`,
      prunes: owner !== admin.name && owner !== own,
    };
  });
}
