import { postgresDefaults, type ResolvedPostgresConfig } from '../../../activities/warehouses/postgres/config';
import { ledgerVersion } from '../../../activities/warehouses/postgres/ledger-schema';
import { planOf } from '../../../activities/warehouses/postgres/provision/diff';
import type { Facts, FoundGrant, FoundTarget } from '../../../activities/warehouses/postgres/provision/facts';
import { ledgerTables } from '../../../activities/warehouses/postgres/provision/privileges';
import { wantedGrants } from '../../../activities/warehouses/postgres/provision/wanted-grants';
import type { ProvisionPlan, ProvisionStep, WantedProvision } from '../../../activities/warehouses/provision';

export const config: ResolvedPostgresConfig = { kind: 'postgres', url: 'postgres://x', ...postgresDefaults };

export const wanted: WantedProvision = {
  roles: { loader: 'loader', reader: 'reader', sweeper: 'sweeper', owner: null },
  login: false,
  canary: false,
  makeTables: false,
  tables: [],
};

/** A database that Loadline has never seen, as a superuser sees it. */
export const nothing: Facts = {
  admin: { name: 'admin', superuser: true, createsRoles: true, createsSchemas: true },
  database: { name: 'db', owner: 'admin', grants: [{ grantee: '', privilege: 'CONNECT' }] },
  roles: new Map(),
  ledgerVersion: 0,
  ledgerSchema: null,
  stageSchema: null,
  ledger: new Map(),
  targets: [],
};

/** The table of a contract. */
export const target = (name: string, more: Partial<FoundTarget> = {}): FoundTarget => ({
  contract: { name, table: `m/shop.${name}`, columns: { id: { type: 'integer' } } },
  appends: false,
  target: `db.shop.${name}`,
  schema: 'shop',
  inSchema: { owner: 'team', grants: [] },
  found: { kind: 'r', owner: 'team', grants: [], policed: false, sequences: [] },
  readOnly: false,
  ...more,
});

/** The same database when everything has been applied. */
export function asWanted(facts: Facts = nothing, want = wanted): Facts {
  const given = wantedGrants(facts, want, config);
  const grantsOf = (sql: string, kind: string): FoundGrant[] =>
    given
      .filter(({ on }) => on.sql === sql && on.kind === kind)
      .flatMap(({ role, privileges }) => privileges.map((privilege) => ({ grantee: role, privilege })));
  const relation = (sql: string, owner: string) => ({
    kind: 'r',
    owner,
    grants: grantsOf(sql, 'TABLE'),
    policed: false,
    sequences: [],
  });
  const role = { superuser: false, bypassesPolicies: false, open: true, memberOf: [] };
  return {
    ...facts,
    roles: new Map(
      Object.values(want.roles)
        .filter((name) => name !== null)
        .map((name) => [name, role]),
    ),
    ledgerVersion,
    ledgerSchema: { owner: 'admin', grants: grantsOf('"_loadline"', 'SCHEMA') },
    stageSchema: { owner: want.roles.sweeper ?? 'admin', grants: grantsOf('"_loadline_stage"', 'SCHEMA') },
    ledger: new Map(
      [...ledgerTables.values()].map((name) => [name, relation(`"_loadline"."${name}"`, 'admin')] as const),
    ),
    targets: facts.targets.map((one) => ({
      ...one,
      inSchema: { owner: 'team', grants: grantsOf(`"${one.schema}"`, 'SCHEMA') },
      found: relation(`"shop"."${one.contract.name}"`, 'team'),
    })),
  };
}

/** The facts with other grants on one table of the ledger. */
export function withGrants(
  facts: Facts,
  table: string,
  change: (grants: readonly FoundGrant[]) => FoundGrant[],
): Facts {
  const found = facts.ledger.get(table)!;
  return { ...facts, ledger: new Map([...facts.ledger, [table, { ...found, grants: change(found.grants) }]]) };
}

export const plan = (facts: Facts, want = wanted): ProvisionPlan => planOf('m', facts, want, config);

/** Steps as `change: statements`, with a mark where only pruning makes them. */
export const shown = (steps: readonly ProvisionStep[]): string[] =>
  steps.map(({ change, sql, prunes }) => `${prunes ? 'prune ' : ''}${change}: ${sql.join('; ')}`);
