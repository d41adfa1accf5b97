import type { AuditedStage, OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { TargetPlan } from '../warehouse';
import { typeOf } from './audit';
import { ident, insideRanges, relation, sameKey } from './sql';
import { insertSql, updateSql } from './write';

/** See `Warehouse.plan`: the DML of the publish transaction, as it would be sent. */
export function planTarget(target: OpenTarget): TargetPlan {
  const stage = { stage: '"<stage>"' } as AuditedStage;
  const open = { loadId: '<load id>' } as OpenLoad;
  const input = { open, target, stage };
  const table = relation(target.target);
  const { key = [], partition } = target.contract;
  const unknown = `NOT EXISTS (SELECT 1 FROM ${table} t WHERE ${sameKey(key, 't', 's')})`;
  const statements: Record<OpenTarget['mode'], () => (string | null)[]> = {
    append: () => [insertSql(input)],
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
  };
}
