import { loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt, OpenTarget } from '../../../workflows/contract';
import { adoptionReceipt, decideAdoption, retold } from '../adopt-policy';
import type { AdoptionRequest } from '../warehouse';
import { typeOf } from './stage-columns';
import { loadIdOf } from '../receipts';
import { ensureClaim, readClaim } from './claims';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { insertLedger, ledgerClock, writeFiles, type LoadedFiles } from './ledger-row';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { lockTargets } from './publish';
import { checkFiles } from './publish-checks';
import { ident, insideRanges, relation } from './sql';

/** See `Warehouse.adopt`. One transaction: lock, claim, files, claim, ledger row. No row of a table is touched. */
export function adoptLoad(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  request: AdoptionRequest,
): Promise<LoadReceipt> {
  const names = ledgerNames(config);
  const { loadKey } = request;
  const bounds = boundsOf(config, config.publishTimeoutMs);
  const targets = request.targets.map((t) => t.target).sort();
  return client
    .transaction(bounds, undefined, async (tx) => {
      await ensureClaim(tx, names, { ...request, targets });
      await lockTargets(tx, names, targets);
      const claim = await readClaim(tx, names, loadKey);
      if (!claim) throw loadFailure('Unexpected', { object: loadKey, got: 'a claim that vanished' });
      return { value: await record(tx, names, request, decideAdoption(claim, request)), commit: true };
    })
    .catch((error: unknown) => {
      throw retold(error, loadKey);
    });
}

interface Place {
  readonly generation: number;
  readonly fence: number;
}

async function record(tx: Session, names: LedgerNames, request: AdoptionRequest, place: Place): Promise<LoadReceipt> {
  const { loadKey, batches, actor } = request;
  const loadId = loadIdOf(loadKey, place.generation);
  const stages = batches.flatMap(({ manifest }, index) => (manifest ? [{ audited: { index }, manifest }] : []));
  const loaded: LoadedFiles = { tx, names, open: { ...request, loadId }, stages };
  await checkFiles(loaded);
  await writeFiles(loaded);
  const rows = await rowsOf(tx, request.targets);
  await tx.run(
    'adopt:claim',
    `UPDATE ${names.claims} SET state = 'applied', generation = $2, applied_generation = $2, fence = $3, source_identity = $4,
       workflow_id = NULL, run_id = NULL, activity_id = NULL, scheduled_at_ms = NULL, build_id = $5,
       claimed_at = clock_timestamp(), renewed_at = clock_timestamp(), lease_until = '-infinity' WHERE load_key = $1`,
    [loadKey, place.generation, place.fence, request.sourceIdentity, actor.buildId],
  );
  const receipt = { ...adoptionReceipt(request, rows), ...place, loadId, publishedAt: await ledgerClock(tx) };
  await insertLedger(tx, names, receipt, actor.attempt);
  return receipt;
}

/** The rows that the load key is about, where that is the whole table, or whole partitions of it. */
async function rowsOf(tx: Session, targets: readonly OpenTarget[]): Promise<number | null> {
  let rows = 0;
  for (const target of targets) {
    if (target.mode !== 'replace' && target.mode !== 'replace-partition') return null;
    const sql = `SELECT count(*)::float8 AS n FROM ${relation(target.target)}${insidePartitions(target)}`;
    rows += (await tx.rows<{ n: number }>('adopt:count', sql))[0]!.n;
  }
  return rows;
}

function insidePartitions(target: OpenTarget): string {
  const { partition } = target.contract;
  if (target.mode !== 'replace-partition' || !partition) return '';
  return ` WHERE ${insideRanges(ident(partition.column), typeOf(target, partition.column), target.partitions ?? [])}`;
}
