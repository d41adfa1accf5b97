import type { OpenTarget } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { needsValue } from '../stage-policy';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { dedupIndexSql } from './dedup';
import { columnList, ident, relation } from './sql';
import { postgresType } from './types';

/** A target that is to be made. */
export type NewTarget = Pick<OpenTarget, 'target' | 'contract' | 'mode' | 'dedup'>;

/** The statements that make a table as its contract describes it. */
export function createTargetSql({ target, contract, mode, dedup }: NewTarget): string[] {
  const columns = Object.entries(contract.columns).map(
    ([name, c]) => `${ident(name)} ${postgresType(c.type)}${needsValue(name, contract) ? ' NOT NULL' : ''}`,
  );
  if (mode === 'append') columns.push(`${ident(loadIdColumn)} text`);
  if (contract.key?.length) columns.push(`PRIMARY KEY (${columnList(contract.key)})`);
  const table = `CREATE TABLE ${relation(target)} (${columns.join(', ')})`;
  return dedup ? [table, dedupIndexSql(target, dedup)] : [table];
}

/** Nobody else makes the table until the transaction ends. */
export async function lockNewTarget(tx: Session, target: string): Promise<void> {
  await tx.rows('stage:target-lock', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`loadline:${target}`]);
}

/** Makes the target as the contract describes it. Two first loads may do so at once. */
export async function createTarget(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  target: NewTarget,
): Promise<void> {
  await client.transaction(boundsOf(config, 60_000), undefined, async (tx) => {
    await lockNewTarget(tx, target.target);
    const there = await tx.rows('stage:target', 'SELECT 1 WHERE to_regclass($1) IS NOT NULL', [
      relation(target.target),
    ]);
    if (there.length) return { value: undefined, commit: false };
    for (const statement of createTargetSql(target)) await tx.run('stage:target', statement);
    return { value: undefined, commit: true };
  });
}
