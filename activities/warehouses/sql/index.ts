import pLimit from 'p-limit';
import { loadFailure } from '../../../workflows/load-error';
import type { LoadMetrics } from '../../quality/load-metrics';
import { nothingArchived } from '../archive-policy';
import type { LoadSummary, Warehouse } from '../warehouse';
import { adoptLoad } from './adopt';
import { archiveHistory } from './archive';
import { auditStage } from './audit';
import { resolveTarget } from './catalogue';
import { abandon, claim, discard, release, renew } from './claims';
import type { Engine, SqlWarehouseOptions } from './engine';
import { holdLoad, rejectLoad } from './holds';
import { listLoads, showLoad, summaryOf } from './inspect';
import {
  appliedIdentity,
  appliedReceipt,
  filesLoaded,
  filesRejected,
  identitiesKnown,
  ownReceipt,
  receiptById,
} from './ledger';
import { foundVersion, ledgerNames, ledgerVersion, prepareLedger } from './ledger-schema';
import { Locks } from './locks';
import { listMetrics } from './metrics-ledger';
import { planTarget } from './plan';
import type { SqlBackend } from './port';
import { publishStages } from './publish';
import { openDesk } from './quarantine-desk';
import { rollBackLoad } from './rollback';
import { stageBatch } from './stage';
import { dropStagesOf, sweepStages } from './sweep';

export type { SqlWarehouseOptions } from './engine';
export { openScratch } from './scratch';

/** Opens a warehouse that brings what the port asks for. No connection is made before the first operation. */
export function openSqlWarehouse(name: string, backend: SqlBackend, options: SqlWarehouseOptions): Warehouse {
  const engine: Engine = {
    name,
    backend,
    dialect: backend.dialect,
    names: ledgerNames(backend),
    locks: new Locks(backend),
    options,
  };
  const publishing = pLimit(options.maxPublishing);
  const staging = pLimit(options.maxStaging);
  const ledger = new LedgerAccess(backend);

  return {
    name,
    capabilities: options.capabilities,
    claimLeaseMs: options.claimLeaseMs,
    prepare: () => ledger.prepare(),
    resolveTarget: (contract, mode) => resolveTarget(engine, contract, mode),
    claim: (request) => ledger.ready(() => claim(engine, request)),
    renew: (open) => renew(engine, open),
    release: (open, sourceIdentity) => ledger.ready(() => release(engine, open, sourceIdentity)),
    filesLoaded: (target, fileIds) => filesLoaded(engine, target, fileIds),
    filesRejected: (target, files) => filesRejected(engine, target, files),
    identitiesKnown: (target, identities) => identitiesKnown(engine, target, identities),
    applied: (loadKey) => ledger.ifReady(null, () => appliedReceipt(engine, loadKey)),
    appliedIdentity: (loadKey) => ledger.ifReady(null, () => appliedIdentity(engine, loadKey)),
    receipt: (loadId) => ledger.ifReady(null, () => receiptById(engine, loadId)),
    stage: (open, index, batch, context) => staging(() => stageBatch(engine, open, index, batch, context)),
    audit: (open, stage, context, asked) => staging(() => auditStage(engine, open, stage, context, asked)),
    hold: (open, held) => ledger.ready(() => holdLoad(engine, open, held)),
    reject: (open, batches, verdict, actor) => ledger.ready(() => rejectLoad(engine, open, batches, verdict, actor)),
    async publish(open, stages, context, verdict) {
      const receipt = await ledger.ready(() => publishing(() => publishStages(engine, open, stages, context, verdict)));
      // After the commit, and only to be tidy: what is left here the sweeper takes.
      await dropStagesOf(engine, open.loadKey, open.fence).catch(() => undefined);
      return receipt;
    },
    settle: (open, sha256, actor) => ledger.ready(() => ownReceipt(engine, open, sha256, actor)),
    async discard(open) {
      await ledger.ready(() => discard(engine, open));
      await dropStagesOf(engine, open.loadKey, open.fence);
    },
    list: (filter) => ledger.ifReady<LoadSummary[]>([], () => listLoads(engine, filter)),
    show: (loadKeyOrId) => ledger.known(loadKeyOrId, () => showLoad(engine, loadKeyOrId)),
    summary: (loadKey) => ledger.ifReady<LoadSummary | null>(null, () => summaryOf(engine, loadKey)),
    metrics: (filter) => ledger.ifReady<LoadMetrics[]>([], () => listMetrics(engine, filter)),
    abandon: (loadKey) => ledger.known(loadKey, () => abandon(engine, loadKey)),
    rollback: (loadKeyOrId, by) => ledger.known(loadKeyOrId, () => rollBackLoad(engine, loadKeyOrId, by)),
    adopt: (request) => ledger.ready(() => adoptLoad(engine, request)),
    archive: (limits, { dryRun = false, signal } = {}) =>
      ledger.ifReady(nothingArchived(limits, dryRun), () => archiveHistory(engine, limits, { dryRun, signal })),
    sweep: (closed) => ledger.ifReady<string[]>([], () => sweepStages(engine, closed)),
    quarantine: openDesk(engine, ledger),
    plan: async (target) => planTarget(engine, target),
    health: () => backend.health(),
    scratch: options.scratch,
    close: () => backend.close(),
  };
}

/** Access to a ledger that may not be there yet, and is looked for once. */
class LedgerAccess {
  #prepared: Promise<void> | undefined;

  constructor(private readonly backend: SqlBackend) {}

  prepare(): Promise<void> {
    this.#prepared ??= prepareLedger(this.backend);
    this.#prepared.catch(() => (this.#prepared = undefined));
    return this.#prepared;
  }

  async ready<T>(work: () => Promise<T>): Promise<T> {
    await this.prepare();
    return work();
  }

  /** Answers of a ledger that is not there yet are empty, so that looking changes nothing. */
  async ifReady<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    if (this.#prepared) return this.ready(work);
    const version = await foundVersion(this.backend);
    if (version > 0 && version < ledgerVersion) await this.prepare();
    return version > 0 ? work() : otherwise;
  }

  /** @throws `LoadNotFound` where there is no ledger yet */
  async known<T>(loadKeyOrId: string, work: () => Promise<T>): Promise<T> {
    const found = await this.ifReady<{ value: T } | null>(null, async () => ({ value: await work() }));
    if (!found) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
    return found.value;
  }
}
