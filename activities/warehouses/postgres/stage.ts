import { loadFailure } from '../../../workflows/load-error';
import { checksOf } from '../../../workflows/checks';
import type { OpenLoad, OpenTarget } from '../../../workflows/contract';
import { stageName } from '../stage-policy';
import type { StageBatch, StepContext } from '../warehouse';
import type { PostgresClient, Session, SessionsOf } from './client';
import { boundsOf, type ResolvedPostgresConfig } from './config';
import { withCopiedRows } from './copied-rows';
import { ledgerNames } from './ledger-schema';
import { columnList, ident } from './sql';
import { extraColumns, stageColumns } from './stage-columns';
import { copyFiles, wantsSessions, type CopyInput } from './stage-copy';
import { castFormats } from './stage-formats';
import { createTarget } from './target-create';

/** See `Warehouse.stage`. */
export async function stageBatch(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  index: number,
  batch: StageBatch,
  context: StepContext,
): Promise<{ stage: string; rows: number }> {
  const target = open.targets[index]!;
  const stage = `${ident(config.stageSchema)}.${ident(stageName(open, index, context.actor.attempt))}`;
  const columns = stageColumns(target, batch.manifest);
  const extras = extraColumns(batch.manifest.files, columns);
  refuseTooWide(target, columns.length + extras.length);
  await register(client, config, open, stage, context);
  if (target.columns === null) await createTarget(client, config, target);
  const rows = await fillStage(client, config, { stage, batch, target, columns, extras, context });
  // Only what is compared with anything needs statistics.
  const compared = [...new Set([...(target.contract.key ?? []), ...(target.dedup?.by ?? [])])];
  if (compared.length) {
    const analyze = `ANALYZE ${stage} (${columnList(compared)})`;
    await client.transaction(boundsOf(config, config.stageTimeoutMs), context.signal, async (tx) => {
      await tx.run('stage:analyze', analyze);
      return { value: undefined, commit: true };
    });
  }
  return { stage, rows };
}

const maxColumns = 1600;

function refuseTooWide({ contract, columns, mode }: OpenTarget, staged: number): void {
  // A new table of mode append has a column of its own beside the contract's, and a stage may get one for reasons.
  const own = checksOf(contract).some((c) => c.severity === 'quarantine') || (columns === null && mode === 'append');
  const made = own ? staged + 1 : staged;
  if (made <= maxColumns) return;
  throw loadFailure('TooManyColumns', {
    object: `contract ${contract.name}`,
    expected: `at most ${maxColumns} columns, with those of the file that are ignored`,
    got: `${made}`,
  });
}

type FillInput = Omit<CopyInput, 'withSessions' | 'version'> & { readonly extras: readonly string[] };

/** Makes the stage and copies the batch into it: a small one in one transaction. */
async function fillStage(client: PostgresClient, config: ResolvedPostgresConfig, input: FillInput): Promise<number> {
  const { stage, batch, columns, extras, context } = input;
  const { stages } = ledgerNames(config);
  const bounds = boundsOf(config, config.stageTimeoutMs);
  // UNLOGGED: half the writing. A crash of the server empties it, which publish notices by the row count.
  const definitions = [
    ...columns.map((c) => `${ident(c.name)} ${c.format ? 'text' : c.type}`),
    ...extras.map((e) => `${ident(e)} text`),
  ];
  const create = `CREATE UNLOGGED TABLE ${stage} (${definitions.join(', ')}) WITH (autovacuum_enabled = false)`;
  const further = wantsSessions(batch.manifest.files) ? config.copySessions - 1 : 0;
  if (further > 0) {
    // Committed first, because the further sessions have to see it.
    await client.transaction(bounds, context.signal, async (tx) => {
      await holdRegistration(tx, stages, stage);
      return { value: await tx.run('stage:create', create), commit: true };
    });
  }
  const version = await client.version();
  const withSessions: SessionsOf = (work) => client.transactions(further, bounds, context.signal, work);
  // This one spans the further ones: if a crash of the server empties what they have committed, it fails.
  return client.transaction(bounds, context.signal, async (tx) => {
    await holdRegistration(tx, stages, stage);
    if (further === 0) await tx.run('stage:create', create);
    const counting = await withCopiedRows(client, tx, stage, context);
    const rows = await copyFiles(tx, {
      ...input,
      version,
      context: counting,
      withSessions: further > 0 ? withSessions : null,
    });
    await castFormats(tx, stage, columns, extras, batch.manifest.files, context);
    return { value: rows, commit: true };
  });
}

/** Before it is created, so that the sweeper knows every stage there can be. */
async function register(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  open: OpenLoad,
  stage: string,
  context: StepContext,
): Promise<void> {
  const { workflowId, runId } = context.actor;
  const sql = `INSERT INTO ${ledgerNames(config).stages} (stage, load_key, fence, workflow_id, run_id) VALUES ($1, $2, $3, $4, $5)`;
  const values = [stage, open.loadKey, open.fence, workflowId, runId];
  await client.session((s) => s.run('stage:register', sql, values), { signal: context.signal });
}

/** A stage that the sweeper has forgotten must not be made by an attempt that froze in between. */
async function holdRegistration(tx: Session, stages: string, stage: string): Promise<void> {
  const held = await tx.rows('stage:hold', `SELECT 1 FROM ${stages} WHERE stage = $1 FOR UPDATE`, [stage]);
  if (!held.length) throw loadFailure('Fenced', { object: stage, got: 'a stage that was swept' });
}
