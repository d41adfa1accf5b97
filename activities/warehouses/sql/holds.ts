import { loadFailure } from '../../../workflows/load-error';
import type { GivenVerdict, HeldLoad, LoadReceipt, OpenLoad } from '../../../workflows/contract';
import { rejectionOf } from '../receipts';
import type { Actor, RejectedBatch } from '../warehouse';
import { claimEvent, keyUnit, readClaim, type Claim, type ClaimChange } from './claims';
import { deciding, own, type Engine } from './engine';
import { ledgerClock } from './ledger';
import { raw, sql, type UnitStatement } from './port';
import { inserted } from './rows';
import { dropStagesOf } from './sweep';

const fenced = (open: OpenLoad): Error =>
  loadFailure('Fenced', { object: open.loadKey, loadKey: open.loadKey, expected: `fence ${open.fence}` });

/** See `Warehouse.hold`. One short unit. @throws `Fenced` */
export function holdLoad(engine: Engine, open: OpenLoad, held: HeldLoad): Promise<void> {
  return deciding(open.loadKey, async () => {
    const row = await readClaim(engine, open.loadKey);
    if (row?.fence !== open.fence || (row.state !== 'open' && row.state !== 'held')) throw fenced(open);
    const { lock, guard } = keyUnit(engine, row);
    await engine.backend.unit({
      name: 'hold',
      id: `hold-${open.loadId}-${open.fence}-${row.seq}`,
      open,
      ...engine.locks.take([lock]),
      guards: [guard],
      statements: [
        ...claimEvent(engine, row, { event: 'hold', state: 'held', leaseMs: 0 }),
        inserted(engine, 'holds', {
          load_key: open.loadKey,
          fence: open.fence,
          held_at: raw(engine.dialect.now),
          facts: JSON.stringify(held),
        }),
      ],
    });
  });
}

/** See `Warehouse.reject`. Takes a fence, so that nothing of the load can publish any more. @throws `Fenced` */
export async function rejectLoad(
  engine: Engine,
  open: OpenLoad,
  batches: readonly RejectedBatch[],
  verdict: GivenVerdict,
  actor: Actor,
): Promise<LoadReceipt> {
  const receipt = await deciding(open.loadKey, async () => {
    // What an attempt has written whose answer was lost.
    const known = await knownRejection(engine, open);
    if (known) return known;
    const row = await readClaim(engine, open.loadKey);
    if (row?.fence !== open.fence || row.state !== 'held') throw fenced(open);
    const refs = batches.map(({ batch }) => batch);
    const made = rejectionOf(open, refs, verdict, actor, await ledgerClock(engine));
    const { lock, guard } = keyUnit(engine, row);
    await engine.backend.unit({
      name: 'reject',
      id: `reject-${open.loadId}-${open.fence}-${row.seq}`,
      open,
      ...engine.locks.take([lock]),
      guards: [guard],
      statements: [
        ...claimEvent(engine, row, closed(row)),
        ...leaveFilesOut(engine, open, batches),
        inserted(engine, 'rejections', {
          load_id: made.loadId,
          load_key: open.loadKey,
          fence: open.fence,
          rejected_at: made.publishedAt,
          receipt: JSON.stringify(made),
        }),
      ],
    });
    return made;
  });
  // After the commit, and only to be tidy: what is left here the sweeper takes.
  await dropStagesOf(engine, open.loadKey, open.fence).catch(() => undefined);
  return receipt;
}

/**
 * What an earlier generation has applied under the key stays applied; with files the key is that of all of the pipeline's, and
 * is free for others.
 */
function closed(row: Claim): ClaimChange {
  const ofFiles = row.identity === 'files';
  return {
    event: 'reject',
    state: row.appliedGeneration !== null ? 'applied' : ofFiles ? 'open' : 'rejected',
    generation: row.appliedGeneration ?? (ofFiles ? row.generation + 1 : row.generation),
    fence: row.fence + 1,
    workflowId: null,
    leaseMs: 0,
  };
}

/** What the pipeline brings next to the same key is loaded, and these files are not. Forgotten, they are held again. */
function leaveFilesOut(
  engine: Engine,
  { identity, targets, loadKey, fence }: OpenLoad,
  batches: readonly RejectedBatch[],
): UnitStatement[] {
  if (identity !== 'files') return [];
  return batches.flatMap(({ manifest }, index) =>
    (manifest?.files ?? []).map((f) =>
      inserted(engine, 'rejected_files', {
        target: targets[index]!.target,
        load_key: loadKey,
        fence,
        file_id: f.fileId,
        sha256: f.sha256,
        path: f.path,
        bytes: f.bytes,
        identity: f.identity,
      }),
    ),
  );
}

async function knownRejection(engine: Engine, open: OpenLoad): Promise<LoadReceipt | null> {
  const [row] = await engine.backend.rows<{ receipt: string }>(
    'reject',
    sql`SELECT ${own(engine, 'receipt')} FROM ${raw(engine.names.rejections)}
        WHERE ${own(engine, 'load_key')} = ${open.loadKey} AND ${own(engine, 'fence')} = ${raw(String(open.fence))} LIMIT 1`,
  );
  return row ? (JSON.parse(row.receipt) as LoadReceipt) : null;
}
