import type { LoadReceipt, OpenLoad } from '../../../workflows/contract';
import type { Actor, FileVersion } from '../warehouse';
import { own, type Engine } from './engine';
import { columnsOf } from './ledger-schema';
import { raw, sql, type RawSql, type Sql } from './port';
import { listed, portions } from './rows';

/** True for rows, under this alias, of loads that were not rolled back. */
export function notUndone(engine: Pick<Engine, 'dialect' | 'names'>, alias: string): string {
  const id = engine.dialect.ident('load_id');
  return `NOT EXISTS (SELECT 1 FROM ${engine.names.rollbacks} undone WHERE undone.${id} = ${alias}.${id})`;
}

/** The ledger with its archive, as a relation: what is asked wherever an old receipt counts as much as a new one. */
export function history({ dialect, names }: Pick<Engine, 'dialect' | 'names'>): RawSql {
  const columns = Object.keys(columnsOf('ledger')).map(dialect.ident).join(', ');
  // One statement sees both tables as of one moment: what is moved it finds in one of them.
  return raw(`(SELECT ${columns} FROM ${names.ledger} UNION ALL SELECT ${columns} FROM ${names.ledger_archive})`);
}

/** The warehouse's clock, ISO 8601 in UTC. */
export async function ledgerClock({ backend, dialect }: Pick<Engine, 'backend' | 'dialect'>): Promise<string> {
  const [row] = await backend.rows<{ now: string }>(
    'clock',
    sql`SELECT ${raw(dialect.isoText(dialect.now))} AS ${raw(dialect.ident('now'))}`,
  );
  return row!.now;
}

async function firstReceipt(engine: Engine, from: Sql): Promise<LoadReceipt | null> {
  const [row] = await engine.backend.rows<{ receipt: string }>(
    'ledger',
    sql`SELECT l.${own(engine, 'receipt')} AS ${own(engine, 'receipt')} ${from}`,
  );
  return row ? (JSON.parse(row.receipt) as LoadReceipt) : null;
}

/** The receipt of what is applied under a load key, as it was written. */
export async function appliedReceipt(engine: Engine, loadKey: string): Promise<LoadReceipt | null> {
  const newest = await newestEvent(engine, loadKey);
  if (!newest || newest.applied_generation === null) return null;
  return firstReceipt(
    engine,
    sql`FROM ${history(engine)} l WHERE l.${own(engine, 'load_key')} = ${loadKey}
        AND l.${own(engine, 'generation')} = ${raw(String(Number(newest.applied_generation)))} LIMIT 1`,
  );
}

interface NewestEvent {
  readonly state: string;
  readonly applied_generation: unknown;
  readonly source_identity: string | null;
}

async function newestEvent(engine: Engine, loadKey: string): Promise<NewestEvent | undefined> {
  const [row] = await engine.backend.rows<NewestEvent>(
    'claim',
    sql`SELECT ${own(engine, 'state', 'applied_generation', 'source_identity')} FROM ${raw(engine.names.claims)}
        WHERE ${own(engine, 'load_key')} = ${loadKey} ORDER BY ${own(engine, 'seq')} DESC LIMIT 1`,
  );
  return row;
}

/** See `Warehouse.receipt`. */
export const receiptById = (engine: Engine, loadId: string): Promise<LoadReceipt | null> =>
  firstReceipt(engine, sql`FROM ${history(engine)} l WHERE l.${own(engine, 'load_id')} = ${loadId} LIMIT 1`);

/**
 * The receipt of this very load, or of another that loaded the same content under its key, unless it was rolled back.
 * Says `already-loaded` unless it was this run that loaded it, in an attempt whose answer was lost.
 */
export async function ownReceipt(
  engine: Engine,
  open: OpenLoad,
  sha256: string | null,
  actor: Pick<Actor, 'runId'>,
): Promise<LoadReceipt | null> {
  const at = (name: string): ReturnType<typeof raw> => raw(`l.${engine.dialect.ident(name)}`);
  const same = sha256 === null ? sql`` : sql` OR ${at('batch_sha256')} = ${sha256}`;
  const receipt = await firstReceipt(
    engine,
    sql`FROM ${history(engine)} l WHERE ${at('load_key')} = ${open.loadKey} AND ${at('generation')} >= ${raw(String(open.generation))}
        AND (${at('fence')} = ${raw(String(open.fence))}${same}) AND ${raw(notUndone(engine, 'l'))}
        ORDER BY ${at('generation')} DESC LIMIT 1`,
  );
  if (!receipt) return null;
  return receipt.runId === actor.runId ? receipt : { ...receipt, outcome: 'already-loaded' };
}

/** See `Warehouse.filesLoaded`. */
export async function filesLoaded(
  engine: Engine,
  target: string,
  fileIds: readonly string[],
): Promise<Map<string, { loadId: string; sha256: string }>> {
  const found = new Map<string, { loadId: string; sha256: string }>();
  for (const some of portions(fileIds)) {
    const rows = await engine.backend.rows<{ file_id: string; load_id: string; sha256: string }>(
      'files',
      sql`SELECT ${own(engine, 'file_id', 'load_id', 'sha256')} FROM ${raw(engine.names.files)}
          WHERE ${own(engine, 'target')} = ${target} AND ${own(engine, 'file_id')} IN ${listed(some)}`,
    );
    for (const r of rows) found.set(r.file_id, { loadId: r.load_id, sha256: r.sha256 });
  }
  return found;
}

/** See `Warehouse.filesRejected`. */
export async function filesRejected(
  engine: Engine,
  target: string,
  files: readonly FileVersion[],
): Promise<Set<string>> {
  const rejected = new Set<string>();
  const asked = new Set(files.map((f) => `${f.fileId} ${f.sha256}`));
  for (const some of portions(files)) {
    const rows = await engine.backend.rows<{ file_id: string; sha256: string }>(
      'files',
      sql`SELECT ${own(engine, 'file_id', 'sha256')} FROM ${raw(engine.names.rejected_files)}
          WHERE ${own(engine, 'target')} = ${target} AND ${own(engine, 'file_id')} IN ${listed(some.map((f) => f.fileId))}`,
    );
    for (const r of rows) if (asked.has(`${r.file_id} ${r.sha256}`)) rejected.add(r.file_id);
  }
  return rejected;
}

/** See `Warehouse.identitiesKnown`. */
export async function identitiesKnown(
  engine: Engine,
  target: string,
  identities: readonly string[],
): Promise<Map<string, string | null>> {
  const known = new Map<string, string | null>();
  const of = (
    table: string,
    columns: string,
    some: readonly string[],
  ): Promise<{ identity: string; load_id?: string }[]> =>
    engine.backend.rows(
      'files',
      sql`SELECT ${raw(columns)} FROM ${raw(table)} WHERE ${own(engine, 'target')} = ${target} AND ${own(engine, 'identity')} IN ${listed(some)}`,
    );
  for (const some of portions(identities)) {
    for (const r of await of(engine.names.rejected_files, own(engine, 'identity').raw, some))
      known.set(r.identity, null);
    for (const r of await of(engine.names.files, own(engine, 'identity', 'load_id').raw, some))
      known.set(r.identity, r.load_id!);
  }
  return known;
}

/** See `Warehouse.appliedIdentity`. */
export async function appliedIdentity(engine: Engine, loadKey: string): Promise<string | null> {
  const newest = await newestEvent(engine, loadKey);
  return newest?.state === 'applied' ? newest.source_identity : null;
}
