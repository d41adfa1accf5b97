import { loadFailure } from '../../../workflows/load-error';
import type { OpenLoad, OpenTarget } from '../../../workflows/contract';
import { loadIdColumn } from '../own-columns';
import { needsValue, stageName } from '../stage-policy';
import type { StageBatch, StepContext } from '../warehouse';
import { refuseUnsupported } from './catalogue';
import { stageColumns } from './columns';
import { own, type Engine } from './engine';
import { raw, sql, type RunOptions, type Sql } from './port';
import { insertRow } from './rows';

/** See `Warehouse.stage`. */
export async function stageBatch(
  engine: Engine,
  open: OpenLoad,
  index: number,
  batch: StageBatch,
  context: StepContext,
): Promise<{ stage: string; rows: number }> {
  const { backend, dialect, options } = engine;
  const target = open.targets[index]!;
  refuseUnsupported(engine, target.contract);
  const bounds: RunOptions = { signal: context.signal, timeoutMs: options.stageTimeoutMs, open };
  const stage = await newStage(engine, open, index, context);
  if (target.columns === null) await createTarget(engine, target, bounds);
  const columns = stageColumns(engine, target);
  const defined = columns.map((c) => `${dialect.ident(c.name)} ${c.type}`).join(', ');
  await backend.run('stage', sql`CREATE TABLE ${raw(stage)} (${raw(defined)})`, bounds);
  await refuseSwept(engine, stage);
  const rows = await backend.bulkLoad({ open, target, stage, columns, batch, context });
  refuseOtherRows(batch, target, rows);
  return { stage, rows };
}

function refuseOtherRows({ manifest }: StageBatch, { target }: OpenTarget, rows: number): void {
  if (manifest.files.some((f) => f.rows === null)) return;
  const expected = manifest.files.reduce((sum, f) => sum + f.rows!, 0);
  if (rows !== expected)
    throw loadFailure('SourceChanged', { object: target, expected: `${expected} rows`, got: `${rows}` });
}

/** The name of a table in the schema of stages, registered before it is created: the sweeper knows all there can be. */
export async function newStage(
  engine: Engine,
  open: Pick<OpenLoad, 'loadKey' | 'fence'>,
  index: number,
  { actor, signal }: Pick<StepContext, 'actor' | 'signal'>,
): Promise<string> {
  const { backend, dialect } = engine;
  const stage = `${backend.stageSchema}.${dialect.ident(stageName(open, index, actor.attempt))}`;
  const row = insertRow(engine, 'stages', {
    stage,
    load_key: open.loadKey,
    fence: open.fence,
    workflow_id: actor.workflowId,
    run_id: actor.runId,
    registered_at: raw(dialect.now),
  });
  await backend.run('stage', row, { signal });
  return stage;
}

/**
 * A stage that the sweeper has forgotten must not be left by an attempt that froze before it made it. The sweeper forgets
 * before it drops: either it drops this one, or it is seen here to have forgotten it.
 */
async function refuseSwept(engine: Engine, stage: string): Promise<void> {
  const { backend, names } = engine;
  const found = await backend.rows(
    'stage',
    sql`SELECT 1 AS ${own(engine, 'n')} FROM ${raw(names.stages)} WHERE ${own(engine, 'stage')} = ${stage}`,
  );
  if (found.length) return;
  await backend.run('stage', sql`DROP TABLE IF EXISTS ${raw(stage)}`);
  throw loadFailure('Fenced', { object: stage, got: 'a stage that was swept' });
}

/** Makes the target as the contract describes it. Two first loads may do so at once. */
const createTarget = async ({ backend, dialect }: Engine, target: OpenTarget, bounds: RunOptions): Promise<void> =>
  void (await backend.run('stage', targetSql(dialect, target), bounds));

/** What makes a target where it is missing. */
export function targetSql(
  dialect: Engine['dialect'],
  { contract, target, mode }: Pick<OpenTarget, 'contract' | 'target' | 'mode'>,
): Sql {
  const columns = Object.entries(contract.columns).map(
    ([name, c]) => `${dialect.ident(name)} ${dialect.type(c.type)}${needsValue(name, contract) ? ' NOT NULL' : ''}`,
  );
  if (mode === 'append') columns.push(`${dialect.ident(loadIdColumn)} ${dialect.own.text}`);
  const made = `CREATE TABLE IF NOT EXISTS ${dialect.relation(target)} (${columns.join(', ')})${dialect.tableOptions?.(contract) ?? ''}`;
  return sql`${raw(made)}`;
}
