import type { LoadMode } from '../../../workflows/contract';
import { loadFailure } from '../../../workflows/load-error';
import type { Session } from './client';

/** What the catalogue says of a name. */
export interface FoundTarget {
  readonly database: string;
  /** `null` when no schema of the search path could hold the table. */
  readonly schema: string | null;
  /** As `pg_class.relkind`; `null` when nothing has that name. */
  readonly kind: string | null;
  /** Whether policies hide rows from this role. */
  readonly hides: boolean;
  readonly role: string;
  readonly unlogged: boolean;
  /** The partitioned table that it is a part of. */
  readonly parent: string | null;
  /** A table that inherits from it. */
  readonly heir: string | null;
  /** A partition that is a foreign table. */
  readonly foreign: string | null;
  /** A table whose rows are deleted or changed when rows of this one are deleted. */
  readonly cascade: string | null;
}

/** Schema and table of a catalogue identity. */
export function nameOf(target: string): [schema: string, table: string] {
  const [, schema = '', table = ''] = target.split('.').map(decodeURIComponent);
  return [schema, table];
}

/** Looks a table up; without a schema on the search path. */
export async function findTarget(s: Session, schema: string | undefined, name: string): Promise<FoundTarget> {
  const [found] = await s.rows<FoundTarget & Record<string, unknown>>(
    'target:find',
    `SELECT current_database() AS database, coalesce($1, (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relname = $2 AND pg_table_is_visible(c.oid)), current_schema()) AS schema, current_user AS role, t.*
     FROM (SELECT) one LEFT JOIN LATERAL (
       SELECT c.relkind::text AS kind, row_security_active(c.oid) AS hides, c.relpersistence <> 'p' AS unlogged,
         (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition) AS parent,
         (SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = c.oid AND c.relkind = 'r' LIMIT 1) AS heir,
         (SELECT p.relid::regclass::text FROM pg_partition_tree(c.oid) p JOIN pg_class f ON f.oid = p.relid WHERE f.relkind = 'f' LIMIT 1) AS foreign,
         (SELECT k.conrelid::regclass::text FROM pg_constraint k
          WHERE k.confrelid = c.oid AND k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd') LIMIT 1) AS cascade
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = $2 AND CASE WHEN $1::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
         AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) t ON true`,
    [schema ?? null, name],
  );
  return found!;
}

/** Refuses what cannot be loaded exactly once. @throws `TargetNotATable`, `PermissionDenied`, `ConstraintViolated` */
export function refuseKind(object: string, found: FoundTarget, mode: LoadMode): void {
  const not = (got: string, remedy: string): Error => loadFailure('TargetNotATable', { object, got, remedy });
  if (found.kind !== 'r' && found.kind !== 'p')
    throw not(kinds[found.kind ?? ''] ?? 'another thing', 'Name the table behind it.');
  // Two names of the same rows would have two locks.
  if (found.parent !== null)
    throw not(
      `a partition of ${found.parent}`,
      `Name the partitioned table, ${found.parent}: its rows go where they belong.`,
    );
  if (found.heir !== null)
    throw not(`a table that ${found.heir} inherits from`, 'Load the tables that inherit, or partition the table.');
  if (found.foreign !== null)
    throw not(`a partition, ${found.foreign}, in another database`, 'Detach it: a transaction cannot cover both.');
  if (found.unlogged)
    throw not(
      'an unlogged or temporary table, which a crash empties',
      'ALTER TABLE … SET LOGGED, or name another table.',
    );
  if (found.hides) throw hidesRows(object, found.role);
  if (found.cascade !== null && deletes(mode)) throw cascades(object, found.cascade);
}

const kinds: Readonly<Record<string, string>> = {
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table, which no transaction of this database covers',
};

const deletes = (mode: LoadMode): boolean => mode === 'replace' || mode === 'replace-partition';

/** A load compares and replaces rows; those that the role does not see would be doubled, or stay. */
function hidesRows(object: string, role: string): Error {
  return loadFailure('PermissionDenied', {
    object,
    expected: 'a role that sees all rows',
    got: `row-level security for role ${role}`,
    remedy: 'Load as a role with BYPASSRLS.',
  });
}

function cascades(object: string, other: string): Error {
  return loadFailure('ConstraintViolated', {
    what: 'Replacing rows would delete or change rows of another table.',
    object,
    expected: 'foreign keys without ON DELETE CASCADE, SET NULL or SET DEFAULT',
    got: `one of ${other}`,
    remedy: 'Use mode merge, or change the foreign key.',
  });
}
