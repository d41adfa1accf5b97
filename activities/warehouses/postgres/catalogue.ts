import { loadFailure } from '../../../workflows/load-error';
import { targetIdentity } from '../../../workflows/load-key';
import type { LoadMode, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { parseTableName } from '../../contracts';
import type { ResolvedTarget } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { holds } from './types';

/** The column that makes an `append` reversible. */
export const loadIdColumn = '_loadline_load_id';

/** See `Warehouse.resolveTarget`. */
export async function resolveTarget(
  client: PostgresClient,
  contract: TableContract,
  mode: LoadMode,
): Promise<ResolvedTarget & { reversible: boolean }> {
  const { schema, table: name } = parseTableName(contract.table)!;
  refuseLongNames(contract, [schema ?? '', name, ...Object.keys(contract.columns)]);
  return client.session(async (s) => {
    const [found] = await s.rows<{
      database: string;
      schema: string | null;
      kind: string | null;
      hides: boolean | null;
      role: string;
    }>(
      'target:find',
      `SELECT current_database() AS database, coalesce($1, (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relname = $2 AND pg_table_is_visible(c.oid)), current_schema()) AS schema,
              t.kind, t.hides, current_user AS role
       FROM (SELECT) one LEFT JOIN LATERAL (
         SELECT c.relkind::text AS kind, row_security_active(c.oid) AS hides FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relname = $2 AND CASE WHEN $1::text IS NULL THEN pg_table_is_visible(c.oid) ELSE n.nspname = $1 END
           AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) t ON true`,
      [schema, name],
    );
    if (!found?.schema)
      throw loadFailure('TargetNotFound', { object: contract.table, expected: 'a schema on the search path' });
    const target = targetIdentity(found.database, found.schema, name);
    if (found.kind === null)
      return { target, columns: null, reversible: await missing(s, contract, mode, found.schema, name) };
    if (!['r', 'p'].includes(found.kind)) throw loadFailure('TargetNotATable', { object: target });
    if (found.hides) throw hidesRows(target, found.role);
    const columns = await targetColumns(s, target);
    checkColumns(target, contract, columns);
    return { target, columns, reversible: isReversible(mode, columns) };
  });
}

/** PostgreSQL cuts longer names in silence: one table would have several names, and several locks. */
function refuseLongNames(contract: TableContract, names: readonly string[]): void {
  const long = names.find((name) => Buffer.byteLength(name) > 63);
  if (long === undefined) return;
  throw loadFailure('SchemaMismatch', {
    object: `${contract.name}: ${long}`,
    expected: 'names of at most 63 bytes',
    got: `${Buffer.byteLength(long)} bytes`,
    remedy: 'Shorten the name; `from` keeps a long name of a source column.',
  });
}

/** A load compares and replaces rows; those that the role does not see would be doubled, or stay. */
function hidesRows(target: string, role: string): Error {
  return loadFailure('PermissionDenied', {
    object: target,
    expected: 'a role that sees all rows',
    got: `row-level security for role ${role}`,
    remedy: 'Load as a role with BYPASSRLS.',
  });
}

/** The columns of a table that may be written, in order; none when it does not exist. */
export async function targetColumns(s: Session, target: string): Promise<TargetColumn[]> {
  const [, schema = '', name = ''] = target.split('.').map(decodeURIComponent);
  return s.rows<{ name: string; type: string; nullable: boolean }>(
    'target:columns',
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'
     ORDER BY a.attnum`,
    [schema, name],
  );
}

async function missing(
  s: Session,
  contract: TableContract,
  mode: LoadMode,
  schema: string,
  name: string,
): Promise<boolean> {
  if (contract.create !== 'if-missing') {
    const near = await s.rows<{ name: string }>(
      'target:near',
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND lower(c.relname) = lower($1) ORDER BY 1 LIMIT 3`,
      [name],
    );
    const got = near.length ? `no such table; there is ${near.map((n) => n.name).join(', ')}` : 'no such table';
    throw loadFailure('TargetNotFound', { object: `${schema}.${name}`, got });
  }
  const there = await s.rows('target:schema', 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (!there.length)
    throw loadFailure('TargetNotFound', {
      object: `schema ${schema}`,
      got: 'no such schema',
      remedy: 'Create the schema.',
    });
  return isReversible(mode, null);
}

/** A table that Loadline creates has the column. */
function isReversible(mode: LoadMode, columns: readonly TargetColumn[] | null): boolean {
  if (mode === 'append') return columns === null || columns.some((c) => c.name === loadIdColumn);
  return mode === 'replace' || mode === 'replace-partition';
}

/** @throws `SchemaMismatch` */
export function checkColumns(target: string, contract: TableContract, columns: readonly TargetColumn[]): void {
  for (const [name, column] of Object.entries(contract.columns)) {
    const found = columns.find((c) => c.name === name);
    const object = `${target}.${name}`;
    if (!found)
      throw loadFailure('SchemaMismatch', {
        object,
        expected: `a column of type ${column.type} that can be written`,
        got: 'none',
      });
    if (!holds(column.type, found.type))
      throw loadFailure('SchemaMismatch', { object, expected: column.type, got: found.type });
  }
}
