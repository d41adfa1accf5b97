import pLimit from 'p-limit';
import { planTarget } from './plan';
import type { LoadReceipt } from '../../../workflows/contract';
import { loadFailure } from '../../../workflows/load-error';
import type { LoadSummary, Warehouse } from '../warehouse';
import { adoptLoad } from './adopt';
import { archiveHistory, nothingArchived } from './archive';
import { auditStage } from './audit';
import { postgresCapabilities } from './capabilities';
import { resolveTarget } from './catalogue';
import { appliedReceipt, Claims, ownReceipt } from './claims';
import { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { postgresHealth } from './health';
import { listLoads, showLoad } from './inspect';
import { foundVersion, ledgerNames, ledgerVersion, prepareLedger } from './ledger-schema';
import { publishStages } from './publish';
import { rollBackLoad } from './rollback';
import { stageBatch } from './stage';
import { dropStagesOf, forgetKept, sweepStages } from './sweep';

/** Opens a PostgreSQL warehouse. No connection is made before the first operation. */
export function openPostgres(name: string, config: ResolvedPostgresConfig): Warehouse {
  const client = new PostgresClient(config);
  const claims = new Claims(client, config);
  const names = ledgerNames(config);
  const publishing = pLimit(config.maxPublishing);
  const staging = pLimit(config.maxStaging);

  let prepared = false;
  const prepare = async (): Promise<void> => {
    await prepareLedger(client, config);
    prepared = true;
  };
  /** For steps of a load that a worker of an older release has opened: its ledger may be older too. */
  const ready = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!prepared) await prepare();
    return work();
  };
  /** Answers about a ledger that is not there yet are empty, so that looking changes nothing. */
  const ifReady = async <T>(otherwise: T, work: () => Promise<T>): Promise<T> => {
    const version = await foundVersion(client, config);
    if (version > 0 && version < ledgerVersion) await prepare();
    return version > 0 ? work() : otherwise;
  };
  const known = async <T>(loadKeyOrId: string, work: () => Promise<T>): Promise<T> => {
    const found = await ifReady<{ value: T } | null>(null, async () => ({ value: await work() }));
    if (!found) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
    return found.value;
  };

  return {
    name,
    capabilities: postgresCapabilities,
    claimLeaseMs: config.claimLeaseMs,
    prepare,
    resolveTarget: (contract, mode) => resolveTarget(client, contract, mode),
    claim: (request) => ready(() => claims.claim(request)),
    renew: (open) => claims.renew(open),
    release: (open, sourceIdentity) => ready(() => claims.release(open, sourceIdentity)),
    filesLoaded: (target, fileIds) =>
      client.session(async (s) => {
        const rows = await s.rows<{ file_id: string; load_id: string; sha256: string }>(
          'files:loaded',
          `SELECT file_id, load_id, sha256 FROM ${names.files} WHERE target = $1 AND file_id = ANY($2)`,
          [target, fileIds],
        );
        return new Map(rows.map((r) => [r.file_id, { loadId: r.load_id, sha256: r.sha256 }]));
      }),
    identitiesLoaded: (target, identities) =>
      client.session(async (s) => {
        const rows = await s.rows<{ identity: string; load_id: string }>(
          'files:identities',
          `SELECT identity, load_id FROM ${names.files} WHERE target = $1 AND identity = ANY($2)`,
          [target, identities],
        );
        return new Map(rows.map((r) => [r.identity, r.load_id]));
      }),
    applied: (loadKey) =>
      ifReady(null, () => client.session(async (s) => (await appliedReceipt(s, names, loadKey)) ?? null)),
    appliedIdentity: (loadKey) =>
      ifReady(null, () =>
        client.session(async (s) => {
          const sql = `SELECT source_identity FROM ${names.claims} WHERE load_key = $1 AND state = 'applied'`;
          return (
            (await s.rows<{ source_identity: string | null }>('claim:identity', sql, [loadKey]))[0]?.source_identity ??
            null
          );
        }),
      ),
    receipt: (loadId) =>
      ifReady(null, () =>
        client.session(async (s) => {
          const rows = await s.rows<{ receipt: LoadReceipt }>(
            'ledger:by-id',
            `SELECT receipt FROM ${names.history} WHERE load_id = $1`,
            [loadId],
          );
          return rows[0]?.receipt ?? null;
        }),
      ),
    stage: (open, index, batch, context) => staging(() => stageBatch(client, config, open, index, batch, context)),
    audit: (open, stage, context) => staging(() => auditStage(client, config, open, stage, context)),
    async publish(open, stages, context) {
      const receipt = await ready(() => publishing(() => publishStages(client, config, open, stages, context)));
      // After the commit, and only to be tidy: what is left here the sweeper takes.
      await dropStagesOf(client, config, open.loadKey, open.fence).catch(() => undefined);
      const replaced = receipt.tables.filter((t) => t.removed > 0).map((t) => t.table);
      if (replaced.length) await forgetKept(client, config, replaced).catch(() => undefined);
      return receipt;
    },
    settle: (open, sha256, actor) => ready(() => client.session((s) => ownReceipt(s, names, open, sha256, actor))),
    async discard(open) {
      await ready(() => claims.discard(open));
      await dropStagesOf(client, config, open.loadKey, open.fence);
    },
    list: (filter) => ifReady<LoadSummary[]>([], () => client.session((s) => listLoads(s, names, filter))),
    show: (loadKeyOrId) => known(loadKeyOrId, () => client.session((s) => showLoad(s, names, loadKeyOrId))),
    summary: (loadKey) =>
      ifReady<LoadSummary | null>(null, () => client.session((s) => showLoad(s, names, loadKey)).catch(() => null)),
    abandon: (loadKey) => known(loadKey, () => claims.abandon(loadKey)),
    rollback: (loadKeyOrId, by) => known(loadKeyOrId, () => rollBackLoad(client, config, loadKeyOrId, by)),
    adopt: (request) => ready(() => adoptLoad(client, config, request)),
    sweep: (closed) =>
      ifReady<string[]>([], async () => {
        const dropped = await sweepStages(client, config, closed);
        await forgetKept(client, config, null);
        return dropped;
      }),
    archive: (limits, { dryRun = false, signal } = {}) =>
      ifReady(nothingArchived(limits, dryRun), () => archiveHistory(client, config, limits, dryRun, signal)),
    plan: (target) => planTarget(client, names, target),
    health: () => postgresHealth(client, config),
    close: () => client.close(),
  };
}
