import type { ProvisionStep, WantedProvision } from '../../provision';
import { missingRoles, purposes, step } from '../../provisioning/steps';
import { isMade } from '../../provisioning/targets';
import { tableSteps } from '../../sql/provision/make-steps';
import { internalStage } from '../bulk-load';
import { ident } from '../dialect';
import type { Facts } from './facts';
import type { Making } from './wanted-grants';

/** What has to be made before anything can be granted, in that order. Each statement may be run twice: there is no transaction. */
export function makeSteps(facts: Facts, wanted: WantedProvision, making: Making): ProvisionStep[] {
  return [
    ...roleSteps(facts, wanted),
    ...placeSteps(facts, wanted, making),
    ...tableSteps(making.backend, facts, wanted, {
      ledgerLabel: making.config.ledgerSchema,
      made: madeFor(facts, wanted),
    }),
  ];
}

/** What is made is the owner's from the beginning. */
const madeFor =
  ({ admin }: Facts, { roles: { owner } }: WantedProvision) =>
  (statement: string, kind: string, name: string): string[] =>
    owner === null || owner === admin ? [statement] : [statement, ownershipSql(`${kind} ${name}`, owner)];

/** Hands something over with the rights that others have of it. */
export const ownershipSql = (object: string, to: string): string =>
  `GRANT OWNERSHIP ON ${object} TO ROLE ${ident(to)} COPY CURRENT GRANTS`;

function roleSteps({ roles, admin, user }: Facts, wanted: WantedProvision): ProvisionStep[] {
  const { owner, loader } = wanted.roles;
  const made = missingRoles(wanted.roles, roles).map(({ purpose, name }) =>
    step({
      object: `role ${name}`,
      change: 'create',
      role: name,
      sql: [`CREATE ROLE IF NOT EXISTS ${ident(name)}`],
      reason: purposes[purpose],
    }),
  );
  const given = (object: string, role: string, sql: string, reason: string): ProvisionStep =>
    step({ object, change: 'grant', role, sql: [sql], reason });
  const opened =
    owner === null || owner === admin || roles.get(owner)?.roles.includes(admin)
      ? []
      : [
          given(
            `role ${owner} for ${admin}`,
            admin,
            `GRANT ROLE ${ident(owner)} TO ROLE ${ident(admin)}`,
            'to make what it shall own',
          ),
        ];
  const worker =
    user === null || roles.get(loader)?.users.includes(user)
      ? []
      : [
          given(
            `role ${loader} for user ${user}`,
            loader,
            `GRANT ROLE ${ident(loader)} TO USER ${ident(user)}`,
            'workers log in as that user',
          ),
        ];
  return [...made, ...opened, ...worker];
}

function placeSteps(facts: Facts, wanted: WantedProvision, { config, backend }: Making): ProvisionStep[] {
  const made = madeFor(facts, wanted);
  const create = (object: string, sql: readonly string[], reason: string): ProvisionStep =>
    step({ object, change: 'create', sql, reason });
  const { database, ledgerSchema, stageSchema } = config;
  const stages = `CREATE TRANSIENT SCHEMA IF NOT EXISTS ${backend.stageSchema} DATA_RETENTION_TIME_IN_DAYS = 0`;
  const ofTables = facts.targets.filter((target) => isMade(target, wanted) && target.inSchema === null);
  return [
    ...(facts.database
      ? []
      : [
          create(
            `database ${database}`,
            [`CREATE DATABASE IF NOT EXISTS ${ident(database)}`],
            'holds ledger, stages and tables',
          ),
        ]),
    ...(facts.ledgerSchema
      ? []
      : [
          create(
            `schema ${ledgerSchema}`,
            made(`CREATE SCHEMA IF NOT EXISTS ${backend.ledgerSchema}`, 'SCHEMA', backend.ledgerSchema),
            'holds the ledger',
          ),
        ]),
    ...(facts.stageSchema
      ? []
      : [
          create(
            `schema ${stageSchema}`,
            made(stages, 'SCHEMA', backend.stageSchema),
            'holds the stages, without Time Travel and Fail-safe',
          ),
        ]),
    ...(facts.stage
      ? []
      : [
          create(
            `stage ${stageSchema}.LOADLINE`,
            made(`CREATE STAGE IF NOT EXISTS ${internalStage(config)}`, 'STAGE', internalStage(config)),
            'files are put there on their way',
          ),
        ]),
    ...[...new Set(ofTables.map(({ schema }) => schema))].map((name) =>
      create(`schema ${name}`, [`CREATE SCHEMA IF NOT EXISTS ${ident(database)}.${ident(name)}`], 'of a contract'),
    ),
  ];
}
