import { loadFailure } from '../../../workflows/load-error';
import type { LoadReceipt, OpenLoad } from '../../../workflows/contract';
import { decideClaim, type ClaimRow } from '../claim-policy';
import { loadIdOf } from '../receipts';
import type { Actor, ClaimRequest, ClaimResult } from '../warehouse';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { ledgerNames, notUndone, type LedgerNames } from './ledger-schema';

/** Claims of load keys: who may publish, by fence. */
export class Claims {
  readonly #names: LedgerNames;

  constructor(
    private readonly client: PostgresClient,
    private readonly config: ResolvedPostgresConfig,
  ) {
    this.#names = ledgerNames(config);
  }

  /** See `Warehouse.claim`. One short transaction. */
  claim(request: ClaimRequest): Promise<ClaimResult> {
    return this.#short<ClaimResult>(async (tx) => {
      await ensureClaim(tx, this.#names, request);
      const row = await readClaim(tx, this.#names, request.loadKey);
      if (!row) throw loadFailure('Unexpected', { object: request.loadKey, got: 'a claim that vanished' });
      const decision = decideClaim(row, request);
      if (decision.do === 'answer-applied') {
        const receipt = await appliedReceipt(tx, this.#names, request.loadKey);
        if (!receipt)
          throw loadFailure('Unexpected', { object: request.loadKey, got: 'an applied claim without a ledger row' });
        return { value: { receipt: { ...receipt, outcome: 'already-loaded' } }, commit: false };
      }
      if (decision.do === 'keep') await this.#keep(tx, request.loadKey);
      else await this.#take(tx, request, decision.generation, decision.fence);
      const { generation, fence } = decision.do === 'keep' ? row : decision;
      return { value: { generation, fence, loadId: loadIdOf(request.loadKey, generation) }, commit: true };
    });
  }

  /** See `Warehouse.renew`. Never waits: the load's own publish locks the claim, and needs no lease while it does. */
  renew(open: OpenLoad): Promise<boolean> {
    // One that comes after the lease has ended is none.
    const timeoutMs = Math.max(this.config.claimLeaseMs, 1_000);
    return this.client.session((s) => this.#renewOn(s, open), { timeoutMs });
  }

  async #renewOn(s: Session, open: OpenLoad): Promise<boolean> {
    const renewed = await s.run(
      'claim:renew',
      `UPDATE ${this.#names.claims} SET renewed_at = clock_timestamp(), lease_until = clock_timestamp() + $3::interval
       WHERE load_key = (SELECT load_key FROM ${this.#names.claims} WHERE load_key = $1 AND fence = $2 FOR UPDATE SKIP LOCKED)`,
      [open.loadKey, open.fence, `${this.config.claimLeaseMs} milliseconds`],
    );
    if (renewed > 0) return true;
    const mine = await s.rows('claim:mine', `SELECT 1 FROM ${this.#names.claims} WHERE load_key = $1 AND fence = $2`, [
      open.loadKey,
      open.fence,
    ]);
    return mine.length > 0;
  }

  /** Gives a claim back: to the applied generation where there is one, else to whoever asks next. */
  release(open: OpenLoad, sourceIdentity?: string | null): Promise<void> {
    return this.#short(async (tx) => {
      await this.#letGo(tx, open.loadKey, open.fence, sourceIdentity);
      return { value: undefined, commit: true };
    });
  }

  /** See `Warehouse.discard`: takes a fence, so that an attempt that froze cannot publish a load that has failed. */
  discard(open: OpenLoad): Promise<void> {
    return this.#short(async (tx) => {
      const taken = await tx.run(
        'claim:fence',
        `UPDATE ${this.#names.claims} SET fence = fence + 1 WHERE load_key = $1 AND fence = $2 AND state IN ('open', 'held')`,
        [open.loadKey, open.fence],
      );
      if (taken > 0) await this.#letGo(tx, open.loadKey, open.fence + 1);
      return { value: undefined, commit: true };
    });
  }

  /** See `Warehouse.abandon`: takes a fence, so that no attempt can publish any more. */
  abandon(loadKey: string): Promise<void> {
    return this.#short(async (tx) => {
      const row = await readClaim(tx, this.#names, loadKey);
      if (!row) throw loadFailure('LoadNotFound', { object: loadKey });
      if (row.state === 'applied') throw loadFailure('LoadStillApplied', { object: loadKey, loadKey });
      await tx.run('claim:fence', `UPDATE ${this.#names.claims} SET fence = fence + 1 WHERE load_key = $1`, [loadKey]);
      await this.#letGo(tx, loadKey, row.fence + 1);
      return { value: undefined, commit: true };
    });
  }

  /** Its state stays: a load that waits for a verdict goes on waiting. */
  async #keep(tx: Session, loadKey: string): Promise<void> {
    await tx.run(
      'claim:keep',
      `UPDATE ${this.#names.claims} SET renewed_at = clock_timestamp(), lease_until = clock_timestamp() + $2::interval
       WHERE load_key = $1`,
      [loadKey, `${this.config.claimLeaseMs} milliseconds`],
    );
  }

  async #take(tx: Session, request: ClaimRequest, generation: number, fence: number): Promise<void> {
    const { actor } = request;
    await tx.run(
      'claim:take',
      `UPDATE ${this.#names.claims}
       SET state = 'open', generation = $2, fence = $3, workflow_id = $4, run_id = $5, activity_id = $6, scheduled_at_ms = $7,
           build_id = $8, claimed_at = clock_timestamp(), renewed_at = clock_timestamp(),
           lease_until = clock_timestamp() + $9::interval
       WHERE load_key = $1`,
      [
        request.loadKey,
        generation,
        fence,
        actor.workflowId,
        actor.runId,
        actor.activityId,
        actor.scheduledAtMs,
        actor.buildId,
        `${this.config.claimLeaseMs} milliseconds`,
      ],
    );
  }

  async #letGo(tx: Session, loadKey: string, fence: number, sourceIdentity?: string | null): Promise<void> {
    await tx.run(
      'claim:release',
      `UPDATE ${this.#names.claims}
       SET state = CASE WHEN applied_generation IS NOT NULL THEN 'applied'
                        WHEN EXISTS (SELECT 1 FROM ${this.#names.rollbacks} r WHERE r.load_key = $1) THEN 'rolled-back'
                        WHEN EXISTS (SELECT 1 FROM ${this.#names.rejections} r WHERE r.load_key = $1) AND identity <> 'files' THEN 'rejected'
                        ELSE 'open' END,
           generation = coalesce(applied_generation, generation), workflow_id = NULL, lease_until = '-infinity',
           source_identity = coalesce($3, source_identity)
       WHERE load_key = $1 AND fence = $2 AND state IN ('open', 'held')`,
      [loadKey, fence, sourceIdentity ?? null],
    );
  }

  #short<T>(work: (tx: Session) => Promise<{ value: T; commit: boolean }>): Promise<T> {
    return this.client.transaction(boundsOf(this.config, 60_000), undefined, work);
  }
}

