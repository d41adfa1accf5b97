import type { WantedProvision } from '../../provision';
import type { FoundObject } from '../../provisioning/found';
import type { Governed as GovernedOf, WantedGrant as WantedGrantOf } from '../../provisioning/grant-steps';
import { actingRoles } from '../../provisioning/steps';
import { isMade, labelOf } from '../../provisioning/targets';
import { ledgerTables } from '../../sql/ledger-schema';
import { Locks } from '../../sql/locks';
import type { SqlBackend } from '../../sql/port';
import { loaderRights, lockRights, readable, targetRights } from '../../sql/provision/rights';
import { internalStage } from '../bulk-load';
import type { ResolvedSnowflakeConfig } from '../config';
import { ident } from '../dialect';
import type { Facts, FoundTarget, Workers } from './facts';

type Kind = 'DATABASE' | 'SCHEMA' | 'TABLE' | 'STAGE' | 'WAREHOUSE';
type Governed = GovernedOf<Kind>;
type WantedGrant = WantedGrantOf<Kind>;

/** The role that every user has. */
export const everybody = 'PUBLIC';

/** What the plan is made with. */
export interface Making {
  readonly backend: SqlBackend;
  readonly config: ResolvedSnowflakeConfig;
  readonly workers: Workers;
}

/** Every right that the roles shall have, and nothing else. */
export function wantedGrants(facts: Facts, wanted: WantedProvision, making: Making): WantedGrant[] {
  return [
    ...placeGrants(facts, wanted, making),
    ...ledgerGrants(facts, wanted, making),
    ...stageGrants(facts, wanted, making),
    ...facts.targets.flatMap((target) => targetGrants(target, wanted, making)),
  ];
}

/** Loader and reader have to get into the database, and need something to compute with. */
function placeGrants(facts: Facts, wanted: WantedProvision, { config, workers }: Making): WantedGrant[] {
  const roles = actingRoles(wanted);
  const database: Governed = {
    kind: 'DATABASE',
    sql: ident(config.database),
    label: `database ${config.database}`,
    found: facts.database,
    strict: roles,
    // Until the first load had made the ledger, it was needed.
    strictIn: ['CREATE SCHEMA', 'MODIFY'],
  };
  const grants: WantedGrant[] = roles.map((role) => ({
    on: database,
    role,
    privileges: ['USAGE'],
    reason: 'to reach the database',
  }));
  if (facts.warehouse === null) return grants;
  const warehouse: Governed = {
    kind: 'WAREHOUSE',
    sql: ident(workers.warehouse!),
    label: `warehouse ${workers.warehouse!}`,
    found: facts.warehouse,
    strict: [],
  };
  return [
    ...grants,
    ...roles.map((role) => ({ on: warehouse, role, privileges: ['USAGE'], reason: 'to run statements' })),
  ];
}

function ledgerGrants(facts: Facts, wanted: WantedProvision, { backend, config }: Making): WantedGrant[] {
  const { loader, reader } = wanted.roles;
  const strict = [...actingRoles(wanted), everybody];
  const schema: Governed = { ...schemaOf(config, config.ledgerSchema, facts.ledgerSchema), strict };
  const table = (name: string, label: string, found: FoundObject | null): Governed => ({
    kind: 'TABLE',
    sql: name,
    label,
    found,
    strict,
  });
  const grants: WantedGrant[] = [
    // Which keys there will be nobody knows ahead: a load makes the locks of its own, and owns them.
    {
      on: schema,
      role: loader,
      privileges: ['USAGE', 'CREATE TABLE'],
      reason: 'to name the tables of the ledger, and to make the locks of load keys',
    },
  ];
  if (reader !== null)
    grants.push({ on: schema, role: reader, privileges: ['USAGE'], reason: 'to name the tables of the ledger' });
  for (const name of ledgerTables) {
    const on = table(
      `${backend.ledgerSchema}.${ident(name)}`,
      `${config.ledgerSchema}.${name}`,
      facts.ledger.get(name) ?? null,
    );
    grants.push({
      on,
      role: loader,
      privileges: loaderRights[name],
      reason: 'the part of the ledger that a load writes',
    });
    if (reader !== null)
      grants.push({
        on,
        role: reader,
        privileges: readable(name) ? ['SELECT'] : [],
        reason: 'to read receipts, states and metrics',
      });
  }
  const locks = new Locks(backend);
  for (const target of facts.targets.filter(({ readOnly }) => !readOnly)) {
    const on = table(locks.table(target.target).name, `lock of ${labelOf(target)}`, target.lock);
    grants.push({ on, role: loader, privileges: lockRights, reason: 'to take it' });
  }
  return grants;
}

/** What is made there belongs to the loader, and nobody else is ever given anything of it. */
function stageGrants(facts: Facts, wanted: WantedProvision, { config }: Making): WantedGrant[] {
  const { loader } = wanted.roles;
  const strict = [...actingRoles(wanted), everybody];
  const schema = { ...schemaOf(config, config.stageSchema, facts.stageSchema), strict };
  const stage: Governed = {
    kind: 'STAGE',
    sql: internalStage(config),
    label: `stage ${config.stageSchema}.LOADLINE`,
    found: facts.stage,
    strict,
  };
  return [
    { on: schema, role: loader, privileges: ['USAGE', 'CREATE TABLE'], reason: 'to make, fill and drop stages' },
    { on: stage, role: loader, privileges: ['READ', 'WRITE'], reason: 'to put files there, and to copy them' },
  ];
}

const schemaOf = ({ database }: ResolvedSnowflakeConfig, name: string, found: FoundObject | null): Governed => ({
  kind: 'SCHEMA',
  sql: `${ident(database)}.${ident(name)}`,
  label: `schema ${name}`,
  found,
  strict: [],
});

function targetGrants(target: FoundTarget, wanted: WantedProvision, { backend, config }: Making): WantedGrant[] {
  const { found, inSchema, schema, contract, readOnly, kind } = target;
  if (found === null && !isMade(target, wanted)) return [];
  if (kind === 'other') return [];
  const role = wanted.roles.loader;
  const reason = readOnly ? `read by a check of ${contract.name}` : `contract ${contract.name}`;
  const sql = backend.dialect.relation(target.target);
  const table = { kind: 'TABLE', sql, label: labelOf(target), found, strict: readOnly ? [] : [role] } as const;
  return [
    { on: schemaOf(config, schema, inSchema), role, privileges: ['USAGE'], reason },
    { on: table, role, privileges: readOnly ? ['SELECT'] : targetRights, reason },
  ];
}
