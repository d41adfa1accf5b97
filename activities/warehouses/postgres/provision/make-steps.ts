import type { ProvisionStep, WantedProvision } from '../../provision';
import { missingRoles, purposes, step } from '../../provisioning/steps';
import { isMade, labelOf } from '../../provisioning/targets';
import type { ResolvedPostgresConfig } from '../config';
import { ledgerNames, ledgerVersion, migrationSql } from '../ledger-schema';
import { ident } from '../sql';
import { createTargetSql } from '../target-create';
import type { Facts } from './facts';

/** What has to be made before anything can be granted, in that order. */
export function makeSteps(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): ProvisionStep[] {
  return [
    ...roleSteps(facts, wanted),
    ...schemaSteps(facts, wanted, config),
    ...ledgerSteps(facts, wanted, config),
    ...tableSteps(facts, wanted),
  ];
}

function roleSteps({ roles, admin }: Facts, wanted: WantedProvision): ProvisionStep[] {
  const made = missingRoles(wanted.roles, roles).map(({ purpose, name }) => {
    const login = wanted.login && purpose !== 'owner';
    const sql = [`CREATE ROLE ${ident(name)} ${login ? 'LOGIN' : 'NOLOGIN'}`];
    const reason = `${purposes[purpose]}; made ${login ? 'without a password' : 'without a login'}`;
    return step({ object: `role ${name}`, change: 'create', role: name, sql, reason });
  });
  // Only who may act as a role can give it something to own.
  const owners = [wanted.roles.owner, wanted.roles.sweeper].filter((name) => name !== null);
  const closed = admin.superuser ? [] : owners.filter((name) => name !== admin.name && roles.get(name)?.open !== true);
  const opened = closed.map((name) => {
    const sql = [`GRANT ${ident(name)} TO ${ident(admin.name)}`];
    const reason = `only its members can give ${name} something to own`;
    return step({ object: `membership of ${admin.name} in ${name}`, change: 'grant', role: admin.name, sql, reason });
  });
  return [...made, ...opened];
}

function schemaSteps(facts: Facts, { roles }: WantedProvision, config: ResolvedPostgresConfig): ProvisionStep[] {
  const schema = (name: string, owner: string | null, reason: string): ProvisionStep =>
    step({
      object: `schema ${name}`,
      change: 'create',
      sql: [`CREATE SCHEMA ${ident(name)}${owner === null ? '' : ` AUTHORIZATION ${ident(owner)}`}`],
      reason,
    });
  return [
    ...(facts.ledgerSchema ? [] : [schema(config.ledgerSchema, roles.owner, 'holds the ledger')]),
    ...(facts.stageSchema ? [] : [schema(config.stageSchema, roles.sweeper ?? roles.owner, 'holds the stages')]),
  ];
}

/** Made by its owner, so that the next version can be as well. */
function ledgerSteps(facts: Facts, { roles }: WantedProvision, config: ResolvedPostgresConfig): ProvisionStep[] {
  const { ledgerVersion: found, ledgerSchema, admin } = facts;
  const sql = migrationSql(ledgerNames(config), found);
  if (!sql.length) return [];
  const { owner } = roles;
  const asOwner = owner !== null && owner !== admin.name && (ledgerSchema === null || ledgerSchema.owner === owner);
  return [
    step({
      object: `ledger ${config.ledgerSchema}`,
      change: found === 0 ? 'create' : 'alter',
      sql: asOwner ? [`SET LOCAL ROLE ${ident(owner)}`, ...sql, 'RESET ROLE'] : sql,
      reason:
        found === 0 ? `version ${ledgerVersion}` : `from version ${found} to ${ledgerVersion}; older releases go on`,
    }),
  ];
}

function tableSteps(facts: Facts, wanted: WantedProvision): ProvisionStep[] {
  const made = facts.targets.filter((target) => isMade(target, wanted));
  const schemas = [...new Set(made.filter(({ inSchema }) => inSchema === null).map(({ schema }) => schema))];
  return [
    ...schemas.map((name) =>
      step({
        object: `schema ${name}`,
        change: 'create',
        sql: [`CREATE SCHEMA ${ident(name)}`],
        reason: 'of a contract',
      }),
    ),
    ...made.map((one) =>
      step({
        object: `table ${labelOf(one)}`,
        change: 'create',
        sql: createTargetSql({ ...one, mode: one.appends ? 'append' : 'merge' }),
        reason: `contract ${one.contract.name}`,
      }),
    ),
  ];
}