/** Makes the rows that are locked and claimed, where they are missing. */
export async function ensureClaim(
  tx: Session,
  names: LedgerNames,
  { loadKey, pipeline, targets, identity }: Pick<ClaimRequest, 'loadKey' | 'pipeline' | 'targets' | 'identity'>,
): Promise<void> {
  await tx.run('claim:locks', `INSERT INTO ${names.locks} (target) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [
    [...targets].sort(),
  ]);
  await tx.run(
    'claim:key',
    `INSERT INTO ${names.claims} (load_key, pipeline, targets, identity, state, generation, fence)
     VALUES ($1, $2, $3, $4, 'open', 0, 0) ON CONFLICT DO NOTHING`,
    [loadKey, pipeline, targets, identity],
  );
}

/** Reads a claim and locks its row until the transaction ends. */
export async function readClaim(tx: Session, names: LedgerNames, loadKey: string): Promise<ClaimRow | undefined> {
  const rows = await tx.rows<Record<string, never>>(
    'claim:read',
    `SELECT state, generation, applied_generation AS "appliedGeneration", fence::float8 AS fence,
            source_identity AS "sourceIdentity", workflow_id AS "workflowId", run_id AS "runId", activity_id AS "activityId",
            scheduled_at_ms::float8 AS "scheduledAtMs",
            applied_generation IS NULL AND EXISTS (SELECT 1 FROM ${names.rollbacks} r WHERE r.load_key = $1) AS "rolledBack",
            CASE WHEN lease_until > clock_timestamp() THEN extract(epoch FROM lease_until - clock_timestamp())::float8 * 1000
                 ELSE 0 END AS "leaseLeftMs"
     FROM ${names.claims} WHERE load_key = $1 FOR UPDATE`,
    [loadKey],
  );
  return rows[0] as ClaimRow | undefined;
}

/** The receipt of what is applied under a load key, as it was written. */
export async function appliedReceipt(
  s: Session,
  names: LedgerNames,
  loadKey: string,
): Promise<LoadReceipt | undefined> {
  const rows = await s.rows<{ receipt: LoadReceipt }>(
    'ledger:read',
    `SELECT l.receipt FROM ${names.claims} c JOIN ${names.history} l ON l.load_key = c.load_key AND l.generation = c.applied_generation
     WHERE c.load_key = $1`,
    [loadKey],
  );
  return rows[0]?.receipt;
}

/**
 * The receipt of this very load, or of another that loaded the same content under its key, unless it was rolled back.
 * Says `already-loaded` unless it was this run that loaded it, in an attempt whose answer was lost.
 */
export async function ownReceipt(
  s: Session,
  names: LedgerNames,
  open: OpenLoad,
  sha256: string | null,
  actor: Pick<Actor, 'runId'>,
): Promise<LoadReceipt | null> {
  const rows = await s.rows<{ receipt: LoadReceipt }>(
    'ledger:own',
    `SELECT receipt FROM ${names.history} l WHERE load_key = $1 AND generation >= $2 AND (fence = $3 OR batch_sha256 = $4)
       AND ${notUndone(names, 'l')}
     ORDER BY generation DESC LIMIT 1`,
    [open.loadKey, open.generation, open.fence, sha256],
  );
  const receipt = rows[0]?.receipt;
  if (!receipt) return null;
  return receipt.runId === actor.runId ? receipt : { ...receipt, outcome: 'already-loaded' };
}
