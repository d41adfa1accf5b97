import type { ProvisionNote, ProvisionStep, WantedProvision } from '../../provision';
import type { ResolvedPostgresConfig } from '../config';
import { ident } from '../sql';
import type { Facts, FoundGrant, FoundTarget } from './facts';
import { ledgerTables } from './privileges';
import { actingRoles, isMade, labelOf } from './wanted-grants';

/** What no step changes and somebody should know. What blocks comes first. */
export function notesOf(
  facts: Facts,
  wanted: WantedProvision,
  config: ResolvedPostgresConfig,
  steps: readonly ProvisionStep[],
): ProvisionNote[] {
  return [
    ...blocking(facts, steps),
    ...facts.targets.flatMap((target) => targetNotes(target, facts, wanted)),
    ...actingRoles(wanted).flatMap((role) => roleNotes(role, facts)),
    ...strangers(facts, wanted, config),
  ];
}

const note = (object: string, found: string, remedy: string, blocks = false): ProvisionNote => ({
  object,
  found,
  remedy,
  blocks,
});

/** Told with the statements, for whoever may run them. */
function blocking({ admin, database }: Facts, steps: readonly ProvisionStep[]): ProvisionNote[] {
  const creates = (what: string): ProvisionStep[] =>
    steps.filter(({ change, object }) => change === 'create' && object.startsWith(what));
  const statements = (of: readonly ProvisionStep[]): string => of.flatMap(({ sql }) => sql).join('; ');
  const [roles, schemas] = [creates('role '), creates('schema ')];
  const may = `as a role with CREATEROLE: ${statements(roles)}`;
  return [
    ...(roles.length > 0 && !admin.createsRoles
      ? [note(roles.map(({ object }) => object).join(', '), `${admin.name} may not create roles`, `Run, ${may}`, true)]
      : []),
    ...(schemas.length > 0 && !admin.createsSchemas
      ? [
          note(
            schemas.map(({ object }) => object).join(', '),
            `${admin.name} may not create schemas in ${database.name}`,
            `Run, as the database's owner: GRANT CREATE ON DATABASE ${ident(database.name)} TO ${ident(admin.name)}`,
            true,
          ),
        ]
      : []),
  ];
}

function targetNotes(target: FoundTarget, { roles }: Facts, wanted: WantedProvision): ProvisionNote[] {
  const { found, contract, readOnly } = target;
  const object = `table ${labelOf(target)}`;
  const { loader } = wanted.roles;
  if (found === null) {
    if (isMade(target, wanted)) return [];
    const remedy =
      contract.create === 'if-missing' && !readOnly
        ? `Add --tables, or the first load fails: ${loader} may make no table.`
        : 'Make it, then apply again: its rights are granted once it is there.';
    return [note(object, `is not there (contract ${contract.name})`, remedy)];
  }
  if (!['r', 'p'].includes(found.kind) && !readOnly)
    return [note(object, 'is no table', 'Name the table behind it in the contract.')];
  if (found.policed && found.owner !== loader && roles.get(loader)?.bypassesPolicies !== true)
    return [
      note(
        object,
        `row-level security hides rows from ${loader}`,
        `As a superuser: ALTER ROLE ${ident(loader)} BYPASSRLS`,
      ),
    ];
  return [];
}

/** Rights that come with the role itself, and that no grant takes away. */
function roleNotes(role: string, { roles, admin, ledgerSchema, database }: Facts): ProvisionNote[] {
  const found = roles.get(role);
  if (!found) return [];
  const object = `role ${role}`;
  if (found.superuser)
    return [note(object, 'is a superuser, and may do everything', `ALTER ROLE ${ident(role)} NOSUPERUSER`)];
  const strong = [...new Set([admin.name, ledgerSchema?.owner, database.owner])];
  return found.memberOf
    .filter((other) => strong.includes(other) || ['pg_write_all_data', 'pg_read_all_data'].includes(other))
    .map((other) =>
      note(object, `is a member of ${other}, and may do what that may`, `REVOKE ${ident(other)} FROM ${ident(role)}`),
    );
}

const writes = /^(INSERT|UPDATE|DELETE|TRUNCATE|CREATE)/;

/** Roles that this configuration does not name: nobody knows what they are for. */
function strangers(facts: Facts, wanted: WantedProvision, config: ResolvedPostgresConfig): ProvisionNote[] {
  const known = new Set(['', facts.admin.name, ...Object.values(wanted.roles)]);
  const strange = (owner: string | undefined, grants: readonly FoundGrant[], right: RegExp): string[] =>
    grants.filter((g) => g.grantee !== owner && !known.has(g.grantee) && right.test(g.privilege)).map((g) => g.grantee);
  const found = new Map<string, string[]>();
  const add = (grantees: readonly string[], sql: string): void => {
    for (const grantee of new Set(grantees)) found.set(grantee, [...(found.get(grantee) ?? []), sql]);
  };
  for (const name of ledgerTables.values()) {
    const table = facts.ledger.get(name);
    if (table) add(strange(table.owner, table.grants, writes), `TABLE ${ident(config.ledgerSchema)}.${ident(name)}`);
  }
  add(
    strange(facts.ledgerSchema?.owner, facts.ledgerSchema?.grants ?? [], writes),
    `SCHEMA ${ident(config.ledgerSchema)}`,
  );
  add(strange(facts.stageSchema?.owner, facts.stageSchema?.grants ?? [], /./), `SCHEMA ${ident(config.stageSchema)}`);
  return [...found].map(([grantee, objects]) =>
    note(
      `role ${grantee}`,
      'may write to the ledger or use the schema of stages',
      objects.map((on) => `REVOKE ALL ON ${on} FROM ${ident(grantee)}`).join('; '),
    ),
  );
}
