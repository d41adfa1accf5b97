import type { ProvisionNote, WantedProvision } from '../../provision';
import { actingRoles, note, strangers, type Guarded } from '../../provisioning/steps';
import { labelOf, missingTable } from '../../provisioning/targets';
import { ledgerTables } from '../../sql/ledger-schema';
import { internalStage } from '../bulk-load';
import { ident } from '../dialect';
import type { Facts, FoundTarget } from './facts';
import { everybody, type Making } from './wanted-grants';

/** What no step changes and somebody should know. */
export function notesOf(facts: Facts, wanted: WantedProvision, making: Making): ProvisionNote[] {
  const known = [everybody, facts.admin, ...Object.values(wanted.roles)];
  return [
    ...workerNotes(facts, wanted, making),
    ...facts.targets.flatMap((target) => targetNotes(target, wanted)),
    ...actingRoles(wanted).flatMap((role) => roleNotes(role, facts)),
    ...strangers(guarded(facts, making), known, (on, grantee) => `REVOKE ALL ON ${on} FROM ${granteeSql(grantee)}`),
  ];
}

const granteeSql = (grantee: string): string => {
  const [, kind, name] = /^((?:[A-Z]+ )+)(.+)$/.exec(grantee) ?? [];
  return kind === undefined ? `ROLE ${ident(grantee)}` : `${kind}${ident(name!)}`;
};

/** What stands between workers and the role that is made for them. */
function workerNotes(
  { user, warehouse }: Facts,
  { roles: { loader } }: WantedProvision,
  { workers }: Making,
): ProvisionNote[] {
  const notes: ProvisionNote[] = [];
  if (user === null)
    notes.push(
      note(
        `user ${workers.user}`,
        'is not there',
        `CREATE USER ${ident(workers.user)} TYPE = SERVICE DEFAULT_ROLE = ${ident(loader)} DEFAULT_SECONDARY_ROLES = () RSA_PUBLIC_KEY = '…', then apply again`,
      ),
    );
  if (workers.role !== loader)
    notes.push(
      note(
        `role ${loader}`,
        `workers use ${workers.role === null ? "their user's own role" : `role ${workers.role}`}`,
        `Set role: '${loader}' of the warehouse in the configuration`,
      ),
    );
  if (workers.warehouse !== null && warehouse === null)
    notes.push(note(`warehouse ${workers.warehouse}`, 'is not there', 'Make it, then apply again'));
  if (workers.warehouse === null)
    notes.push(
      note(
        'warehouse',
        'none is named',
        `Name one in the configuration, or grant usage of the user's own: GRANT USAGE ON WAREHOUSE … TO ROLE ${ident(loader)}`,
      ),
    );
  return notes;
}

const targetNotes = (target: FoundTarget, wanted: WantedProvision): ProvisionNote[] => {
  if (target.kind === null) return missingTable(target, wanted);
  if (target.kind === 'table') return [];
  const remedy = target.readOnly
    ? `GRANT SELECT ON VIEW ${labelOf(target)} TO ROLE ${ident(wanted.roles.loader)}, once its owner agrees.`
    : 'Name the table behind it in the contract.';
  return [note(`table ${labelOf(target)}`, 'is no table', remedy)];
};

const ofAdministrators = ['ACCOUNTADMIN', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN', 'ORGADMIN'];

/** Rights that come with other roles, or of the whole account. */
function roleNotes(role: string, { roles, admin, ledgerSchema }: Facts): ProvisionNote[] {
  const found = roles.get(role);
  const strong = new Set([admin, ledgerSchema?.owner, ...ofAdministrators]);
  const others = (found?.memberOf ?? []).filter((other) => strong.has(other));
  return [
    ...others.map((other) =>
      note(
        `role ${role}`,
        `has the role ${other}, and may do what that may`,
        `REVOKE ROLE ${ident(other)} FROM ROLE ${ident(role)}`,
      ),
    ),
    ...(found?.ofAccount ?? []).map((right) =>
      note(`role ${role}`, `has ${right} on the account`, `REVOKE ${right} ON ACCOUNT FROM ROLE ${ident(role)}`),
    ),
  ];
}

function guarded(facts: Facts, { backend, config }: Making): Guarded[] {
  return [
    ...ledgerTables.map((name) => ({
      sql: `TABLE ${backend.ledgerSchema}.${ident(name)}`,
      found: facts.ledger.get(name) ?? null,
    })),
    { sql: `SCHEMA ${backend.ledgerSchema}`, found: facts.ledgerSchema },
    { sql: `SCHEMA ${backend.stageSchema}`, found: facts.stageSchema, atAll: true },
    { sql: `STAGE ${internalStage(config)}`, found: facts.stage, atAll: true },
  ];
}
