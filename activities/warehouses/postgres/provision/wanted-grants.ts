import type { WantedProvision } from '../../provision';
import type { Governed as GovernedOf, WantedGrant as WantedGrantOf } from '../../provisioning/grant-steps';
import { actingRoles } from '../../provisioning/steps';
import { isMade, labelOf } from '../../provisioning/targets';
import type { ResolvedPostgresConfig } from '../config';
import { ident, relation } from '../sql';
import type { Facts, FoundObject, FoundTarget } from './facts';
import { ledgerTables, loaderRights, readerRights, sweeperRights, targetRights } from './privileges';

type Kind = 'DATABASE' | 'SCHEMA' | 'TABLE' | 'SEQUENCE';
type WantedGrant = WantedGrantOf<Kind>;
type Governed = GovernedOf<Kind>;

const everybody = '';

/** Every right that the roles shall have, and nothing else. */
export function wantedGrants(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): WantedGrant[] {
  return [
    ...databaseGrants(facts, wanted),
    ...ledgerGrants(facts, wanted, config),
    ...facts.targets.flatMap((target) => targetGrants(target, wanted)),
  ];
}

function databaseGrants({ database }: Facts, wanted: WantedProvision): WantedGrant[] {
  const { loader } = wanted.roles;
  const on: Governed = {
    kind: 'DATABASE',
    sql: ident(database.name),
    label: `database ${database.name}`,
    found: database,
    strict: actingRoles(wanted),
    strictIn: ['CREATE'],
  };
  const connect = actingRoles(wanted).map((role) => ({
    on,
    role,
    privileges: ['CONNECT'],
    reason: 'to reach the database',
  }));
  const canary = { on, role: loader, privileges: ['CREATE'], reason: 'to make the schemas of a canary' };
  return wanted.canary ? [...connect, canary] : connect;
}

function ledgerGrants(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): WantedGrant[] {
  const { loader, reader, sweeper } = wanted.roles;
  const strict = [...actingRoles(wanted), everybody];
  const schema = (name: string, found: FoundObject | null): Governed => ({
    kind: 'SCHEMA',
    sql: ident(name),
    label: `schema ${name}`,
    found,
    strict,
  });
  const ledger = schema(config.ledgerSchema, facts.ledgerSchema);
  const stages = schema(config.stageSchema, facts.stageSchema);
  const grants: WantedGrant[] = actingRoles(wanted).map((role) => ({
    on: ledger,
    role,
    privileges: ['USAGE'],
    reason: 'to name the tables of the ledger',
  }));
  grants.push({ on: stages, role: loader, privileges: ['USAGE', 'CREATE'], reason: 'to make, fill and drop stages' });
  for (const [key, name] of ledgerTables) {
    const sql = `${ident(config.ledgerSchema)}.${ident(name)}`;
    const label = `${config.ledgerSchema}.${name}`;
    const on: Governed = { kind: 'TABLE', sql, label, found: facts.ledger.get(name) ?? null, strict };
    const rights = [
      [loader, loaderRights[key], 'the part of the ledger that a load writes'],
      [reader, readerRights[key], 'to read receipts, states and metrics'],
      [sweeper, sweeperRights[key], 'to archive receipts and to drop stages'],
    ] as const;
    for (const [role, privileges, reason] of rights) if (role !== null) grants.push({ on, role, privileges, reason });
  }
  return grants;
}

function targetGrants(target: FoundTarget, wanted: WantedProvision): WantedGrant[] {
  const { found, inSchema, schema, contract, readOnly } = target;
  if (found === null && !isMade(target, wanted)) return [];
  if (found !== null && !['r', 'p'].includes(found.kind) && !readOnly) return [];
  const role = wanted.roles.loader;
  const reason = readOnly ? `read by a check of ${contract.name}` : `contract ${contract.name}`;
  const place = { kind: 'SCHEMA', sql: ident(schema), label: `schema ${schema}`, found: inSchema, strict: [] } as const;
  const sql = relation(target.target);
  const table = { kind: 'TABLE', sql, label: labelOf(target), found, strict: readOnly ? [] : [role] } as const;
  const sequences = readOnly ? [] : (found?.sequences ?? []);
  return [
    { on: place, role, privileges: ['USAGE'], reason },
    { on: table, role, privileges: readOnly ? ['SELECT'] : targetRights, reason },
    ...sequences.map((found) => ({
      on: { kind: 'SEQUENCE', sql: found.name, label: found.name, found, strict: [] } as const,
      role,
      privileges: ['USAGE'],
      reason: `defaults of ${labelOf(target)} draw from it`,
    })),
  ];
}
