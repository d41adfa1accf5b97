import { loadFailure } from '../../../workflows/load-error';
import type { LoadMode, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { loadIdColumn } from '../own-columns';
import type { Session } from './client';
import { nameOf } from './target-kind';
import { holds } from './types';

/** A column of a table with what decides whether it can be loaded. */
export interface CatalogueColumn extends TargetColumn {
  /** The type that a domain stands for; else the type itself. */
  readonly base: string;
  /** Why the server alone writes it; `null` when a load may. */
  readonly own: string | null;
  /** Whether a row that does not name it would be refused. */
  readonly needed: boolean;
}

/** All columns of a table, in order; none when it does not exist. */
export async function catalogueColumns(s: Session, target: string): Promise<CatalogueColumn[]> {
  return s.rows<CatalogueColumn & Record<string, unknown>>(
    'target:columns',
    `SELECT a.attname AS name, NOT a.attnotnull AS nullable,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> t.typcollation
         THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END AS type,
       (WITH RECURSIVE d(type, mod) AS (SELECT a.atttypid, a.atttypmod UNION ALL
          SELECT b.typbasetype, b.typtypmod FROM d JOIN pg_type b ON b.oid = d.type WHERE b.typtype = 'd')
        SELECT format_type(d.type, d.mod) FROM d JOIN pg_type b ON b.oid = d.type WHERE b.typtype <> 'd') AS base,
       CASE WHEN a.attgenerated <> '' THEN 'a generated column' WHEN a.attidentity = 'a' THEN 'an identity column GENERATED ALWAYS' END AS own,
       (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL
         -- A trigger may fill it in.
         AND NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 7 = 7) AS needed
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY a.attnum`,
    nameOf(target),
  );
}

/** The columns that a load may write, as an open load remembers them. */
export function writable(columns: readonly CatalogueColumn[]): TargetColumn[] {
  return columns.filter((c) => c.own === null).map(({ name, type, nullable }) => ({ name, type, nullable }));
}

/** @throws `SchemaMismatch` */
export function checkColumns(
  target: string,
  contract: TableContract,
  columns: readonly CatalogueColumn[],
  mode: LoadMode,
): void {
  for (const [name, column] of Object.entries(contract.columns)) {
    const found = columns.find((c) => c.name === name);
    const object = `${target}.${name}`;
    if (!found || found.own !== null)
      throw loadFailure('SchemaMismatch', {
        object,
        expected: `a column of type ${column.type} that can be written`,
        got: found?.own ?? 'none',
        ...(found && { remedy: 'Take the column out of the contract: the server fills it in.' }),
      });
    if (!holds(column.type, found.base))
      throw loadFailure('SchemaMismatch', { object, expected: column.type, got: found.type });
  }
  const lacking = columns.find((c) => c.needed && c.own === null && !isLoaded(c.name, contract, mode));
  if (lacking)
    throw loadFailure('SchemaMismatch', {
      object: `${target}.${lacking.name}`,
      expected: 'every column that must have a value in the contract',
      got: `${lacking.name}, which is NOT NULL and has no default`,
      remedy: 'Add the column to the contract, or give it a default.',
    });
}

const isLoaded = (name: string, contract: TableContract, mode: LoadMode): boolean =>
  Object.hasOwn(contract.columns, name) || (name === loadIdColumn && mode === 'append');
