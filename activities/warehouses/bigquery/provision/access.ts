import type { FoundGrant } from '../../provisioning/found';
import type { AccessEntry } from '../api';

/** What the roles of a dataset are called elsewhere; the API tells these three by their old names. */
const oldNames: Readonly<Record<string, string>> = {
  READER: 'roles/bigquery.dataViewer',
  WRITER: 'roles/bigquery.dataEditor',
  OWNER: 'roles/bigquery.dataOwner',
};

export const viewer = oldNames['READER']!;
export const editor = oldNames['WRITER']!;

/** Whoever has an account of Google's. */
export const everybody = 'specialGroup:allAuthenticatedUsers';

/** Who has a basic role of the project: BigQuery lets them into each new dataset. */
export const ofProject: readonly string[] = ['specialGroup:projectWriters', 'specialGroup:projectReaders'];

/** Who may do what; views and routines that are let in are no members. */
export const grantsOf = (access: readonly AccessEntry[]): FoundGrant[] =>
  access.flatMap((entry) => {
    const grantee = memberOf(entry);
    return grantee === null || entry.role === undefined ? [] : [{ grantee, privilege: roleOf(entry.role) }];
  });

const roleOf = (role: string): string => oldNames[role] ?? role;

function memberOf({ userByEmail, groupByEmail, domain, specialGroup, iamMember }: AccessEntry): string | null {
  if (userByEmail !== undefined)
    return `${userByEmail.endsWith('gserviceaccount.com') ? 'serviceAccount' : 'user'}:${userByEmail}`;
  if (groupByEmail !== undefined) return `group:${groupByEmail}`;
  if (domain !== undefined) return `domain:${domain}`;
  if (specialGroup !== undefined) return `specialGroup:${specialGroup}`;
  return iamMember ?? null;
}

/** A change of an access list: this role is given to this member, or taken. */
export interface AccessChange {
  readonly dataset: string;
  readonly role: string;
  readonly member: string;
  readonly given: boolean;
}

/** The list after a change; whoever else is in it stays, as it is written. */
export function changed(
  access: readonly AccessEntry[],
  { role, member, given }: Pick<AccessChange, 'role' | 'member' | 'given'>,
): AccessEntry[] {
  const others = access.filter((entry) => memberOf(entry) !== member || roleOf(entry.role ?? '') !== role);
  return given ? [...others, entryOf(role, member)] : others;
}

function entryOf(role: string, member: string): AccessEntry {
  const [kind = '', name = ''] = member.split(/:(.*)/s);
  const old = Object.keys(oldNames).find((each) => oldNames[each] === role) ?? role;
  const fields: Readonly<Record<string, string>> = {
    group: 'groupByEmail',
    domain: 'domain',
    specialGroup: 'specialGroup',
  };
  return { role: old, [fields[kind] ?? 'userByEmail']: name };
}
