import type { ProvisionNote, ProvisionRoleNames, ProvisionStep, WantedProvision } from '../provision';
import type { FoundObject } from './found';

/** What the roles of a warehouse are for. */
export const purposes = {
  loader: 'what workers connect as',
  reader: 'reads receipts, states and metrics, and no row of a table',
  sweeper: 'archives receipts and drops stages that are left',
  owner: 'owns the ledger',
} as const satisfies Record<keyof ProvisionRoleNames, string>;

type Step = Omit<ProvisionStep, 'prunes' | 'role'> & { readonly role?: string };

/** A step that takes nothing away. */
export const step = ({ role, ...rest }: Step): ProvisionStep => ({ ...rest, role: role ?? null, prunes: false });

export const note = (object: string, found: string, remedy: string, blocks = false): ProvisionNote => ({
  object,
  found,
  remedy,
  blocks,
});

/** Loader, reader and sweeper, as far as there are any. */
export const actingRoles = ({ roles }: Pick<WantedProvision, 'roles'>): string[] =>
  [roles.loader, roles.reader, roles.sweeper].filter((role) => role !== null);

/** Wanted roles that are not there, with what they are for. */
export function missingRoles(
  roles: ProvisionRoleNames,
  found: ReadonlyMap<string, unknown>,
): { readonly purpose: keyof ProvisionRoleNames; readonly name: string }[] {
  const names = Object.entries(roles) as [keyof ProvisionRoleNames, string | null][];
  return names.flatMap(([purpose, name]) => (name === null || found.has(name) ? [] : [{ purpose, name }]));
}

/** Something whose owner is looked at. */
export interface Owned {
  readonly label: string;
  /** With its kind: `SCHEMA "x"`. */
  readonly sql: string;
  readonly owner: string;
}

export const owned = (label: string, sql: string, found: FoundObject | null): Owned[] =>
  found === null ? [] : [{ label, sql, owner: found.owner }];

/** Nobody who loads, reads or sweeps owns what the others rely on; who else does may keep it, unless an owner is named. */
export const properOwner = (owner: string, asked: string | null, admin: string, wanted: WantedProvision): string =>
  asked ?? (actingRoles(wanted).includes(owner) ? admin : owner);

/** What the administrator or the named owner has is theirs to give; what others have is taken only when asked for. */
export function handedOver(
  objects: readonly Owned[],
  to: string,
  { admin, own, sqlOf }: { admin: string; own: string | null; sqlOf: (one: Owned, to: string) => string },
): ProvisionStep[] {
  return [...new Set(objects.map(({ owner }) => owner))].map((owner) => {
    const theirs = objects.filter((one) => one.owner === owner);
    return {
      object: theirs.map(({ label }) => label).join(', '),
      change: 'alter',
      role: to,
      sql: theirs.map((one) => sqlOf(one, to)),
      reason: `${owner} owns it, and so may drop it and give it away`,
      prunes: owner !== admin && owner !== own,
    };
  });
}

const writes = /^(INSERT|UPDATE|DELETE|TRUNCATE|CREATE|WRITE)/;

/** Something that no other role than the wanted ones shall write to, or use at all. */
export interface Guarded {
  /** As `REVOKE ALL ON` names it. */
  readonly sql: string;
  readonly found: FoundObject | null;
  /** Whether any right of it is looked at, not only one to write. */
  readonly atAll?: boolean;
}

/** Roles that this configuration does not name: nobody knows what they are for. */
export function strangers(
  guarded: readonly Guarded[],
  known: readonly (string | null)[],
  revoke: (on: string, role: string) => string,
): ProvisionNote[] {
  const found = new Map<string, string[]>();
  for (const { sql, found: object, atAll = false } of guarded)
    for (const grantee of new Set(
      (object?.grants ?? [])
        .filter((g) => g.grantee !== object?.owner && !known.includes(g.grantee) && (atAll || writes.test(g.privilege)))
        .map((g) => g.grantee),
    ))
      found.set(grantee, [...(found.get(grantee) ?? []), sql]);
  return [...found].map(([grantee, objects]) =>
    note(
      `role ${grantee}`,
      'may write to the ledger or use the schema of stages',
      objects.map((on) => revoke(on, grantee)).join('; '),
    ),
  );
}
