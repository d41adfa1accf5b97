import type { LoadReceipt, LoadWarning, OpenLoad, OpenTarget, TableReceipt } from '../../../workflows/contract';
import { inTargetOrder } from '../../../workflows/target-order';
import type { Manifest } from '../../sources/manifest';
import { combinedIdentity } from '../../sources/source-identity';
import { reasonsColumn } from '../own-columns';
import { receiptOf, targetsOf } from '../receipts';
import type { Session } from './client';
import type { LedgerNames } from './ledger-schema';
import type { Publish } from './publish-checks';
import { keptRow } from './kept-row';
import { recordOrigin } from './repairs';
import { ident } from './sql';

/** Quarantine rows belong to the publish: written earlier, a retry would double them. */
export async function setAside(publish: Publish): Promise<void> {
  const { tx, names, open, stages } = publish;
  const reasons = ident(reasonsColumn);
  for (const { audited } of stages) {
    if (audited.quarantined === 0) continue;
    const target = open.targets[audited.index]!;
    await tx.run(
      'publish:quarantine',
      `INSERT INTO ${names.quarantine} (load_id, load_key, target, reasons, row)
       SELECT $1, $2, $3, s.${reasons}, ${keptRow(target.contract, 's')} FROM ${audited.stage} s WHERE s.${reasons} IS NOT NULL`,
      [open.loadId, open.loadKey, target.target],
    );
    await recordOrigin(publish, target);
  }
}

/** Which files a load brings to which of its targets. */
export interface LoadedFiles {
  readonly tx: Session;
  readonly names: LedgerNames;
  readonly open: Pick<OpenLoad, 'identity' | 'loadId'> & { readonly targets: readonly Pick<OpenTarget, 'target'>[] };
  readonly stages: readonly { readonly audited: { readonly index: number }; readonly manifest: Manifest }[];
}

export async function writeFiles({ tx, names, open, stages }: LoadedFiles): Promise<void> {
  if (open.identity !== 'files') return;
  for (const { audited, manifest } of stages) {
    await tx.run(
      'publish:files',
      `INSERT INTO ${names.files} (target, load_id, file_id, sha256, path, bytes, identity)
       SELECT $1, $2, * FROM ${filesRelation(3)}`,
      [open.targets[audited.index]!.target, open.loadId, ...filesValues(manifest)],
    );
  }
}

/** The files of a manifest as rows (id, hash, path, bytes, identity), from so many a parameter on. */
export const filesRelation = (first: number): string =>
  `unnest($${first}::text[], $${first + 1}::text[], $${first + 2}::text[], $${first + 3}::bigint[], $${first + 4}::text[])`;

/** The parameters of {@link filesRelation}. */
export function filesValues({ files }: Manifest): unknown[] {
  const pick = <T>(field: (f: (typeof files)[number]) => T): T[] => files.map(field);
  return [
    pick((f) => f.fileId),
    pick((f) => f.sha256),
    pick((f) => f.path),
    pick((f) => f.bytes),
    pick((f) => f.identity),
  ];
}

/** Last of all, so that a ledger row proves everything before it. */
export async function writeLedger(
  publish: Publish,
  tables: readonly TableReceipt[],
  warnings: readonly LoadWarning[],
): Promise<LoadReceipt> {
  const { tx, names, open, stages, context } = publish;
  const receipt = receiptOf(publish, tables, await ledgerClock(tx), warnings);
  const sorted = inTargetOrder(open.targets, stages);
  await tx.run('publish:version', `UPDATE ${names.locks} SET version = version + 1 WHERE target = ANY($1)`, [
    targetsOf(open),
  ]);
  await tx.run(
    'publish:claim',
    `UPDATE ${names.claims} SET state = 'applied', applied_generation = $2, source_identity = $3 WHERE load_key = $1`,
    [open.loadKey, open.generation, combinedIdentity(sorted.map((s) => s.manifest.sourceIdentity))],
  );
  await insertLedger(tx, names, receipt, context.actor.attempt);
  return receipt;
}

/** The warehouse's clock, ISO 8601 in UTC. */
export async function ledgerClock(tx: Session): Promise<string> {
  const [clock] = await tx.rows<{ now: string }>(
    'publish:clock',
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`,
  );
  return clock!.now;
}

/** Writes a receipt into the ledger, which is never changed. */
export async function insertLedger(
  tx: Session,
  names: LedgerNames,
  receipt: LoadReceipt,
  attempt: number,
): Promise<void> {
  await tx.run(
    'publish:ledger',
    `INSERT INTO ${names.ledger} (load_id, load_key, generation, fence, pipeline, targets, modes, interval_start, interval_end,
       batch_sha256, protocol, workflow_id, run_id, attempt, build_id, published_at, receipt)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      receipt.loadId,
      receipt.loadKey,
      receipt.generation,
      receipt.fence,
      receipt.pipeline,
      receipt.tables.map((t) => t.table),
      receipt.tables.map((t) => t.mode),
      receipt.interval?.start ?? null,
      receipt.interval?.end ?? null,
      receipt.batch.sha256,
      receipt.protocol,
      receipt.workflowId,
      receipt.runId,
      attempt,
      receipt.buildId,
      receipt.publishedAt,
      JSON.stringify(receipt),
    ],
  );
}
