import type { ArchiveLimits, ArchiveResult } from '../../../workflows/contract';
import { archiveFailure, type ArchiveCutoffs } from '../archive-policy';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { ledgerColumns, ledgerNames, type LedgerNames } from './ledger-schema';
import { lockTargets } from './publish';

/** Few enough that a publish which waits for nothing else does not wait for this. */
const batchRows = 1_000;

interface Archiving {
  readonly client: PostgresClient;
  readonly config: ResolvedPostgresConfig;
  readonly names: LedgerNames;
  readonly signal: AbortSignal | undefined;
}

/**
 * See `Warehouse.archive`. In batches, each a transaction of its own: whoever reads the history finds every row in the
 * ledger or in the archive, never in both, never in neither.
 */
export async function archiveHistory(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  limits: ArchiveLimits,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<ArchiveResult> {
  const work: Archiving = { client, config, names: ledgerNames(config), signal };
  const cutoffs = await client.session((s) => cutoffsOf(s, limits));
  const { names } = work;
  if (dryRun) {
    const count = (cutoff: string | null, sql: string): Promise<number> => countRows(client, cutoff, sql);
    return {
      before: cutoffs.ledger,
      archived: await count(cutoffs.ledger, `${names.ledger} l WHERE ${old(names)}`),
      quarantineDeleted: await count(cutoffs.quarantine, `${names.quarantine} WHERE quarantined_at < $1`),
      keptDeleted: await count(cutoffs.kept, keptOf(names)),
      metricsDeleted: await count(cutoffs.metrics, `${names.metrics} WHERE published_at < $1`),
      dryRun,
    };
  }
  try {
    return {
      before: cutoffs.ledger,
      archived: await inBatches(work, cutoffs.ledger, moveSql(names)),
      quarantineDeleted: await deleteQuarantined(work, cutoffs.quarantine),
      keptDeleted: await deleteKept(work, cutoffs.kept),
      metricsDeleted: await inBatches(work, cutoffs.metrics, deleteSql(names.metrics, 'published_at')),
      dryRun,
    };
  } catch (error) {
    throw archiveFailure(error, names.archive);
  }
}

type Cutoffs = ArchiveCutoffs & Record<string, unknown>;

/** By the warehouse's clock, once for all batches. */
async function cutoffsOf(s: Session, limits: ArchiveLimits): Promise<Cutoffs> {
  const ago = (n: number): string =>
    `to_char((clock_timestamp() - $${n}::float8 * interval '1 millisecond') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const [found] = await s.rows<Cutoffs>(
    'archive:clock',
    `SELECT ${ago(1)} AS ledger, ${ago(2)} AS quarantine, ${ago(3)} AS kept, ${ago(4)} AS metrics`,
    [
      limits.olderThanMs,
      limits.quarantineOlderThanMs ?? null,
      limits.keptOlderThanMs ?? null,
      limits.metricsOlderThanMs ?? null,
    ],
  );
  return found!;
}

/** Of keys that nobody is loading: what is under way stays where it is looked for first. */
const old = (names: LedgerNames): string =>
  `l.published_at < $1 AND NOT EXISTS (SELECT 1 FROM ${names.claims} c WHERE c.load_key = l.load_key
     AND (c.state = 'held' OR (c.state = 'open' AND c.lease_until > clock_timestamp())))`;

const keptOf = (names: LedgerNames): string =>
  `${names.kept} k WHERE EXISTS (SELECT 1 FROM ${names.history} l WHERE l.load_id = k.load_id AND l.published_at < $1)`;

/** One statement: what it takes away it has written. */
const moveSql = (names: LedgerNames): string =>
  `WITH moved AS (DELETE FROM ${names.ledger} WHERE load_id IN
     (SELECT l.load_id FROM ${names.ledger} l WHERE ${old(names)} ORDER BY l.published_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING ${ledgerColumns})
   INSERT INTO ${names.archive} (${ledgerColumns}) SELECT ${ledgerColumns} FROM moved`;

const deleteSql = (table: string, at: string): string =>
  `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${at} < $1 LIMIT $2))`;

/** Whatever became of them. What was decided about them stays: a rollback has to know it. */
async function deleteQuarantined(work: Archiving, cutoff: string | null): Promise<number> {
  const { names } = work;
  await inBatches(work, cutoff, deleteSql(names.quarantineRepairs, 'submitted_at'));
  return inBatches(work, cutoff, deleteSql(names.quarantine, 'quarantined_at'));
}

async function inBatches({ client, config, signal }: Archiving, cutoff: string | null, sql: string): Promise<number> {
  if (cutoff === null) return 0;
  const bounds = boundsOf(config, 60_000);
  for (let total = 0; ;) {
    const rows = await client.transaction(bounds, signal, async (tx) => ({
      value: await tx.run('archive:batch', sql, [cutoff, batchRows]),
      commit: true,
    }));
    total += rows;
    if (rows < batchRows) return total;
  }
}

/** Each load under its table's lock: a rollback may be reading them. */
async function deleteKept({ client, config, names, signal }: Archiving, cutoff: string | null): Promise<number> {
  if (cutoff === null) return 0;
  const found = await client.session((s) =>
    s.rows<{ target: string; load_id: string }>(
      'archive:kept',
      `SELECT DISTINCT target, load_id FROM ${keptOf(names)}`,
      [cutoff],
    ),
  );
  const bounds = boundsOf(config, config.publishTimeoutMs);
  let total = 0;
  for (const { target, load_id } of found) {
    total += await client.transaction(bounds, signal, async (tx) => {
      await lockTargets(tx, names, [target]);
      const sql = `DELETE FROM ${names.kept} WHERE target = $1 AND load_id = $2`;
      return { value: await tx.run('archive:forget-kept', sql, [target, load_id]), commit: true };
    });
  }
  return total;
}

async function countRows(client: PostgresClient, cutoff: string | null, from: string): Promise<number> {
  if (cutoff === null) return 0;
  const sql = `SELECT count(*)::float8 AS n FROM ${from}`;
  return (await client.session((s) => s.rows<{ n: number }>('archive:count', sql, [cutoff])))[0]!.n;
}
