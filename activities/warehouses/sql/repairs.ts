import type { OpenTarget } from '../../../workflows/contract';
import type { Repairs } from '../../sources/manifest';
import { maybeNewer, notCurrent, rowDecided } from '../quarantine-policy';
import type { PublishStage } from '../warehouse';
import { goodRows, sameKey } from './columns';
import { own, type Engine } from './engine';
import { history, notUndone } from './ledger';
import { raw, sql, type UnitStatement } from './port';
import type { Publish } from './publish-checks';
import { inserted, listed, portions } from './rows';
import { isCurrent, quarantiningLoad, statedRows, type KnownLoad } from './set-aside';
import { countOf, tableOf } from './write-checks';

const repairsIn = (stages: readonly PublishStage[]): { stage: PublishStage; repairs: Repairs }[] =>
  stages.flatMap((stage) => (stage.manifest.repairs ? [{ stage, repairs: stage.manifest.repairs }] : []));

/** How the load would have loaded the rows that it sets aside: what a retry of them needs to know. */
export function recordOrigin(
  engine: Engine,
  loadId: string,
  { target, contract, mode, dedup }: OpenTarget,
): UnitStatement {
  const written = dedup && { by: dedup.by, time: dedup.time, window: `${dedup.windowMs}ms` };
  return inserted(engine, 'quarantine_origins', {
    load_id: loadId,
    target,
    contract: contract.name,
    mode,
    dedup: written ? JSON.stringify(written) : null,
  });
}

/** Guarded by the table's lock: whoever decides about these rows, or takes back the load that set them aside, takes it too. */
export async function checkRepairs({ engine, open, stages }: Publish): Promise<void> {
  for (const { stage, repairs } of repairsIn(stages)) {
    const load = await quarantiningLoad(engine, repairs.loadId);
    if (!(await isCurrent(engine, load))) throw notCurrent(load);
    const asked = new Set(repairs.rows);
    for await (const row of statedRows(engine, load, repairs.target)) {
      if (asked.delete(row.id) && row.state !== 'open') throw rowDecided(load, `row ${row.id}, which is ${row.state}`);
    }
    if (asked.size > 0) throw rowDecided(load, `${asked.size} rows that are gone`);
    await checkRepairOrder(engine, open.targets[stage.audited.index]!, stage, repairs, load);
  }
}

/** Nothing tells which of two rows of one key is newer, and the table's may have come after the one that was set aside. */
async function checkRepairOrder(
  engine: Engine,
  target: OpenTarget,
  { audited }: PublishStage,
  repairs: Repairs,
  { receipt }: KnownLoad,
): Promise<void> {
  const { contract, mode } = target;
  if (mode !== 'merge' || contract.newest !== undefined || repairs.outOfOrder === 'allow') return;
  const { dialect, names } = engine;
  const later = await countOf(
    engine,
    sql`${history(engine)} l JOIN ${raw(names.effects)} e ON e.${own(engine, 'load_id')} = l.${own(engine, 'load_id')}
        WHERE e.${own(engine, 'target')} = ${target.target} AND l.${own(engine, 'published_at')} > ${dialect.timestamp(receipt.publishedAt)}
          AND ${raw(notUndone(engine, 'l'))}`,
  );
  if (later === 0) return;
  const same = raw(sameKey(engine, contract.key ?? [], 't', 's'));
  const known = await countOf(
    engine,
    sql`${raw(goodRows(engine, audited))} s JOIN ${tableOf(engine, target)} ON ${same}`,
  );
  if (known > 0) throw maybeNewer(target.target, known);
}

/** Ids in one row of a decision. */
const idsPerRow = 10_000;

/** In the unit that makes the rows visible: earlier or later, a crash in between would lose or double them. */
export function markRepaired({ engine, open, stages }: Publish): UnitStatement[] {
  return repairsIn(stages).flatMap(({ repairs: { loadId, target, rows, repair, by, reason } }) => [
    ...decided(engine, { loadId, target, decision: 'repaired', rows, repair, repairedBy: open.loadId, by, reason }),
    forgetRepairs(engine, loadId, [target], repair),
  ]);
}

/** What is written of a decision about rows. */
interface Decided {
  readonly loadId: string;
  readonly target: string;
  readonly decision: 'repaired' | 'discarded';
  readonly rows: readonly string[];
  readonly repair: string | null;
  readonly repairedBy: string | null;
  readonly by: string;
  readonly reason: string;
}

/** The statements that write down a decision about rows. */
export const decided = (engine: Engine, { loadId, rows, repairedBy, ...rest }: Decided): UnitStatement[] =>
  [...portions(rows, idsPerRow)].map((some) =>
    inserted(engine, 'quarantine_decisions', {
      ...rest,
      load_id: loadId,
      row_ids: JSON.stringify(some),
      repaired_by: repairedBy,
      decided_at: raw(engine.dialect.now),
    }),
  );

/** Repaired rows that nobody is going to ask for any more: of one repair, or of all. */
export const forgetRepairs = (
  engine: Engine,
  loadId: string,
  targets: readonly string[] | null,
  repair?: string,
): UnitStatement => ({
  name: 'forget repairs',
  kind: 'change',
  sql: sql`DELETE FROM ${raw(engine.names.quarantine_repairs)} WHERE ${own(engine, 'load_id')} = ${loadId}${
    targets ? sql` AND ${own(engine, 'target')} IN ${listed(targets)}` : sql``
  }${repair === undefined ? sql`` : sql` AND ${own(engine, 'repair')} = ${repair}`}`,
});

/** Load ids of all that have brought rows which these loads, or those, had set aside. */
export async function broughtFor(engine: Engine, loadIds: readonly string[]): Promise<string[]> {
  const { dialect, names } = engine;
  const by = `d.${dialect.ident('repaired_by')}`;
  const found = new Set(loadIds);
  for (let of: readonly string[] = loadIds; of.length;) {
    const rows = await engine.backend.rows<{ repaired_by: string }>(
      'publish',
      sql`SELECT DISTINCT ${raw(by)} AS ${own(engine, 'repaired_by')} FROM ${raw(names.quarantine_decisions)} d
          WHERE d.${own(engine, 'load_id')} IN ${listed(of)} AND ${raw(by)} IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM ${raw(names.rollbacks)} u WHERE u.${own(engine, 'load_id')} = ${raw(by)})`,
    );
    of = rows.map((r) => r.repaired_by).filter((id) => !found.has(id));
    for (const id of of) found.add(id);
  }
  return [...found].slice(loadIds.length);
}
