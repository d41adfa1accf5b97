import type { Check, RowCheck } from '../../../workflows/checks';
import { loadFailure } from '../../../workflows/load-error';
import type { OpenTarget } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { calledNames } from '../../contracts/sql-condition';
import type { Audit } from './audit-scan';
import { brokenSql, hasNone, type Relations } from './check-sql';
import type { Session } from './client';
import type { PostgresError } from './errors';
import { ident } from './sql';
import { stageColumns } from './stage-columns';

/**
 * Asks the warehouse whether it understands what a contract says in its words, before anything is read.
 *
 * @throws `InvalidCheck`
 */
export async function explainChecks(
  s: Session,
  target: Pick<OpenTarget, 'contract' | 'columns'>,
  checks: readonly Check[],
  relations: Relations,
): Promise<void> {
  const asked = checks.filter((c): c is RowCheck => explained.has(c.kind));
  if (!asked.length) return;
  for (const check of asked) if (check.kind === 'sql') await refuseVolatile(s, target.contract, check);
  // Typed as the stage will be; without a value, so that nothing is computed.
  const row = stageColumns(target).map((c) => `${ident(c.name)} ${c.type}`);
  for (const check of asked) {
    const broken = check.kind === 'references' ? hasNone(check, relations, 's') : brokenSql(check);
    const sql = `EXPLAIN SELECT count(*) FILTER (WHERE ${broken}) FROM jsonb_to_record('{}') AS s(${row.join(', ')})`;
    await s.rows('target:checks', sql).catch((error: unknown) => {
      throw ofTheCheck(error) ? invalidCheck(target.contract, check, (error as PostgresError).message) : error;
    });
  }
}

/** Kinds whose SQL may not fit the columns that there are. */
const explained: ReadonlySet<string> = new Set(['sql', 'references', 'accepted', 'range']);

/** A function that writes, or answers otherwise each time, has no place in a check that is made more than once. */
async function refuseVolatile(
  s: Session,
  contract: TableContract,
  check: Extract<RowCheck, { kind: 'sql' }>,
): Promise<void> {
  const names = calledNames(check.sql);
  if (!names.length) return;
  const [found] = await s.rows<{ name: string }>(
    'target:volatile',
    `SELECT proname AS name FROM pg_proc WHERE proname = ANY($1) AND provolatile = 'v' ORDER BY 1 LIMIT 1`,
    [names],
  );
  if (found)
    throw loadFailure('InvalidCheck', {
      object: `${contract.name} ${check.id}`,
      expected: 'functions that write nothing and answer the same each time',
      got: `${found.name}(), which is VOLATILE`,
      remedy: 'Leave the function out, or declare it IMMUTABLE or STABLE where it is.',
    });
}

/**
 * Does work that evaluates the checks of a stage, read-only where they hold SQL of the contract's own.
 *
 * @throws `InvalidCheck` where that SQL fails on a row
 */
export async function evaluated<T>(audit: Audit, work: () => Promise<T>): Promise<T> {
  const { tx, checks } = audit;
  if (!checks.some((c) => c.kind === 'sql')) return work();
  await tx.run('audit:read-only', readOnly);
  try {
    const result = await work();
    await tx.run('audit:read-only', 'RELEASE SAVEPOINT checks');
    return result;
  } catch (error) {
    if (ofTheCheck(error)) await blame(audit);
    throw error;
  }
}

const readOnly = 'SAVEPOINT checks; SET TRANSACTION READ ONLY';

/** Finds which check fails on a row, by making each alone. Values are in the server's message, and stay there. */
async function blame({ tx, target, stage, checks }: Audit): Promise<void> {
  for (const check of checks) {
    if (check.kind !== 'sql') continue;
    await tx.run('audit:read-only', `ROLLBACK TO SAVEPOINT checks; ${readOnly}`);
    const sql = `SELECT count(*) FILTER (WHERE ${brokenSql(check)}) FROM ${stage.stage} s`;
    await tx.rows('audit:blame', sql).catch((error: unknown) => {
      throw ofTheCheck(error) ? invalidCheck(target.contract, check, wordFor((error as PostgresError).code!)) : error;
    });
  }
}

/** Errors of an expression, and not of the session: of data, syntax, rights to write, functions and limits. */
const ofTheCheck = (error: unknown): boolean =>
  /^(22|42(?!501)|0A|2F|38|39|54|P0)...$|^25006$/.test((error as PostgresError).code ?? '');

const words: Readonly<Record<string, string>> = {
  '22012': 'a division by zero',
  '22003': 'a number out of range',
  '22P02': 'a text that cannot be converted',
  '22007': 'a text that is no date or time',
  '22008': 'a date or time out of range',
  '2201B': 'an invalid regular expression',
  '25006': 'a function that writes',
};

const wordFor = (state: string): string => `${words[state] ?? 'an error'} (SQLSTATE ${state})`;

function invalidCheck({ name }: TableContract, check: RowCheck, got: string): Error {
  return loadFailure('InvalidCheck', { object: `${name} ${check.id}`, expected: 'a condition on one row', got });
}
