import type { OpenTarget, PartitionRange, TableReceipt } from '../../../workflows/contract';
import { keepsReplaced } from '../receipts';
import { typeOf } from './stage-columns';
import type { Session } from './client';
import type { WriteInput } from './dml';
import type { LedgerNames } from './ledger-schema';
import type { Publish } from './publish-checks';
import { literal, relation } from './sql';

/** The statement that takes rows of the target away, and keeps them unless the contract says not to. */
export function removeSql({ open, target, names }: Pick<WriteInput, 'open' | 'target' | 'names'>, where = ''): string {
  const remove = `DELETE FROM ${relation(target.target)}${where && ` WHERE ${where}`}`;
  if (!keepsReplaced(target)) return remove;
  // As the row type writes them, which any type reads back exactly: no table per load, and no DDL in the transaction.
  return `WITH gone AS (${remove} RETURNING *)
          INSERT INTO ${names.kept} (target, load_id, row) SELECT ${literal(target.target)}, ${literal(open.loadId)}, (gone.*)::text FROM gone`;
}

/** What a load did to one table, as far as a rollback must know it. */
export interface Effect {
  readonly target: string;
  /** How often the target had been published to, this load included; `null` where nobody knows. */
  readonly version: number | null;
  readonly mode: OpenTarget['mode'];
  readonly inserted: number;
  readonly removed: number;
  /** Whether the removed rows were kept. */
  readonly kept: boolean;
  readonly partition: EffectPartition | null;
  /** Every column of the table, where rows were kept. */
  readonly columns: readonly TableColumn[] | null;
}

/** The partitions that a load replaced. */
export interface EffectPartition {
  readonly column: string;
  readonly type: string;
  readonly ranges: readonly PartitionRange[];
}

/** A column as the row type has it, generated ones included. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly generated: boolean;
}

/** Writes down what a load did, in its publish transaction. */
export async function recordEffect(
  { tx, names, open }: Publish,
  target: OpenTarget,
  { inserted, removed }: TableReceipt,
  version: number,
): Promise<void> {
  const kept = keepsReplaced(target);
  const { partition } = target.contract;
  const ranges: EffectPartition | null =
    target.mode === 'replace-partition' && partition
      ? { column: partition.column, type: typeOf(target, partition.column), ranges: target.partitions ?? [] }
      : null;
  const columns = kept && removed > 0 ? await tableColumns(tx, target.target) : null;
  await tx.run(
    'publish:effect',
    `INSERT INTO ${names.effects} (load_id, target, version, mode, inserted, removed, kept, partition, columns)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      open.loadId,
      target.target,
      version,
      target.mode,
      inserted,
      removed,
      kept,
      ranges && JSON.stringify(ranges),
      columns && JSON.stringify(columns),
    ],
  );
}

/** The columns of a table's row type, in its order. */
export async function tableColumns(s: Session, target: string): Promise<TableColumn[]> {
  const [, schema = '', name = ''] = target.split('.').map(decodeURIComponent);
  return s.rows<{ name: string; type: string; generated: boolean }>(
    'target:row-type',
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [schema, name],
  );
}

/** What a load did to each of its tables; empty where a release before version 2 of the ledger loaded it. */
export function effectsOf(s: Session, names: LedgerNames, loadId: string): Promise<Effect[]> {
  return s.rows<Effect & Record<string, unknown>>(
    'rollback:effects',
    `SELECT target, version::float8 AS version, mode, inserted::float8 AS inserted, removed::float8 AS removed, kept, partition, columns
     FROM ${names.effects} WHERE load_id = $1 ORDER BY target`,
    [loadId],
  );
}
