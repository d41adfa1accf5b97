import pLimit from 'p-limit';
import { planTarget } from './plan';
import type { LoadMetrics } from '../../quality/load-metrics';
import { nothingArchived } from '../archive-policy';
import type { LoadSummary, ScratchWarehouse, Warehouse } from '../warehouse';
import { adoptLoad } from './adopt';
import { archiveHistory } from './archive';
import { auditStage } from './audit';
import { postgresCapabilities } from './capabilities';
import { resolveTarget } from './catalogue';
import { appliedReceipt, Claims, ownReceipt } from './claims';
import { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { postgresHealth } from './health';
import { holdLoad, rejectLoad } from './holds';
import { listLoads, showLoad } from './inspect';
import { LedgerAccess } from './ledger-access';
import { ledgerNames } from './ledger-schema';
import { appliedIdentity, filesLoaded, filesRejected, identitiesKnown, receiptById } from './loaded';
import { listMetrics } from './metrics-ledger';
import { publishStages } from './publish';
import { openDesk } from './quarantine-desk';
import { rollBackLoad } from './rollback';
import { openScratch } from './scratch';
import { stageBatch } from './stage';
import { dropStagesOf, forgetKept, sweepStages } from './sweep';

/** Opens a PostgreSQL warehouse. No connection is made before the first operation. */
export function openPostgres(name: string, config: ResolvedPostgresConfig): Warehouse {
  const client = new PostgresClient(config);
  const claims = new Claims(client, config);
  const names = ledgerNames(config);
  const publishing = pLimit(config.maxPublishing);
  const staging = pLimit(config.maxStaging);
  const ledger = new LedgerAccess(client, config);
  const scratches: ScratchWarehouse[] = [];

  return {
    name,
    capabilities: postgresCapabilities,
    claimLeaseMs: config.claimLeaseMs,
    prepare: () => ledger.prepare(),
    resolveTarget: (contract, mode) => resolveTarget(client, contract, mode),
    claim: (request) => ledger.ready(() => claims.claim(request)),
    renew: (open) => claims.renew(open),
    release: (open, sourceIdentity) => ledger.ready(() => claims.release(open, sourceIdentity)),
    filesLoaded: (target, fileIds) => client.session((s) => filesLoaded(s, names, target, fileIds)),
    filesRejected: (target, files) => client.session((s) => filesRejected(s, names, target, files)),
    identitiesKnown: (target, identities) => client.session((s) => identitiesKnown(s, names, target, identities)),
    applied: (loadKey) =>
      ledger.ifReady(null, () => client.session(async (s) => (await appliedReceipt(s, names, loadKey)) ?? null)),
    appliedIdentity: (loadKey) => ledger.ifReady(null, () => client.session((s) => appliedIdentity(s, names, loadKey))),
    receipt: (loadId) => ledger.ifReady(null, () => client.session((s) => receiptById(s, names, loadId))),
    stage: (open, index, batch, context) => staging(() => stageBatch(client, config, open, index, batch, context)),
    audit: (open, stage, context, asked) => staging(() => auditStage(client, config, open, stage, context, asked)),
    hold: (open, held) => ledger.ready(() => holdLoad(client, config, open, held)),
    reject: (open, batches, verdict, actor) =>
      ledger.ready(() => rejectLoad(client, config, open, batches, verdict, actor)),
    async publish(open, stages, context, verdict) {
      const receipt = await ledger.ready(() =>
        publishing(() => publishStages(client, config, open, stages, context, verdict)),
      );
      // After the commit, and only to be tidy: what is left here the sweeper takes.
      await dropStagesOf(client, config, open.loadKey, open.fence).catch(() => undefined);
      const replaced = receipt.tables.filter((t) => t.removed > 0).map((t) => t.table);
      if (replaced.length) await forgetKept(client, config, replaced).catch(() => undefined);
      return receipt;
    },
    settle: (open, sha256, actor) =>
      ledger.ready(() => client.session((s) => ownReceipt(s, names, open, sha256, actor))),
    async discard(open) {
      await ledger.ready(() => claims.discard(open));
      await dropStagesOf(client, config, open.loadKey, open.fence);
    },
    list: (filter) => ledger.ifReady<LoadSummary[]>([], () => client.session((s) => listLoads(s, names, filter))),
    show: (loadKeyOrId) => ledger.known(loadKeyOrId, () => client.session((s) => showLoad(s, names, loadKeyOrId))),
    summary: (loadKey) =>
      ledger.ifReady<LoadSummary | null>(null, () =>
        client.session((s) => showLoad(s, names, loadKey)).catch(() => null),
      ),
    metrics: (filter) => ledger.ifReady<LoadMetrics[]>([], () => client.session((s) => listMetrics(s, names, filter))),
    abandon: (loadKey) => ledger.known(loadKey, () => claims.abandon(loadKey)),
    rollback: (loadKeyOrId, by) => ledger.known(loadKeyOrId, () => rollBackLoad(client, config, loadKeyOrId, by)),
    adopt: (request) => ledger.ready(() => adoptLoad(client, config, request)),
    sweep: (closed) =>
      ledger.ifReady<string[]>([], async () => {
        const dropped = await sweepStages(client, config, closed);
        await forgetKept(client, config, null);
        return dropped;
      }),
    archive: (limits, { dryRun = false, signal } = {}) =>
      ledger.ifReady(nothingArchived(limits, dryRun), () => archiveHistory(client, config, limits, dryRun, signal)),
    quarantine: openDesk(client, config, ledger),
    plan: (target) => planTarget(client, names, target),
    health: () => postgresHealth(client, config),
    scratch(canary) {
      const scratch = openScratch(name, config, canary, openPostgres);
      scratches.push(scratch);
      return scratch;
    },
    async close() {
      await Promise.all([client.close(), ...scratches.map((scratch) => scratch.close())]);
    },
  };
}
