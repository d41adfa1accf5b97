import type { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { effectsOf } from './kept';
import { ledgerNames } from './ledger-schema';
import { lockTargets } from './publish';
import { ledgerLoad } from './rollback';
import { builtOn } from './rollback-checks';

interface StageRow {
  readonly stage: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly over: boolean;
}

/**
 * Drops stages that no load can need: their key has a newer fence or a final state, or their workflow is closed.
 * Never one of a held load.
 */
export async function sweepStages(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  closed: (workflowId: string, runId: string) => Promise<boolean>,
): Promise<string[]> {
  const names = ledgerNames(config);
  const rows = await client.session((s) =>
    s.rows<StageRow & Record<string, unknown>>(
      'sweep:find',
      `SELECT s.stage, s.workflow_id, s.run_id, (c.load_key IS NULL OR c.fence > s.fence OR c.state NOT IN ('open', 'held')) AS over
       FROM ${names.stages} s LEFT JOIN ${names.claims} c USING (load_key)
       WHERE c.state IS DISTINCT FROM 'held' OR c.fence > s.fence`,
    ),
  );
  const dropped: string[] = [];
  for (const row of rows) {
    if (!row.over && !(await closed(row.workflow_id, row.run_id))) continue;
    await endCopy(client, row.stage);
    if (await dropStage(client, config, row.stage)) dropped.push(row.stage);
  }
  return dropped;
}

/**
 * Ends a session that still copies into a stage which no load can need. PostgreSQL looks at no time-out while COPY waits
 * for its client, so a client that froze there would keep its transaction for ever.
 */
async function endCopy(client: PostgresClient, stage: string): Promise<void> {
  const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND state = 'active' AND starts_with(query, '/* loadline:stage:copy */ COPY ' || $1 || ' ')`;
  // Without the right to end it, the stage is left to a later sweep.
  await client.session((s) => s.rows('sweep:end-copy', sql, [stage])).catch(() => []);
}

/** Drops the stages of one load key up to a fence; what a frozen attempt still holds is left to the sweeper. */
export async function dropStagesOf(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  loadKey: string,
  fence: number,
): Promise<void> {
  const rows = await client.session((s) =>
    s.rows<{ stage: string }>(
      'sweep:own',
      `SELECT stage FROM ${ledgerNames(config).stages} WHERE load_key = $1 AND fence <= $2`,
      [loadKey, fence],
    ),
  );
  for (const { stage } of rows) await dropStage(client, config, stage);
}

async function dropStage(client: PostgresClient, config: ResolvedPostgresConfig, stage: string): Promise<boolean> {
  const bounds = { timeoutMs: 60_000, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: 2_000 };
  return client
    .transaction(bounds, undefined, async (tx) => {
      // In this order: an attempt that is making the stage holds the registration, and then this one gives up.
      await tx.run('sweep:forget', `DELETE FROM ${ledgerNames(config).stages} WHERE stage = $1`, [stage]);
      await tx.run('sweep:drop', `DROP TABLE IF EXISTS ${stage}`);
      return { value: true, commit: true };
    })
    .catch(() => false);
}

/**
 * Forgets kept rows that no rollback can put back any more, because a later load has built on the one that took them away.
 * Each load under its table's lock: a rollback may be reading them.
 */
export async function forgetKept(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  targets: readonly string[] | null,
): Promise<number> {
  const names = ledgerNames(config);
  const kept = await client.session((s) =>
    s.rows<{ target: string; load_id: string }>(
      'sweep:kept',
      `SELECT DISTINCT target, load_id FROM ${names.kept} WHERE $1::text[] IS NULL OR target = ANY($1)`,
      [targets],
    ),
  );
  const bounds = { timeoutMs: config.publishTimeoutMs, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: 2_000 };
  let forgotten = 0;
  for (const { target, load_id: loadId } of kept) {
    forgotten += await client
      .transaction(bounds, undefined, async (tx) => {
        await lockTargets(tx, names, [target]);
        const load = await ledgerLoad(tx, names, loadId);
        const effect = load && (await effectsOf(tx, names, loadId)).find((e) => e.target === target);
        if (!effect || !(await builtOn(tx, names, load, effect))) return { value: 0, commit: false };
        const sql = `DELETE FROM ${names.kept} WHERE target = $1 AND load_id = $2`;
        return { value: await tx.run('sweep:forget-kept', sql, [target, loadId]), commit: true };
      })
      // A table that is being published to is left to a later sweep.
      .catch(() => 0);
  }
  return forgotten;
}
