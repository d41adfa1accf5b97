import { loadFailure } from '../../../workflows/load-error';
import type { PostgresClient, Session } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { ident } from './sql';

/** The version of the ledger that this release writes. Changes are additive: older releases go on beside it. */
export const ledgerVersion = 3;

/** The names of Loadline's own tables, quoted. */
export interface LedgerNames {
  readonly schema: string;
  readonly stageSchema: string;
  readonly meta: string;
  readonly locks: string;
  readonly claims: string;
  readonly ledger: string;
  readonly files: string;
  readonly stages: string;
  readonly quarantine: string;
  /** How loads that set rows aside would have loaded them. */
  readonly quarantineOrigins: string;
  /** What was decided about rows that were set aside: insert-only. */
  readonly quarantineDecisions: string;
  /** Repaired rows on their way into a load. */
  readonly quarantineRepairs: string;
  readonly effects: string;
  readonly kept: string;
  readonly rollbacks: string;
  readonly metrics: string;
  readonly holds: string;
  readonly rejections: string;
  readonly rejectedFiles: string;
  readonly archive: string;
  /** The ledger with its archive: what is asked wherever an old receipt counts as much as a new one. */
  readonly history: string;
}

export function ledgerNames(config: Pick<ResolvedPostgresConfig, 'ledgerSchema' | 'stageSchema'>): LedgerNames {
  const schema = ident(config.ledgerSchema);
  const table = (name: string): string => `${schema}.${ident(name)}`;
  return {
    schema,
    stageSchema: ident(config.stageSchema),
    meta: table('meta'),
    locks: table('locks'),
    claims: table('claims'),
    ledger: table('ledger'),
    files: table('files'),
    stages: table('stages'),
    quarantine: table('quarantine'),
    quarantineOrigins: table('quarantine_origins'),
    quarantineDecisions: table('quarantine_decisions'),
    quarantineRepairs: table('quarantine_repairs'),
    effects: table('effects'),
    kept: table('kept'),
    rollbacks: table('rollbacks'),
    metrics: table('metrics'),
    holds: table('holds'),
    rejections: table('rejections'),
    rejectedFiles: table('rejected_files'),
    archive: table('ledger_archive'),
    history: table('history'),
  };
}

