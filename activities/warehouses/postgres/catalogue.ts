import { loadFailure } from '../../../workflows/load-error';
import { targetIdentity } from '../../../workflows/load-key';
import { checksOf } from '../../../workflows/checks';
import type { LoadMode, OpenTarget, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { parseTableName } from '../../contracts';
import { loadIdColumn } from '../own-columns';
import type { ResolvedTarget } from '../warehouse';
import { explainChecks } from './check-trouble';
import type { PostgresClient, Session } from './client';
import { referredTables, relationsOf } from './references';
import { catalogueColumns, checkColumns, writable } from './target-columns';
import { findTarget, refuseKind, type FoundTarget } from './target-kind';

/** See `Warehouse.resolveTarget`. */
export async function resolveTarget(
  client: PostgresClient,
  contract: TableContract,
  mode: LoadMode,
): Promise<ResolvedTarget & { reversible: boolean }> {
  const { schema, table: name } = parseTableName(contract.table)!;
  refuseLongNames(contract, [schema ?? '', name, ...Object.keys(contract.columns)]);
  return client.session(async (s) => {
    const found = await findTarget(s, schema ?? undefined, name);
    if (!found.schema)
      throw loadFailure('TargetNotFound', { object: contract.table, expected: 'a schema on the search path' });
    const target = targetIdentity(found.database, found.schema, name);
    if (found.kind === null) {
      const reversible = await missing(s, contract, mode, found.schema, name);
      await explainContract(s, { contract, columns: null });
      return { target, columns: null, reversible };
    }
    refuseKind(target, found, mode);
    const catalogued = await catalogueColumns(s, target);
    checkColumns(target, contract, catalogued, mode);
    const columns = writable(catalogued);
    await explainContract(s, { contract, columns });
    return { target, columns, reversible: isReversible(mode, columns, found) };
  });
}

async function explainContract(s: Session, target: Pick<OpenTarget, 'contract' | 'columns'>): Promise<void> {
  await explainChecks(s, target, checksOf(target.contract), relationsOf(await referredTables(s, target.contract)));
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
  return isReversible(mode, null, null);
}

/** A table that Loadline creates has the column. Rows whose end would change other tables are not taken back. */
function isReversible(mode: LoadMode, columns: readonly TargetColumn[] | null, found: FoundTarget | null): boolean {
  if (mode === 'append') return columns === null || (columns.some((c) => c.name === loadIdColumn) && !found?.cascade);
  return mode === 'replace' || mode === 'replace-partition';
}
