import { loadFailure } from '../../../workflows/load-error';
import type { LoadMode, LoadReceipt, OpenTarget, PartitionRange } from '../../../workflows/contract';
import { hasBuiltOn, type Write } from '../rollback-policy';
import type { Claim } from './claims';
import { own, type Engine } from './engine';
import { isMissing } from './ledger-schema';
import { notUndone } from './ledger';
import { raw, sql, type Sql } from './port';
import { decisionsOf } from './set-aside';
import { countOf } from './write-checks';

/** The partitions that a load replaced, and what tells them apart. */
export interface EffectPartition {
  readonly column: string;
  /** The column's type in the contract, and in the table. */
  readonly contractType: string;
  readonly type: string;
  readonly ranges: readonly PartitionRange[];
}

/** What a load did to one table, as far as a rollback must know it. */
export interface Effect {
  readonly loadId: string;
  readonly loadKey: string;
  readonly target: string;
  /** How often the target had been published to, this load included. */
  readonly version: number;
  readonly mode: LoadMode;
  /** Rows of the batch that the table held already, or newer ones of. */
  readonly known: number;
  readonly inserted: number;
  readonly removed: number;
  /** The table that holds the removed rows. */
  readonly keptIn: string | null;
  readonly partition: EffectPartition | null;
}

const fields = [
  'load_id',
  'load_key',
  'target',
  'version',
  'mode',
  'known_rows',
  'inserted',
  'removed',
  'kept_in',
  'ranges',
];

async function effects(engine: Engine, where: Sql): Promise<Effect[]> {
  const columns = fields.map((name) => `e.${own(engine, name).raw} AS ${own(engine, name).raw}`).join(', ');
  const rows = await engine.backend.rows<Record<string, unknown>>(
    'rollback',
    sql`SELECT ${raw(columns)} FROM ${raw(engine.names.effects)} e WHERE ${where} ORDER BY e.${own(engine, 'version')}`,
  );
  return rows.map((row) => ({
    loadId: String(row['load_id']),
    loadKey: String(row['load_key']),
    target: String(row['target']),
    version: Number(row['version']),
    mode: String(row['mode']) as LoadMode,
    known: Number(row['known_rows']),
    inserted: Number(row['inserted']),
    removed: Number(row['removed']),
    keptIn: typeof row['kept_in'] === 'string' ? row['kept_in'] : null,
    partition: typeof row['ranges'] === 'string' ? (JSON.parse(row['ranges']) as EffectPartition) : null,
  }));
}

/** What must be undone, table by table, once it is certain that all of it can be. @throws `NotReversible` */
export async function plannedEffects(engine: Engine, load: LoadReceipt, claim: Claim): Promise<Effect[]> {
  if (load.adopted) throw stuck(load, 'it was adopted: nobody knows which rows are its own');
  const brought = (await decisionsOf(engine, load.loadId)).filter((d) => d.repairedBy !== null).at(-1);
  if (brought)
    throw stuck(load, `rows that it had set aside were brought by ${brought.repairedBy}`, 'Roll that one back first.');
  const found = await effects(engine, sql`e.${own(engine, 'load_id')} = ${load.loadId}`);
  for (const effect of found) {
    if (effect.mode !== 'append' && effect.mode !== 'replace' && effect.mode !== 'replace-partition')
      throw stuck(load, `${effect.mode} into ${effect.target}: what it changed is not kept`);
    const later = await builtOn(engine, effect, claim);
    if (later)
      throw stuck(load, `a later load has built on it: ${later}`, 'Roll that one back first, or load this key again.');
    if (effect.removed > 0) await refuseUnkept(engine, load, effect);
  }
  return found;
}

async function refuseUnkept(engine: Engine, load: LoadReceipt, { removed, target, keptIn }: Effect): Promise<void> {
  const rows = `${removed} row${removed === 1 ? '' : 's'} of ${target} that it took away`;
  if (keptIn === null)
    throw stuck(load, `the ${rows} were not kept`, 'For the next one leave keepReplaced of the contract at true.');
  const kept = await countOf(engine, sql`${raw(keptIn)}`).catch((error: unknown) => {
    if (isMissing(error)) return 0;
    throw error;
  });
  if (kept !== removed) throw stuck(load, `the ${rows} are not kept any more`);
}

/** The load id of a load that has built on what this one did to a table. */
async function builtOn(engine: Engine, effect: Effect, { identity }: Claim): Promise<string | undefined> {
  const version = raw(String(effect.version));
  const later = await effects(
    engine,
    sql`e.${own(engine, 'target')} = ${effect.target} AND e.${own(engine, 'version')} > ${version} AND ${raw(notUndone(engine, 'e'))}`,
  );
  return later.find((l) => hasBuiltOn(writeOf(l), { ...writeOf(effect), rows: 0, known: 0 }, identity))?.loadId;
}

const writeOf = ({ loadKey, mode, partition, known, inserted, removed }: Effect): Write => ({
  loadKey,
  mode,
  ranges: partition?.ranges ?? null,
  rows: known + inserted + removed,
  known,
});

/** A load that cannot be rolled back. */
export function stuck(load: LoadReceipt, got: string, remedy?: string): Error {
  return loadFailure('NotReversible', {
    what: 'The load cannot be rolled back; nothing was changed.',
    object: load.loadKey,
    loadKey: load.loadKey,
    got,
    remedy:
      remedy ?? "Correct the table by a load of the right content, with onChanged: 'reprocess' where the mode can.",
  });
}

/** The partitions of an effect, as SQL about a target wants them. */
export const targetOf = ({ column, contractType, type }: EffectPartition): OpenTarget =>
  ({
    contract: { columns: { [column]: { type: contractType } }, partition: { column } },
    columns: [{ name: column, type, nullable: true }],
  }) as unknown as OpenTarget;