/** The tables of version 1. */
function version1(n: LedgerNames): string[] {
  return [
    `CREATE TABLE ${n.meta} (schema_version integer NOT NULL, migrated_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    // Apart from the ledger: a publish locks its target's row, never a row that others insert beside.
    `CREATE TABLE ${n.locks} (target text PRIMARY KEY, version bigint NOT NULL DEFAULT 0)`,
    `CREATE TABLE ${n.claims} (
       load_key text PRIMARY KEY, pipeline text NOT NULL, targets text[] NOT NULL, identity text NOT NULL,
       state text NOT NULL CHECK (state IN ('open', 'held', 'applied', 'rejected', 'rolled-back', 'superseded')),
       generation integer NOT NULL, applied_generation integer, fence bigint NOT NULL, source_identity text,
       workflow_id text, run_id text, activity_id text, scheduled_at_ms bigint, build_id text,
       claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(), renewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       lease_until timestamptz NOT NULL DEFAULT '-infinity')`,
    `CREATE TABLE ${n.ledger} (
       load_id text PRIMARY KEY, load_key text NOT NULL, generation integer NOT NULL, fence bigint NOT NULL,
       pipeline text NOT NULL, targets text[] NOT NULL, modes text[] NOT NULL,
       interval_start timestamptz, interval_end timestamptz, batch_sha256 text NOT NULL, protocol integer NOT NULL,
       workflow_id text NOT NULL, run_id text NOT NULL, attempt integer NOT NULL, build_id text NOT NULL,
       published_at timestamptz NOT NULL, receipt jsonb NOT NULL, UNIQUE (load_key, generation))`,
    `CREATE INDEX ON ${n.ledger} USING gin (targets)`,
    // The order of intervals: of a long history only what is newer is read.
    `CREATE INDEX ON ${n.ledger} (interval_start)`,
    `CREATE TABLE ${n.files} (
       target text NOT NULL, file_id text NOT NULL, sha256 text NOT NULL, path text NOT NULL, bytes bigint NOT NULL,
       identity text, load_id text NOT NULL, PRIMARY KEY (target, file_id))`,
    `CREATE INDEX ON ${n.files} (target, identity)`,
    `CREATE TABLE ${n.stages} (
       stage text PRIMARY KEY, load_key text NOT NULL, fence bigint NOT NULL, workflow_id text NOT NULL, run_id text NOT NULL,
       registered_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    `CREATE INDEX ON ${n.stages} (load_key)`,
    `CREATE TABLE ${n.quarantine} (
       load_id text NOT NULL, load_key text NOT NULL, target text NOT NULL, reasons text[] NOT NULL, row jsonb NOT NULL,
       quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    `CREATE INDEX ON ${n.quarantine} (load_id)`,
  ];
}

/** True for ledger rows, under this alias, of loads that were not rolled back. */
export const notUndone = (names: LedgerNames, alias: string): string =>
  `NOT EXISTS (SELECT 1 FROM ${names.rollbacks} undone WHERE undone.load_id = ${alias}.load_id)`;

/** The columns of the ledger and of its archive. */
export const ledgerColumns = `load_id, load_key, generation, fence, pipeline, targets, modes, interval_start, interval_end, batch_sha256,
  protocol, workflow_id, run_id, attempt, build_id, published_at, receipt`;

/** What version 2 adds: nothing that is there is altered, so that a migration waits for no publish. */
function version2(n: LedgerNames): string[] {
  return [
    // What a load did to each table, as far as a rollback must know it. `version` is that of the target's lock.
    `CREATE TABLE ${n.effects} (
       load_id text NOT NULL, target text NOT NULL, version bigint NOT NULL, mode text NOT NULL,
       inserted bigint NOT NULL, removed bigint NOT NULL, kept boolean NOT NULL,
       partition jsonb, columns jsonb, PRIMARY KEY (load_id, target))`,
    // Rows that a load took away, as the table's row type writes them.
    `CREATE TABLE ${n.kept} (target text NOT NULL, load_id text NOT NULL, row text NOT NULL)`,
    `CREATE INDEX ON ${n.kept} (target, load_id)`,
    // Insert-only beside the ledger. The key holds no load undone twice.
    `CREATE TABLE ${n.rollbacks} (
       load_id text PRIMARY KEY, load_key text NOT NULL, fence bigint NOT NULL, rolled_back_at timestamptz NOT NULL,
       receipt jsonb NOT NULL)`,
    `CREATE INDEX ON ${n.rollbacks} (load_key)`,
    `CREATE TABLE ${n.archive} (LIKE ${n.ledger} INCLUDING DEFAULTS, PRIMARY KEY (load_id), UNIQUE (load_key, generation))`,
    `CREATE INDEX ON ${n.archive} USING gin (targets)`,
    `CREATE INDEX ON ${n.archive} (interval_start)`,
    `CREATE VIEW ${n.history} AS SELECT ${ledgerColumns} FROM ${n.ledger} UNION ALL SELECT ${ledgerColumns} FROM ${n.archive}`,
  ];
}

/** What version 3 adds: again nothing that is there is altered, and rows of older releases have a place in all of it. */
function version3(n: LedgerNames): string[] {
  return [
    `CREATE TABLE ${n.quarantineOrigins} (
       load_id text NOT NULL, target text NOT NULL, contract text NOT NULL, mode text NOT NULL, dedup jsonb,
       PRIMARY KEY (load_id, target))`,
    // A row's id is made of its content, so that it has one whichever release has written it.
    `CREATE TABLE ${n.quarantineDecisions} (
       load_id text NOT NULL, target text NOT NULL, decision text NOT NULL CHECK (decision IN ('repaired', 'discarded')),
       row_ids text[] NOT NULL, repair text, repaired_by text, by text NOT NULL, reason text NOT NULL,
       decided_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
    `CREATE INDEX ON ${n.quarantineDecisions} (load_id)`,
    `CREATE TABLE ${n.quarantineRepairs} (
       load_id text NOT NULL, target text NOT NULL, repair text NOT NULL, row_id text NOT NULL, row jsonb NOT NULL,
       submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (load_id, target, repair, row_id))`,
    // What a load brought to each table, for the eye and to compare later loads with. `at` is the interval's start, or
    // when it was published.
    `CREATE TABLE ${n.metrics} (
       load_id text NOT NULL, target text NOT NULL, load_key text NOT NULL, generation integer NOT NULL,
       pipeline text NOT NULL, interval_start timestamptz, at timestamptz NOT NULL, published_at timestamptz NOT NULL,
       latency_ms float8, rows bigint NOT NULL, bytes bigint NOT NULL, duplicates bigint NOT NULL,
       quarantined bigint NOT NULL, columns json NOT NULL, anomalies text[] NOT NULL, PRIMARY KEY (load_id, target))`,
    `CREATE INDEX ON ${n.metrics} (target, pipeline, at)`,
    `CREATE INDEX ON ${n.metrics} (published_at)`,
    // What a load waits for, by the fence of the attempt that waits.
    `CREATE TABLE ${n.holds} (
       load_key text NOT NULL, fence bigint NOT NULL, held_at timestamptz NOT NULL DEFAULT clock_timestamp(), facts jsonb NOT NULL,
       PRIMARY KEY (load_key, fence))`,
    // Insert-only beside the ledger, which holds what was published.
    `CREATE TABLE ${n.rejections} (
       load_key text NOT NULL, fence bigint NOT NULL, rejected_at timestamptz NOT NULL, receipt jsonb NOT NULL,
       PRIMARY KEY (load_key, fence))`,
    // Of loads that are known by their files: the others of the same key go on without them.
    `CREATE TABLE ${n.rejectedFiles} (
       target text NOT NULL, file_id text NOT NULL, sha256 text NOT NULL, path text NOT NULL, bytes bigint NOT NULL,
       identity text, load_key text NOT NULL, fence bigint NOT NULL, PRIMARY KEY (target, file_id, sha256))`,
    `CREATE INDEX ON ${n.rejectedFiles} (target, identity)`,
  ];
}

const versions: readonly ((names: LedgerNames) => string[])[] = [version1, version2, version3];

/** The statements that bring a ledger of a version to this release's, in order; none where it is. */
export function migrationSql(names: LedgerNames, found: number): string[] {
  if (found >= ledgerVersion) return [];
  const statements = versions.slice(found).flatMap((version) => version(names));
  return [...statements, `INSERT INTO ${names.meta} (schema_version) VALUES (${ledgerVersion})`];
}

/** Whoever makes or migrates the ledger does so alone. */
export async function lockLedger(tx: Session, { ledgerSchema }: ResolvedPostgresConfig): Promise<void> {
  // CREATE … IF NOT EXISTS is no protection against a concurrent one: it fails with 23505.
  await tx.rows('prepare:lock', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`loadline:${ledgerSchema}`]);
}

/**
 * Makes the ledger where it is missing, and brings an older one to this release's version. A step of its own, apart from
 * every load: two first loads may run it at once.
 *
 * @throws `LedgerTooNew`, `PermissionDenied`
 */
export async function prepareLedger(client: PostgresClient, config: ResolvedPostgresConfig): Promise<void> {
  if ((await foundVersion(client, config)) === ledgerVersion) return;
  const names = ledgerNames(config);
  await client.transaction(boundsOf(config, 60_000), undefined, async (tx) => {
    await lockLedger(tx, config);
    const found = await versionIn(tx, names);
    if (found === 0) await makeSchemas(tx, config);
    for (const statement of migrationSql(names, found)) await tx.run('prepare:create', statement);
    return { value: undefined, commit: found < ledgerVersion };
  });
}

async function makeSchemas(tx: Session, config: ResolvedPostgresConfig): Promise<void> {
  for (const schema of [config.ledgerSchema, config.stageSchema]) {
    // Asked first, because CREATE SCHEMA IF NOT EXISTS wants the right to create one even where it exists.
    const there = await tx.rows('prepare:schema', 'SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
    if (!there.length) await tx.run('prepare:schema', `CREATE SCHEMA ${ident(schema)}`);
  }
}

/** The version of the ledger; 0 where there is none. @throws `LedgerTooNew` */
export function foundVersion(client: PostgresClient, config: ResolvedPostgresConfig): Promise<number> {
  return client.session((s) => versionIn(s, ledgerNames(config)));
}

/** The version of the ledger that a session sees; 0 where there is none. @throws `LedgerTooNew` */
export async function versionIn(s: Session, { meta }: LedgerNames): Promise<number> {
  const made = await s.rows<{ made: boolean }>('prepare:look', 'SELECT to_regclass($1) IS NOT NULL AS made', [meta]);
  if (!made[0]?.made) return 0;
  const found = await s.rows<{ v: number }>('prepare:version', `SELECT max(schema_version) AS v FROM ${meta}`);
  const version = found[0]?.v ?? 0;
  if (version > ledgerVersion) {
    throw loadFailure('LedgerTooNew', {
      object: meta,
      expected: `version ${ledgerVersion} or older`,
      got: `version ${version}`,
    });
  }
  return version;
}
