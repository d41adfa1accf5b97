import { createHash } from 'node:crypto';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { Dialect, Sql, SqlBackend } from './port';
import { raw, sql } from './port';

/** The version of the ledger that this release writes. Changes are additive: older releases go on beside it. */
export const ledgerVersion = 2;

/** Loadline's own tables, in the order in which they are made. */
export const ledgerTables = [
  'meta',
  'claims',
  'claim_targets',
  'renewals',
  'ledger',
  // Since version 2.
  'ledger_archive',
  'effects',
  'files',
  'incoming_files',
  'stages',
  'notes',
  'quarantine',
  'quarantine_origins',
  'quarantine_decisions',
  'quarantine_repairs',
  'rollbacks',
  'holds',
  'rejections',
  'rejected_files',
  'metrics',
] as const;

/** The names of Loadline's own tables, quoted. Each is only ever added to, save for what the sweeper takes away. */
export type LedgerNames = Readonly<Record<(typeof ledgerTables)[number], string>>;

export function ledgerNames({ dialect, ledgerSchema }: Pick<SqlBackend, 'dialect' | 'ledgerSchema'>): LedgerNames {
  return Object.fromEntries(
    ledgerTables.map((name) => [name, `${ledgerSchema}.${dialect.ident(name)}`]),
  ) as LedgerNames;
}

type Columns = Readonly<Record<string, keyof Dialect['own']>>;

/** What the row of a batch's file has. */
const file = { file_id: 'text', sha256: 'text', path: 'text', bytes: 'integer', identity: 'text' } as const;

/** The columns of the ledger and of its archive. */
const receipts = {
  load_id: 'text',
  load_key: 'text',
  generation: 'integer',
  fence: 'integer',
  pipeline: 'text',
  targets: 'text',
  interval_start: 'timestamp',
  interval_end: 'timestamp',
  batch_sha256: 'text',
  protocol: 'integer',
  workflow_id: 'text',
  run_id: 'text',
  attempt: 'integer',
  build_id: 'text',
  adopted: 'boolean',
  published_at: 'timestamp',
  // As text, so that it is told again as it was written, to the last character.
  receipt: 'text',
} as const;

/**
 * Without enforced keys and with locks on whole tables, a table that many loads change would make each wait for the other. So
 * claims are events, of which the newest of a key counts, and a sign of life is a row of its own.
 */
const columns: Readonly<Record<(typeof ledgerTables)[number], Columns>> = {
  meta: { schema_version: 'integer', migrated_at: 'timestamp' },
  claims: {
    load_key: 'text',
    // Counts the events of a key: who has read number n may write n + 1, under the key's lock.
    seq: 'integer',
    event: 'text',
    pipeline: 'text',
    identity: 'text',
    targets: 'text',
    state: 'text',
    generation: 'integer',
    applied_generation: 'integer',
    fence: 'integer',
    source_identity: 'text',
    workflow_id: 'text',
    run_id: 'text',
    activity_id: 'text',
    scheduled_at_ms: 'integer',
    build_id: 'text',
    claimed_at: 'timestamp',
    lease_ms: 'integer',
    at: 'timestamp',
  },
  claim_targets: { load_key: 'text', target: 'text' },
  renewals: { load_key: 'text', fence: 'integer', lease_ms: 'integer', at: 'timestamp' },
  ledger: receipts,
  ledger_archive: receipts,
  effects: {
    load_id: 'text',
    load_key: 'text',
    target: 'text',
    version: 'integer',
    mode: 'text',
    read_rows: 'integer',
    known_rows: 'integer',
    inserted: 'integer',
    removed: 'integer',
    // The table of the rows that the load took away; NULL where none are kept.
    kept_in: 'text',
    ranges: 'text',
  },
  files: { target: 'text', load_id: 'text', ...file },
  incoming_files: { token: 'text', target: 'text', at: 'timestamp', ...file },
  stages: {
    stage: 'text',
    load_key: 'text',
    fence: 'integer',
    workflow_id: 'text',
    run_id: 'text',
    registered_at: 'timestamp',
  },
  // What an audit leaves for the publish, by the name of the stage.
  notes: { stage: 'text', note: 'text', at: 'timestamp' },
  quarantine: {
    load_id: 'text',
    load_key: 'text',
    target: 'text',
    reasons: 'text',
    row_json: 'text',
    quarantined_at: 'timestamp',
  },
  quarantine_origins: { load_id: 'text', target: 'text', contract: 'text', mode: 'text', dedup: 'text' },
  quarantine_decisions: {
    load_id: 'text',
    target: 'text',
    decision: 'text',
    // Made of what a row holds, as JSON.
    row_ids: 'text',
    repair: 'text',
    repaired_by: 'text',
    by: 'text',
    reason: 'text',
    decided_at: 'timestamp',
  },
  quarantine_repairs: {
    load_id: 'text',
    target: 'text',
    repair: 'text',
    row_id: 'text',
    row_json: 'text',
    submitted_at: 'timestamp',
  },
  rollbacks: { load_id: 'text', load_key: 'text', fence: 'integer', rolled_back_at: 'timestamp', receipt: 'text' },
  holds: { load_key: 'text', fence: 'integer', held_at: 'timestamp', facts: 'text' },
  rejections: {
    load_id: 'text',
    load_key: 'text',
    fence: 'integer',
    rejected_at: 'timestamp',
    receipt: 'text',
  },
  rejected_files: { target: 'text', load_key: 'text', fence: 'integer', ...file },
  metrics: {
    load_id: 'text',
    target: 'text',
    load_key: 'text',
    generation: 'integer',
    pipeline: 'text',
    interval_start: 'timestamp',
    at: 'timestamp',
    published_at: 'timestamp',
    latency_ms: 'integer',
    row_count: 'integer',
    bytes: 'integer',
    duplicates: 'integer',
    quarantined: 'integer',
    columns: 'text',
    anomalies: 'text',
  },
};

