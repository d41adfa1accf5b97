import type { AuditedStage, OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { TargetPlan } from '../warehouse';
import { typeOf } from './audit';
import type { PostgresClient } from './client';
import { dedupHints, knownSql, repeatsSql } from './dedup';
import { insertSql, unknownKey, updateSql } from './dml';
import { ident, insideRanges, relation } from './sql';

/** See `Warehouse.plan`: the DML of the publish transaction, as it would be sent. */
export async function planTarget(client: PostgresClient, target: OpenTarget): Promise<TargetPlan> {
  const stage = { stage: '"<stage>"' } as AuditedStage;
  const open = { loadId: '<load id>' } as OpenLoad;
  const input = { open, target, stage };
  const table = relation(target.target);
  const { partition } = target.contract;
  const unknown = unknownKey(target);
  const statements: Record<OpenTarget['mode'], () => (string | null)[]> = {
    append: () => [
      ...(target.dedup ? [knownSql(input, target.dedup), repeatsSql(input, target.dedup)] : []),
      insertSql(input),
    ],
    merge: () => [updateSql(input), insertSql(input, unknown)],
    'insert-only': () => [insertSql(input, unknown)],
    replace: () => [`DELETE FROM ${table}`, insertSql(input)],
    'replace-partition': () => {
      const inside = insideRanges(ident(partition!.column), typeOf(target, partition!.column), target.partitions ?? []);
      return [`DELETE FROM ${table} WHERE ${inside}`, insertSql(input)];
    },
  };
  return {
    target: target.target,
    exists: target.columns !== null,
    mode: target.mode,
    sql: statements[target.mode]().filter((s) => s !== null),
    hints: target.dedup && target.columns ? await client.session((s) => dedupHints(s, target, target.dedup!)) : [],
  };
}
