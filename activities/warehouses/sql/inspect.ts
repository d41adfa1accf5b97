import { loadFailure } from '../../../workflows/load-error';
import type { HeldLoad, LoadReceipt } from '../../../workflows/contract';
import type { LoadDetails, LoadFilter, LoadSummary, RollbackReceipt } from '../warehouse';
import { readClaim } from './claims';
import { own, type Engine } from './engine';
import { history } from './ledger';
import { raw, sql, type RawSql, type Sql } from './port';
import { joined } from './rows';

/** See `Warehouse.list`. */
export async function listLoads(engine: Engine, filter: LoadFilter): Promise<LoadSummary[]> {
  const { names } = engine;
  const c = (name: string): Sql => sql`c.${own(engine, name)}`;
  const conditions: Sql[] = [sql`TRUE`];
  if (filter.pipeline !== undefined) conditions.push(sql`${c('pipeline')} = ${filter.pipeline}`);
  if (filter.state !== undefined) conditions.push(sql`${c('state')} = ${filter.state}`);
  if (filter.target !== undefined)
    conditions.push(
      sql`EXISTS (SELECT 1 FROM ${raw(names.claim_targets)} t WHERE t.${own(engine, 'load_key')} = ${c('load_key')} AND t.${own(engine, 'target')} = ${filter.target})`,
    );
  const rows = await engine.backend.rows<{ load_key: string }>(
    'loads',
    sql`SELECT ${c('load_key')} AS ${own(engine, 'load_key')} FROM ${raw(names.claims)} c
        JOIN (SELECT ${own(engine, 'load_key')}, MAX(${own(engine, 'seq')}) AS ${own(engine, 'seq')} FROM ${raw(names.claims)}
              GROUP BY ${own(engine, 'load_key')}) n
          ON n.${own(engine, 'load_key')} = ${c('load_key')} AND n.${own(engine, 'seq')} = ${c('seq')}
        WHERE ${joined(conditions, ' AND ')} ORDER BY ${c('at')} DESC, ${c('load_key')} LIMIT ${raw(String(filter.limit))}`,
  );
  const found = await Promise.all(rows.map((row) => summaryOf(engine, row.load_key)));
  return found.filter((s) => s !== null);
}

/** See `Warehouse.summary`. */
export async function summaryOf(engine: Engine, loadKey: string): Promise<LoadSummary | null> {
  const claim = await readClaim(engine, loadKey);
  if (!claim) return null;
  const [seen] = await engine.backend.rows<{ at: string | null; adopted: unknown }>(
    'loads',
    sql`SELECT ${raw(engine.dialect.isoText(`MAX(s.${own(engine, 'at').raw})`))} AS ${own(engine, 'at')},
          (SELECT COUNT(*) FROM ${history(engine)} l WHERE l.${own(engine, 'load_key')} = ${loadKey}
             AND l.${own(engine, 'generation')} = ${raw(String(claim.appliedGeneration ?? -1))} AND l.${own(engine, 'adopted')}) AS ${own(engine, 'adopted')}
        FROM (SELECT ${own(engine, 'at')} FROM ${raw(engine.names.claims)} WHERE ${own(engine, 'load_key')} = ${loadKey}
              UNION ALL SELECT ${own(engine, 'at')} FROM ${raw(engine.names.renewals)}
              WHERE ${own(engine, 'load_key')} = ${loadKey} AND ${own(engine, 'fence')} = ${raw(String(claim.fence))}) s`,
  );
  const state = claim.state === 'superseded' ? 'applied' : claim.state;
  return {
    loadKey,
    pipeline: claim.pipeline,
    targets: claim.targets,
    state,
    generation: claim.generation,
    fence: claim.fence,
    workflowId: claim.workflowId,
    runId: claim.runId,
    claimedAt: claim.claimedAt,
    renewedAt: seen?.at ?? claim.claimedAt,
    live: claim.state === 'held' || (claim.state === 'open' && claim.leaseLeftMs > 0),
    adopted: Number(seen?.adopted ?? 0) > 0,
  };
}

/** See `Warehouse.show`. @throws `LoadNotFound` */
export async function showLoad(engine: Engine, loadKeyOrId: string): Promise<LoadDetails> {
  const { names } = engine;
  const loadKey = await keyOf(engine, loadKeyOrId);
  const summary = await summaryOf(engine, loadKey);
  if (!summary) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
  const texts = async <T>(table: RawSql, column: string, order: string, where: Sql = sql``): Promise<T[]> => {
    const rows = await engine.backend.rows<Record<string, string>>(
      'loads',
      sql`SELECT ${own(engine, column)} FROM ${table} h WHERE ${own(engine, 'load_key')} = ${loadKey}${where} ORDER BY ${own(engine, order)} DESC`,
    );
    return rows.map((row) => JSON.parse(row[column]!) as T);
  };
  const mine = sql` AND ${own(engine, 'fence')} = ${raw(String(summary.fence))}`;
  const holds = summary.state === 'held' ? await texts<HeldLoad>(raw(names.holds), 'facts', 'held_at', mine) : [];
  const stages = await engine.backend.rows<{ stage: string }>(
    'loads',
    sql`SELECT ${own(engine, 'stage')} FROM ${raw(names.stages)} WHERE ${own(engine, 'load_key')} = ${loadKey} ORDER BY 1`,
  );
  return {
    ...summary,
    receipts: await texts<LoadReceipt>(history(engine), 'receipt', 'generation'),
    rollbacks: await texts<RollbackReceipt>(raw(names.rollbacks), 'receipt', 'fence'),
    rejections: await texts<LoadReceipt>(raw(names.rejections), 'receipt', 'fence'),
    held: holds[0] ?? null,
    stages: stages.map((r) => r.stage),
  };
}

/** The load key that is meant: of this load id, or itself. */
export async function keyOf(engine: Engine, loadKeyOrId: string): Promise<string> {
  const of = (table: RawSql): Sql =>
    sql`SELECT ${own(engine, 'load_key')} FROM ${table} h WHERE ${own(engine, 'load_id')} = ${loadKeyOrId}`;
  const [row] = await engine.backend.rows<{ load_key: string }>(
    'loads',
    sql`${of(history(engine))} UNION ALL ${of(raw(engine.names.rejections))} LIMIT 1`,
  );
  return row?.load_key ?? loadKeyOrId;
}
