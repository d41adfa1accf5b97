import type { AuditedStage, OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { TargetPlan } from '../warehouse';
import { typeOf } from './stage-columns';
import type { PostgresClient, Session } from './client';
import { dedupHints, knownSql, repeatsSql } from './dedup';
import { insertSql, unknownKey, updateSql } from './dml';
import { removeSql } from './kept';
import type { LedgerNames } from './ledger-schema';
import { ident, insideRanges } from './sql';
import { keyIndexes, mergeHints } from './upsert';

/** See `Warehouse.plan`: the DML of the publish transaction, as it would be sent. */
export async function planTarget(
  client: PostgresClient,
  names: Pick<LedgerNames, 'kept'>,
  target: OpenTarget,
): Promise<TargetPlan> {
  const stage = { stage: '"<stage>"', quarantined: 0 } as AuditedStage;
  const open = { loadId: '<load id>' } as OpenLoad;
  const input = { open, target, stage, names };
  const { partition } = target.contract;
  const unknown = unknownKey(target);
  const statements: Record<OpenTarget['mode'], () => (string | null)[]> = {
    append: () => [
      ...(target.dedup ? [knownSql(input, target.dedup), repeatsSql(input, target.dedup)] : []),
      insertSql(input),
    ],
    merge: () => [updateSql(input)?.sql ?? null, insertSql(input, unknown)],
    'insert-only': () => [insertSql(input, unknown)],
    replace: () => [removeSql(input), insertSql(input)],
    'replace-partition': () => {
      const inside = insideRanges(ident(partition!.column), typeOf(target, partition!.column), target.partitions ?? []);
      return [removeSql(input, inside), insertSql(input)];
    },
  };
  return {
    target: target.target,
    exists: target.columns !== null,
    mode: target.mode,
    sql: statements[target.mode]().filter((s) => s !== null),
    hints: target.columns ? await client.session((s) => hintsOf(s, target)) : [],
  };
}

async function hintsOf(s: Session, target: OpenTarget): Promise<string[]> {
  if (target.mode === 'merge') return mergeHints(target, await keyIndexes(s, target));
  return target.dedup ? dedupHints(s, target, target.dedup) : [];
}
