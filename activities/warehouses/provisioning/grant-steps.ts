import type { ProvisionStep } from '../provision';
import type { FoundObject } from './found';

/** Something with rights, found or about to be made. */
export interface Governed<Kind extends string = string> {
  readonly kind: Kind;
  /** Quoted. */
  readonly sql: string;
  /** As people write it. */
  readonly label: string;
  /** `null`: this plan makes it. */
  readonly found: FoundObject | null;
  /** Roles, and everybody, that shall have no other right of it than the wanted ones. */
  readonly strict: readonly string[];
  /** Of those, only these rights are looked at. @default all */
  readonly strictIn?: readonly string[];
}

/** Rights that a role shall have. */
export interface WantedGrant<Kind extends string = string> {
  readonly on: Governed<Kind>;
  readonly role: string;
  readonly privileges: readonly string[];
  readonly reason: string;
}

/** How a warehouse writes that rights are given and taken: of objects of one kind, quoted. */
export interface GrantWords {
  /** What everybody is called where rights are read. */
  readonly everybody: string;
  grant(privileges: string, kind: string, objects: readonly string[], role: string): readonly string[];
  revoke(privileges: string, kind: string, objects: readonly string[], role: string): readonly string[];
}

interface Change {
  readonly on: Governed;
  readonly role: string;
  readonly privileges: readonly string[];
  readonly reason: string;
}

/** What a role lacks, and what it has too much. */
export function grantSteps(wanted: readonly WantedGrant[], words: GrantWords): ProvisionStep[] {
  const lacking = wanted.flatMap((grant) => lackOf(grant, words));
  return [
    ...grouped(lacking, (changes) => stepOf('grant', changes, words)),
    ...grouped(surplusOf(wanted, words), (changes) => stepOf('revoke', changes, words)),
  ];
}

function lackOf({ on, role, privileges, reason }: WantedGrant, { everybody }: GrantWords): Change[] {
  const has = [...rightsOf(on, role), ...rightsOf(on, everybody)];
  const lacking = privileges.filter((privilege) => !has.includes(privilege));
  return lacking.length ? [{ on, role, privileges: lacking, reason }] : [];
}

/** Rights that were given to a role, or to everybody, by name. */
const rightsOf = ({ found }: Governed, role: string): string[] =>
  (found?.grants ?? []).filter(({ grantee }) => grantee === role).map(({ privilege }) => privilege);

/** Rights of roles that shall have none but the wanted ones. The owner's are a matter of who owns it. */
function surplusOf(wanted: readonly WantedGrant[], { everybody }: GrantWords): Change[] {
  const objects = new Map(wanted.map(({ on }) => [on.sql + on.kind, on]));
  return [...objects.values()].flatMap((on) =>
    on.strict
      .filter((role) => role !== on.found?.owner)
      .flatMap((role) => {
        const may = new Set(
          wanted
            .filter((grant) => grant.on.sql === on.sql && grant.on.kind === on.kind && grant.role === role)
            .flatMap(({ privileges }) => privileges),
        );
        const surplus = rightsOf(on, role).filter((right) => !may.has(right) && (on.strictIn?.includes(right) ?? true));
        const reason = role === everybody ? 'nothing of it is for everybody' : 'more than it needs';
        return surplus.length ? [{ on, role, privileges: surplus, reason }] : [];
      }),
  );
}

/** One step for objects that change alike. */
function grouped(
  changes: readonly Change[],
  stepOf: (changes: readonly [Change, ...Change[]]) => ProvisionStep,
): ProvisionStep[] {
  const groups = new Map<string, [Change, ...Change[]]>();
  for (const change of changes) {
    const { on, role, privileges, reason } = change;
    const alike = JSON.stringify([on.kind, role, privileges, reason]);
    const group = groups.get(alike);
    if (group) group.push(change);
    else groups.set(alike, [change]);
  }
  return [...groups.values()].map(stepOf);
}

function stepOf(change: 'grant' | 'revoke', changes: readonly [Change, ...Change[]], words: GrantWords): ProvisionStep {
  const [{ on, role, privileges, reason }] = changes;
  const objects = changes.map((one) => one.on.sql);
  return {
    object: changes.map((one) => one.on.label).join(', '),
    change,
    role: role === words.everybody ? 'PUBLIC' : role,
    sql: words[change](privileges.join(', '), on.kind, objects, role),
    reason,
    prunes: change === 'revoke',
  };
}
