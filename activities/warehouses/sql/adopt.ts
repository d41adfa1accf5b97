import type { LoadReceipt, OpenLoad } from '../../../workflows/contract';
import { adoptionReceipt, decideAdoption, retold } from '../adopt-policy';
import { loadIdOf } from '../receipts';
import type { AdoptionRequest } from '../warehouse';
import { claimEvent, claimUnmoved, firstClaim, readClaim } from './claims';
import { insideRanges } from './columns';
import { deciding, type Engine } from './engine';
import { filesNoted, noteFiles, takeFiles } from './incoming-files';
import { ledgerClock } from './ledger';
import { ledgerRow } from './ledger-row';
import { keyLock } from './locks';
import { sql } from './port';
import { inserted } from './rows';
import { checkFiles, type Publish } from './publish-checks';
import { countOf, tableOf } from './write-checks';

/** See `Warehouse.adopt`. One unit: locks, claim, files, ledger row. No row of a table is touched. */
export function adoptLoad(engine: Engine, request: AdoptionRequest): Promise<LoadReceipt> {
  const { loadKey } = request;
  return deciding(loadKey, () => attempt(engine, request)).catch((error: unknown) => {
    throw retold(error, loadKey);
  });
}

async function attempt(engine: Engine, request: AdoptionRequest): Promise<LoadReceipt> {
  const { loadKey, batches, actor } = request;
  const names = [...new Set(request.targets.map((t) => t.target))].sort();
  const needed = [...names, keyLock(loadKey)];
  await engine.locks.make(needed);
  const locks = await engine.locks.find(needed);
  const targets = locks.slice(0, -1);
  const claim = (await readClaim(engine, loadKey)) ?? firstClaim({ ...request, targets: names });
  const place = decideAdoption(claim, request);
  const loadId = loadIdOf(loadKey, place.generation);
  const stages = batches.flatMap(({ manifest }, index) => (manifest ? [{ audited: { index }, manifest }] : []));
  const open = { ...request, loadId } as unknown as OpenLoad;
  const loaded = { engine, open, stages } as unknown as Publish;
  await checkFiles(loaded);
  const rows = await rowsOf(engine, request);
  const publishedAt = await ledgerClock(engine);
  const receipt: LoadReceipt = { ...adoptionReceipt(request, rows), ...place, loadId, publishedAt };
  const token = await noteFiles(loaded);
  await engine.backend.unit({
    name: 'adopt',
    id: `adopt-${loadId}-${place.fence}-${locks.at(-1)!.taken}`,
    ...engine.locks.take(locks),
    guards: [
      claimUnmoved(engine, claim),
      ...targets.map((t) => engine.locks.unmoved(t, 'TargetMoved')),
      ...filesNoted(loaded, token),
    ],
    statements: [
      ...takeFiles(loaded, token),
      ...claimEvent(engine, claim, {
        event: 'adopt',
        state: 'applied',
        ...place,
        appliedGeneration: place.generation,
        sourceIdentity: request.sourceIdentity,
        workflowId: null,
        runId: null,
        activityId: null,
        scheduledAtMs: null,
        buildId: actor.buildId,
        claimedAt: '',
        leaseMs: 0,
      }),
      // Of no rows, so that the order of intervals knows it and no rollback is kept from anything.
      ...targets.map(({ object, version }) =>
        inserted(engine, 'effects', {
          load_id: loadId,
          load_key: loadKey,
          target: object,
          version,
          mode: request.targets.find((t) => t.target === object)!.mode,
          read_rows: 0,
          known_rows: 0,
          inserted: 0,
          removed: 0,
          kept_in: null,
          ranges: null,
        }),
      ),
      ledgerRow(engine, receipt, actor.attempt),
    ],
  });
  return receipt;
}

/** The rows that the load key is about, where that is the whole table, or whole partitions of it. */
async function rowsOf(engine: Engine, { targets }: AdoptionRequest): Promise<number | null> {
  let rows = 0;
  for (const target of targets) {
    if (target.mode !== 'replace' && target.mode !== 'replace-partition') return null;
    const parts = target.mode === 'replace-partition' && target.contract.partition ? target.partitions : undefined;
    const where = parts ? sql` WHERE ${insideRanges(engine, target, 't', parts)}` : sql``;
    rows += await countOf(engine, sql`${tableOf(engine, target)}${where}`);
  }
  return rows;
}
