import type { ProvisionStep } from '../../provision';
import { ident } from '../sql';
import type { Governed, WantedGrant } from './wanted-grants';

interface Change {
  readonly on: Governed;
  readonly role: string;
  readonly privileges: readonly string[];
  readonly reason: string;
}

/** What a role lacks, and what it has too much. */
export function grantSteps(wanted: readonly WantedGrant[]): ProvisionStep[] {
  const lacking = wanted.flatMap((grant) => lackOf(grant));
  return [
    ...grouped(lacking, (changes) => grantStep(changes)),
    ...grouped(surplusOf(wanted), (changes) => revokeStep(changes)),
  ];
}

function lackOf({ on, role, privileges, reason }: WantedGrant): Change[] {
  const has = rightsOf(on, role);
  const lacking = privileges.filter((privilege) => !has.includes(privilege) && !rightsOf(on, '').includes(privilege));
  return lacking.length ? [{ on, role, privileges: lacking, reason }] : [];
}

/** Rights that were given to a role by name; empty: to everybody. */
const rightsOf = ({ found }: Governed, role: string): string[] =>
  (found?.grants ?? []).filter(({ grantee }) => grantee === role).map(({ privilege }) => privilege);

/** Rights of roles that shall have none but the wanted ones. The owner's are a matter of who owns it. */
function surplusOf(wanted: readonly WantedGrant[]): Change[] {
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
        const reason = role === '' ? 'nothing of it is for everybody' : 'more than it needs';
        return surplus.length ? [{ on, role, privileges: surplus, reason }] : [];
      }),
  );
}

/** One statement for objects that change alike. */
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

const what = (changes: readonly Change[]): string => changes.map(({ on }) => on.label).join(', ');

function grantStep(changes: readonly [Change, ...Change[]]): ProvisionStep {
  const [{ on, role, privileges, reason }] = changes;
  const objects = changes.map((change) => change.on.sql).join(', ');
  const sql = [`GRANT ${privileges.join(', ')} ON ${on.kind} ${objects} TO ${ident(role)}`];
  return { object: what(changes), change: 'grant', role, sql, reason, prunes: false };
}

function revokeStep(changes: readonly [Change, ...Change[]]): ProvisionStep {
  const [{ on, role, privileges, reason }] = changes;
  const objects = changes.map((change) => change.on.sql).join(', ');
  const from = role === '' ? 'PUBLIC' : ident(role);
  const sql = [`REVOKE ${privileges.join(', ')} ON ${on.kind} ${objects} FROM ${from}`];
  return { object: what(changes), change: 'revoke', role: from === 'PUBLIC' ? from : role, sql, reason, prunes: true };
}