/** The columns of one of Loadline's tables, with the kind of each. */
export const columnsOf = (table: keyof LedgerNames): Columns => columns[table];

/** A short name for a long one, equal for equal names. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Makes the ledger where it is missing, and what one of an older version lacks. Two first loads may run it at once.
 *
 * @throws `LedgerTooNew`, `PermissionDenied`
 */
export async function prepareLedger(backend: SqlBackend): Promise<void> {
  if ((await foundVersion(backend)) === ledgerVersion) return;
  await backend.makeSchemas();
  for (const statement of [...ledgerTables.map((table) => createTable(backend, table)), versionRow(backend)])
    await backend.run('prepare', statement);
}

type Place = Pick<SqlBackend, 'dialect' | 'ledgerSchema'>;

/** Makes one of the ledger's tables where it is missing. */
export function createTable(place: Place, table: keyof LedgerNames): Sql {
  const { dialect } = place;
  const made = Object.entries(columns[table]).map(([name, kind]) => `${dialect.ident(name)} ${dialect.own[kind]}`);
  return sql`CREATE TABLE IF NOT EXISTS ${raw(ledgerNames(place)[table])} (${raw(made.join(', '))})`;
}

/** Says that the ledger is at this version. Told twice it says the same: the newest counts. */
export function versionRow(place: Place): Sql {
  const { dialect } = place;
  return sql`INSERT INTO ${raw(ledgerNames(place).meta)} (${raw(dialect.ident('schema_version'))}, ${raw(dialect.ident('migrated_at'))})
    SELECT ${raw(String(ledgerVersion))}, ${raw(dialect.now)}`;
}

/** The version of the ledger; 0 where there is none. @throws `LedgerTooNew` */
export async function foundVersion(backend: SqlBackend): Promise<number> {
  const { meta } = ledgerNames(backend);
  const { ident } = backend.dialect;
  const version = await backend
    .rows<{ v: unknown }>(
      'prepare',
      sql`SELECT MAX(${raw(ident('schema_version'))}) AS ${raw(ident('v'))} FROM ${raw(meta)}`,
    )
    .then(([row]) => Number(row?.v ?? 0))
    .catch((error: unknown) => {
      if (isMissing(error)) return 0;
      throw error;
    });
  if (version > ledgerVersion)
    throw loadFailure('LedgerTooNew', {
      object: meta,
      expected: `version ${ledgerVersion} or older`,
      got: `version ${version}`,
    });
  return version;
}

/** Whether a statement failed because a table or a schema that it names is not there. */
export const isMissing = (error: unknown): boolean => loadErrorOf(error)?.type === 'TargetNotFound';
