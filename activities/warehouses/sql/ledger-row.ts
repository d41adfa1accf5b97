import type { LoadReceipt, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { inTargetOrder } from '../../../workflows/target-order';
import { combinedIdentity } from '../../sources/source-identity';
import { claimEvent, type Claim } from './claims';
import { typeOf } from './columns';
import type { Engine } from './engine';
import type { EffectPartition } from './rollback-checks';
import type { UnitStatement } from './port';
import type { Publish } from './publish-checks';
import { inserted } from './rows';

/** What is written down of a publish. */
export interface Recorded {
  readonly claim: Claim;
  readonly receipt: LoadReceipt;
  readonly versions: ReadonlyMap<string, number>;
  /** Per stage, the table of the rows that went. */
  readonly kept: readonly (string | null)[];
}

/** The statements that end a publish: what it did to each table, the key's state, and the ledger row. */
export function writeLedger(publish: Publish, { claim, receipt, versions, kept }: Recorded): UnitStatement[] {
  const { engine, open, stages, context } = publish;
  const sources = inTargetOrder(open.targets, stages).map((s) => s.manifest.sourceIdentity);
  return [
    ...receipt.tables.map((table, i) =>
      effectRow(publish, receipt, table, versions.get(table.table)! + 1, kept[i] ?? null),
    ),
    ...claimEvent(engine, claim, {
      event: 'publish',
      state: 'applied',
      appliedGeneration: open.generation,
      sourceIdentity: combinedIdentity(sources),
      leaseMs: 0,
    }),
    ledgerRow(engine, receipt, context.actor.attempt),
  ];
}

function effectRow(
  { engine, open }: Publish,
  { loadId, loadKey }: LoadReceipt,
  table: TableReceipt,
  version: number,
  keptIn: string | null,
): UnitStatement {
  const target = open.targets.find((t) => t.target === table.table)!;
  return inserted(engine, 'effects', {
    load_id: loadId,
    load_key: loadKey,
    target: table.table,
    version,
    mode: table.mode,
    read_rows: table.read,
    known_rows: table.unchanged + table.stale + table.updated,
    inserted: table.inserted,
    removed: table.removed,
    kept_in: keptIn,
    ranges: target.mode === 'replace-partition' ? JSON.stringify(partitionOf(engine, target)) : null,
  });
}

function partitionOf(engine: Engine, target: OpenTarget): EffectPartition {
  const { column } = target.contract.partition!;
  const contractType = target.contract.columns[column]!.type;
  return { column, contractType, type: typeOf(engine, target, column), ranges: target.partitions ?? [] };
}

/** A receipt as a row of the ledger, which is never changed. */
export function ledgerRow(engine: Engine, receipt: LoadReceipt, attempt: number): UnitStatement {
  return inserted(engine, 'ledger', {
    load_id: receipt.loadId,
    load_key: receipt.loadKey,
    generation: receipt.generation,
    fence: receipt.fence,
    pipeline: receipt.pipeline,
    targets: JSON.stringify(receipt.tables.map((t) => t.table)),
    interval_start: receipt.interval?.start ?? null,
    interval_end: receipt.interval?.end ?? null,
    batch_sha256: receipt.batch.sha256,
    protocol: receipt.protocol,
    workflow_id: receipt.workflowId,
    run_id: receipt.runId,
    attempt,
    build_id: receipt.buildId,
    adopted: receipt.adopted !== undefined,
    published_at: receipt.publishedAt,
    receipt: JSON.stringify(receipt),
  });
}
