import { forgetNotes } from './audit-metrics';
import type { Claim } from './claims';
import { own, type Engine } from './engine';
import { raw, sql } from './port';

interface StageRow {
  readonly stage: string;
  readonly load_key: string;
  readonly fence: unknown;
  readonly workflow_id: string;
  readonly run_id: string;
}

/** Registered tables that keep no rows which a rollback may put back. */
async function stageRows(engine: Engine, loadKey: string | null): Promise<StageRow[]> {
  const { names, dialect } = engine;
  const one = loadKey === null ? sql`` : sql` AND s.${own(engine, 'load_key')} = ${loadKey}`;
  const columns = ['stage', 'load_key', 'fence', 'workflow_id', 'run_id'].map(
    (name) => `s.${dialect.ident(name)} AS ${dialect.ident(name)}`,
  );
  return engine.backend.rows<StageRow>(
    'sweep',
    sql`SELECT ${raw(columns.join(', '))} FROM ${raw(names.stages)} s
        WHERE NOT EXISTS (SELECT 1 FROM ${raw(names.effects)} e WHERE e.${own(engine, 'kept_in')} = s.${own(engine, 'stage')})${one}`,
  );
}

/**
 * Drops stages that no load can need: their key has a newer fence or a final state, or their workflow is closed.
 * Never one of a held load.
 */
export async function sweepStages(
  engine: Engine,
  closed: (workflowId: string, runId: string) => Promise<boolean>,
): Promise<string[]> {
  const dropped: string[] = [];
  const rows = await stageRows(engine, null);
  // Read after the stages: what is final of one that was there stays so.
  const claims = rows.length > 0 ? await claimsOfStages(engine) : new Map<string, never>();
  for (const row of rows) {
    const claim = claims.get(row.load_key);
    const newer = claim === undefined || claim.fence > Number(row.fence);
    if (claim?.state === 'held' && !newer) continue;
    const over = newer || (claim.state !== 'open' && claim.state !== 'held');
    if (!over && !(await closed(row.workflow_id, row.run_id))) continue;
    if (await isDropped(engine, row.stage)) dropped.push(row.stage);
  }
  await forgetSigns(engine);
  return dropped;
}

/** The newest state of all keys that have stages, in one query. */
async function claimsOfStages(engine: Engine): Promise<Map<string, Pick<Claim, 'fence' | 'state'>>> {
  const { names } = engine;
  const key = own(engine, 'load_key');
  const seq = own(engine, 'seq');
  const found = await engine.backend.rows<{ load_key: string; fence: unknown; state: Claim['state'] }>(
    'sweep',
    sql`SELECT c.${key} AS ${key}, c.${own(engine, 'fence')} AS ${own(engine, 'fence')}, c.${own(engine, 'state')} AS ${own(engine, 'state')}
        FROM ${raw(names.claims)} c
        JOIN (SELECT ${key}, MAX(${seq}) AS ${seq} FROM ${raw(names.claims)}
              WHERE ${key} IN (SELECT ${key} FROM ${raw(names.stages)}) GROUP BY ${key}) n
          ON n.${key} = c.${key} AND n.${seq} = c.${seq}`,
  );
  return new Map(found.map(({ load_key, fence, state }) => [load_key, { fence: Number(fence), state }]));
}

const dayMs = 86_400_000;

/** Signs of life, files on their way and notes of which no load can need any more: the newest sign of a claim is younger. */
async function forgetSigns({ backend, dialect, names }: Engine): Promise<void> {
  for (const table of [names.renewals, names.incoming_files]) {
    const old = `${dialect.ident('at')} < ${dialect.plusMs(dialect.now, -7 * dayMs)}`;
    await backend.run('sweep', sql`DELETE FROM ${raw(table)} WHERE ${raw(old)}`).catch(() => 0);
  }
  await backend.run('sweep', sql`${raw(forgetNotes({ dialect, names }))}`).catch(() => 0);
}

/** Drops the stages of one load key up to a fence; what a frozen attempt still holds is left to the sweeper. */
export async function dropStagesOf(engine: Engine, loadKey: string, fence: number): Promise<void> {
  for (const row of await stageRows(engine, loadKey))
    if (Number(row.fence) <= fence) await isDropped(engine, row.stage);
}

/**
 * Dropped, forgotten, and dropped again: an attempt that makes the stage in between sees that it was forgotten, or has made it
 * before the second time.
 */
export async function dropStage(engine: Engine, stage: string): Promise<void> {
  const { backend } = engine;
  const drop = async (): Promise<unknown> =>
    backend.dropStage ? backend.dropStage(stage) : backend.run('sweep', sql`DROP TABLE IF EXISTS ${raw(stage)}`);
  const forget = sql`DELETE FROM ${raw(engine.names.stages)} WHERE ${own(engine, 'stage')} = ${stage}`;
  await drop();
  await backend.run('sweep', forget);
  await drop();
}

/** What cannot be dropped now is left to a later sweep. */
const isDropped = (engine: Engine, stage: string): Promise<boolean> =>
  dropStage(engine, stage).then(
    () => true,
    () => false,
  );
