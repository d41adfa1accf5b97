import { forgetNotes } from './audit-metrics';
import { own, type Engine } from './engine';
import { readClaim } from './claims';
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
  for (const row of await stageRows(engine, null)) {
    const claim = await readClaim(engine, row.load_key);
    const newer = claim === null || claim.fence > Number(row.fence);
    if (claim?.state === 'held' && !newer) continue;
    const over = newer || (claim.state !== 'open' && claim.state !== 'held');
    if (!over && !(await closed(row.workflow_id, row.run_id))) continue;
    if (await dropStage(engine, row.stage)) dropped.push(row.stage);
  }
  await forgetSigns(engine);
  return dropped;
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
    if (Number(row.fence) <= fence) await dropStage(engine, row.stage);
}

/**
 * Dropped, forgotten, and dropped again: an attempt that makes the stage in between sees that it was forgotten, or has made it
 * before the second time.
 */
async function dropStage(engine: Engine, stage: string): Promise<boolean> {
  const drop = sql`DROP TABLE IF EXISTS ${raw(stage)}`;
  const forget = sql`DELETE FROM ${raw(engine.names.stages)} WHERE ${own(engine, 'stage')} = ${stage}`;
  try {
    await engine.backend.run('sweep', drop);
    await engine.backend.run('sweep', forget);
    await engine.backend.run('sweep', drop);
    return true;
  } catch {
    return false;
  }
}
