import { checksOf, type Check } from '../../../workflows/checks';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { LoadMode, OpenTarget, TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { loadIdColumn } from '../own-columns';
import type { ResolvedTarget } from '../warehouse';
import { stageColumns } from './columns';
import { brokenSql } from './check-sql';
import { notSupported, type Engine } from './engine';
import { raw, sql } from './port';
import { referredTables } from './references';

/** See `Warehouse.resolveTarget`. */
export async function resolveTarget(
  engine: Engine,
  contract: TableContract,
  mode: LoadMode,
): Promise<ResolvedTarget & { reversible: boolean }> {
  refuseUnsupported(engine, contract);
  const found = await engine.backend.findTable(contract.table);
  if (found === null) {
    const target = await engine.backend.identityOf(contract.table);
    if (contract.create !== 'if-missing') throw loadFailure('TargetNotFound', { object: target, got: 'no such table' });
    await explainChecks(engine, { contract, columns: null });
    return { target, columns: null, reversible: isReversible(mode, null) };
  }
  if (found.kind !== 'table')
    throw loadFailure('TargetNotATable', {
      object: found.target,
      got: 'another thing',
      remedy: 'Name the table behind it.',
    });
  checkColumns(engine, found.target, contract, found.columns);
  await explainChecks(engine, { contract, columns: found.columns });
  return { target: found.target, columns: found.columns, reversible: isReversible(mode, found.columns) };
}

/** What no unit of this engine does is refused before anything is read. @throws `NotSupported` */
export function refuseUnsupported(engine: Engine, contract: TableContract): void {
  const sets = checksOf(contract).some((c) => c.severity === 'quarantine');
  const object = `contract ${contract.name}`;
  if (sets && !engine.dialect.jsonObject) notSupported('quarantine', object);
}

/** @throws `SchemaMismatch` */
export function checkColumns(
  { dialect }: Pick<Engine, 'dialect'>,
  target: string,
  contract: TableContract,
  columns: readonly TargetColumn[],
): void {
  for (const [name, column] of Object.entries(contract.columns)) {
    const found = columns.find((c) => c.name === name);
    const object = `${target}.${name}`;
    if (!found)
      throw loadFailure('SchemaMismatch', { object, expected: `a column of type ${column.type}`, got: 'none' });
    if (dialect.holds?.(column.type, found.type) === false)
      throw loadFailure('SchemaMismatch', { object, expected: column.type, got: found.type });
  }
}

/** A table that Loadline creates has the column. */
function isReversible(mode: LoadMode, columns: readonly TargetColumn[] | null): boolean {
  if (mode === 'append') return columns === null || columns.some((c) => c.name === loadIdColumn);
  return mode === 'replace' || mode === 'replace-partition';
}

/** Kinds whose SQL may not fit the columns that there are. */
const explained: ReadonlySet<string> = new Set<Check['kind']>(['sql', 'accepted', 'range']);

/** Asks the warehouse whether it understands what a contract says in its words, before anything is read. @throws `InvalidCheck` */
async function explainChecks(engine: Engine, target: Pick<OpenTarget, 'contract' | 'columns'>): Promise<void> {
  await referredTables(engine, target.contract);
  // Typed as the stage will be; without a value, so that nothing is computed.
  const row = stageColumns(engine, target).map((c) => `CAST(NULL AS ${c.type}) AS ${engine.dialect.ident(c.name)}`);
  for (const check of checksOf(target.contract)) {
    if (!explained.has(check.kind) || check.scope !== 'row') continue;
    const broken = brokenSql(engine, target, check as Parameters<typeof brokenSql>[2]);
    const n = raw(engine.dialect.ident('n'));
    await engine.backend
      .rows(
        'check',
        sql`SELECT SUM(CASE WHEN ${broken} THEN 1 ELSE 0 END) AS ${n} FROM (SELECT ${raw(row.join(', '))}) s`,
      )
      .catch((error: unknown) => {
        throw invalidCheck(target.contract, check, error);
      });
  }
}

/** What an expression failed with that is the contract's own. */
const ofTheCheck: ReadonlySet<string> = new Set([
  'WarehouseError',
  'InvalidValue',
  'InvalidCheck',
  'SchemaMismatch',
  'TargetNotFound',
]);

/** An error of a check's SQL as the contract's; others as they are. */
export function invalidCheck({ name }: TableContract, check: Check, error: unknown): Error {
  const failure = loadErrorOf(error);
  if (!failure || !ofTheCheck.has(failure.type)) return error as Error;
  return loadFailure('InvalidCheck', {
    object: `${name} ${check.id}`,
    expected: 'a condition on one row',
    got: failure.details[0].got ?? failure.type,
  });
}
