import { checksOf, type CheckOf } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import { targetIdentity } from '../../../workflows/load-key';
import type { AuditedStage, OpenTarget } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { parseTableName } from '../../contracts';
import { hasNone, type Relations } from './check-sql';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import { relation, whereGood } from './sql';
import { stageFacts } from './stage-count';
import { findTarget } from './target-kind';

const referencesOf = (contract: TableContract): CheckOf<'references'>[] =>
  checksOf(contract).filter((c) => c.kind === 'references');

/** The catalogue identities of the tables that a contract refers to, as it writes them. @throws `InvalidCheck` */
export async function referredTables(s: Session, contract: TableContract): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, table } of referencesOf(contract)) {
    const { schema, table: name } = parseTableName(table)!;
    const { database, schema: stored, kind } = await findTarget(s, schema ?? undefined, name);
    if (kind === null || stored === null)
      throw loadFailure('InvalidCheck', {
        object: `${contract.name} ${id}`,
        expected: `a table ${table.slice(table.indexOf('/') + 1)}`,
        got: 'no such table',
        remedy: 'Correct the name, or create the table.',
      });
    found.set(table, targetIdentity(database, stored, name));
  }
  return found;
}

/** Quoted names of tables, for SQL. */
export const relationsOf = (tables: ReadonlyMap<string, string>): Relations =>
  new Map([...tables].map(([table, target]) => [table, relation(target)]));

/** How often tables have been published to; those that Loadline does not publish to are left out. */
export async function versionsOf(
  tx: Session,
  names: LedgerNames,
  targets: Iterable<string>,
): Promise<Record<string, number>> {
  const rows = await tx.rows<{ target: string; version: string }>(
    'audit:version',
    `SELECT target, version FROM ${names.locks} WHERE target = ANY($1)`,
    [[...targets]],
  );
  return Object.fromEntries(rows.map((r) => [r.target, Number(r.version)]));
}

/**
 * Rows that were found in another table may have left it since the audit. What that means is for an audit to say again,
 * so the stage counts as lost. Tables that others write to are always asked.
 *
 * @throws `StageLost`
 */
export async function checkReferencesAgain(
  tx: Session,
  names: LedgerNames,
  { contract, target }: OpenTarget,
  audited: AuditedStage,
): Promise<void> {
  const passed = new Set(
    audited.verdicts?.filter((v) => v.verdict !== 'warn' && v.verdict !== 'fail').map((v) => v.id),
  );
  const checks = referencesOf(contract).filter((c) => passed.has(c.id));
  if (!checks.length) return;
  const tables = await referredTables(tx, contract);
  const versions = await versionsOf(tx, names, tables.values());
  const moved = checks.filter(({ table }) => {
    const version = versions[tables.get(table)!];
    return version === undefined || version !== audited.referenceVersions?.[tables.get(table)!];
  });
  for (const check of moved) {
    const where = whereGood(audited, hasNone(check, relationsOf(tables), 's'));
    const { rows } = await stageFacts(tx, `${audited.stage} s`, [], where);
    if (Number(rows) === 0) continue;
    throw loadFailure('StageLost', {
      what: 'Rows of the batch have lost what they refer to since they were audited.',
      object: `${target} ${check.id}`,
      expected: `every row in ${check.table}`,
      got: `${rows} rows that are not`,
      remedy: 'Nothing to do: the batch is staged and audited again.',
    });
  }
}
