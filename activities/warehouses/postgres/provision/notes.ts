import type { ProvisionNote, ProvisionStep, WantedProvision } from '../../provision';
import { actingRoles, note, strangers, type Guarded } from '../../provisioning/steps';
import { labelOf, missingTable } from '../../provisioning/targets';
import type { ResolvedPostgresConfig } from '../config';
import { ident } from '../sql';
import type { Facts, FoundTarget } from './facts';
import { ledgerTables } from './privileges';

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
    ...strangers(
      guarded(facts, config),
      ['', facts.admin.name, ...Object.values(wanted.roles)],
      (on, role) => `REVOKE ALL ON ${on} FROM ${ident(role)}`,
    ),
  ];
}

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
  const { found, readOnly } = target;
  const object = `table ${labelOf(target)}`;
  const { loader } = wanted.roles;
  if (found === null) return missingTable(target, wanted);
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

function guarded(facts: Facts, { ledgerSchema, stageSchema }: ResolvedPostgresConfig): Guarded[] {
  const tables = [...ledgerTables.values()].map((name) => ({
    sql: `TABLE ${ident(ledgerSchema)}.${ident(name)}`,
    found: facts.ledger.get(name) ?? null,
  }));
  return [
    ...tables,
    { sql: `SCHEMA ${ident(ledgerSchema)}`, found: facts.ledgerSchema },
    { sql: `SCHEMA ${ident(stageSchema)}`, found: facts.stageSchema, atAll: true },
  ];
}
