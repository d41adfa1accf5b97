import { randomBytes, createHash } from 'node:crypto';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { ManifestFile } from '../../sources/manifest';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import type { StageBatch, StepContext } from '../warehouse';
import { loadIdColumn } from './catalogue';
import type { PostgresClient, Session } from './client';
import type { ResolvedPostgresConfig } from './config';
import { classifyPostgresError, copyColumn, copyLine, postgresFailure } from './errors';
import { ledgerNames } from './ledger-schema';
import { columnList, ident, literal, relation } from './sql';
import { postgresType, textFormat } from './types';

/** A column of a stage: what it is called at the source, and how its text becomes a value. */
interface StageColumn {
  readonly name: string;
  readonly from: string;
  readonly type: string;
  readonly format: ReturnType<typeof textFormat>;
}

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
  await register(client, config, open, stage, context);
  if (target.columns === null) await createTarget(client, config, target);
  const columns = stageColumns(target);
  const extras = extraColumns(batch.manifest.files, columns);
  const bounds = { timeoutMs: config.stageTimeoutMs, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: config.lockTimeoutMs };
  const rows = await client.transaction(bounds, context.signal, async (tx) => {
    await holdRegistration(tx, ledgerNames(config).stages, stage);
    // UNLOGGED: half the writing. A crash of the server empties it, which publish notices by the row count.
    const definitions = [...columns.map((c) => `${ident(c.name)} ${c.format ? 'text' : c.type}`), ...extras.map((e) => `${ident(e)} text`)];
    await tx.run('stage:create', `CREATE UNLOGGED TABLE ${stage} (${definitions.join(', ')}) WITH (autovacuum_enabled = false)`);
    const copied = await copyFiles(tx, stage, batch, columns, context);
    await castFormats(tx, stage, columns, extras, context);
    return { value: copied, commit: true };
  });
  await client.session((s) => s.run('stage:analyze', `ANALYZE ${stage}`));
  return { stage, rows };
}

/** One name per attempt: a frozen attempt must not write into its retry's stage. */
function stageName(open: OpenLoad, index: number, attempt: number): string {
  const key = createHash('sha256').update(open.loadKey).digest('hex').slice(0, 12);
  return `s_${key}_${open.fence}_${index}_${attempt}_${randomBytes(4).toString('hex')}`;
}

/** Before it is created, so that the sweeper knows every stage there can be. */
async function register(client: PostgresClient, config: ResolvedPostgresConfig, open: OpenLoad, stage: string, context: StepContext): Promise<void> {
  const { workflowId, runId } = context.actor;
  await client.session((s) =>
    s.run(
      'stage:register',
      `INSERT INTO ${ledgerNames(config).stages} (stage, load_key, fence, workflow_id, run_id) VALUES ($1, $2, $3, $4, $5)`,
      [stage, open.loadKey, open.fence, workflowId, runId],
    ),
  );
}

/** A stage that the sweeper has forgotten must not be made by an attempt that froze in between. */
async function holdRegistration(tx: Session, stages: string, stage: string): Promise<void> {
  const held = await tx.rows('stage:hold', `SELECT 1 FROM ${stages} WHERE stage = $1 FOR UPDATE`, [stage]);
  if (!held.length) throw loadFailure('Fenced', { object: stage, got: 'a stage that was swept' });
}

/** Makes the target as the contract describes it. Two first loads may do so at once. */
async function createTarget(client: PostgresClient, config: ResolvedPostgresConfig, target: OpenTarget): Promise<void> {
  const { contract } = target;
  const columns = Object.entries(contract.columns).map(
    ([name, c]) => `${ident(name)} ${postgresType(c.type)}${c.notNull || contract.key?.includes(name) ? ' NOT NULL' : ''}`,
  );
  if (target.mode === 'append') columns.push(`${ident(loadIdColumn)} text`);
  if (contract.key?.length) columns.push(`PRIMARY KEY (${columnList(contract.key)})`);
  const bounds = { timeoutMs: 60_000, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: config.lockTimeoutMs };
  await client.transaction(bounds, undefined, async (tx) => {
    await tx.rows('stage:target-lock', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`loadline:${target.target}`]);
    await tx.run('stage:target', `CREATE TABLE IF NOT EXISTS ${relation(target.target)} (${columns.join(', ')})`);
    return { value: undefined, commit: true };
  });
}

/** The stage takes the target's types, so that a value that does not fit is found here. */
function stageColumns({ contract, columns }: OpenTarget): StageColumn[] {
  return Object.entries(contract.columns).map(([name, c]) => {
    const type = columns?.find((t) => t.name === name)?.type ?? postgresType(c.type);
    return { name, from: c.from ?? name, type, format: textFormat(c, type) };
  });
}

/** A column per position for what the contract does not name: COPY wants a place for every field. */
function extraColumns(files: readonly ManifestFile[], columns: readonly StageColumn[]): string[] {
  const known = new Set(columns.map((c) => c.from));
  const most = Math.max(0, ...files.map((f) => f.columns?.filter((name) => !known.has(name)).length ?? 0));
  return Array.from({ length: most }, (_, i) => `_loadline_extra_${i + 1}`);
}

async function copyFiles(
  tx: Session,
  stage: string,
  batch: StageBatch,
  columns: readonly StageColumn[],
  context: StepContext,
): Promise<number> {
  const { manifest, store } = batch;
  const totalBytes = manifest.files.reduce((sum, f) => sum + f.bytes, 0);
  let rows = 0;
  let before = 0;
  for (const file of manifest.files) {
    const stream = await openRows({ store, manifest, file, wanted: columns.map((c) => c.from), signal: context.signal });
    const tell = (): void => context.progress({ step: 'stage', rows, bytes: before + stream.bytesRead(), totalBytes, detail: file.path });
    const ticking = setInterval(tell, 1_000);
    try {
      const copied = await tx.copyIn('stage:copy', copySql(stage, stream, columns), stream.stream, context.signal);
      if (file.rows !== null && copied !== file.rows) {
        throw loadFailure('SourceChanged', { object: file.path, expected: `${file.rows} rows`, got: `${copied}` });
      }
      await stream.verify();
      rows += copied;
    } catch (error) {
      throw copyFailure(error, file, columns);
    } finally {
      clearInterval(ticking);
    }
    before += file.bytes;
    tell();
  }
  return rows;
}

function copySql(stage: string, stream: RowStream, columns: readonly StageColumn[]): string {
  const { csv } = stream;
  let extra = 0;
  // A file without text names no columns, and has no rows.
  const inFile = stream.columns?.length ? stream.columns : columns.map((c) => c.from);
  const names = inFile.map(
    (from) => columns.find((c) => c.from === from)?.name ?? `_loadline_extra_${++extra}`,
  );
  const options = [
    'FORMAT csv',
    `HEADER ${csv.header}`,
    `DELIMITER ${literal(csv.delimiter)}`,
    `NULL ${literal(csv.nullText)}`,
    `QUOTE ${literal(csv.quote)}`,
    `ESCAPE ${literal(csv.escape)}`,
    `ENCODING 'UTF8'`,
  ];
  return `COPY ${stage} (${columnList(names)}) FROM STDIN WITH (${options.join(', ')})`;
}

/** Says the file, the line, the column and the type; never the value. */
function copyFailure(error: unknown, file: ManifestFile, columns: readonly StageColumn[]): Error {
  if (loadErrorOf(error)) return error as Error;
  const column = copyColumn(error);
  const line = copyLine(error);
  const expected = columns.find((c) => c.name === column)?.type;
  const value = classifyPostgresError(error) === 'InvalidValue';
  return postgresFailure(error, {
    object: [file.path, column && `column ${column}`].filter(Boolean).join(', '),
    ...(expected && { expected }),
    ...(line !== undefined && { got: value ? `another value in line ${line}` : `line ${line}` }),
  });
}

/** One rewrite of the stage turns formatted text into values; well-formedness is checked first, to name the column. */
async function castFormats(
  tx: Session,
  stage: string,
  columns: readonly StageColumn[],
  extras: readonly string[],
  context: StepContext,
): Promise<void> {
  const drops = extras.map((name) => `DROP COLUMN ${ident(name)}`);
  const formatted = columns.filter((c) => c.format);
  if (formatted.length) {
    context.progress({ step: 'stage', detail: 'reading formats' });
    const counts = formatted.map((c, i) => `count(*) FILTER (WHERE ${ident(c.name)} !~ ${literal(c.format!.pattern)}) AS "c${i}"`);
    counts.push('count(*) AS rows');
    const [bad] = await tx.rows<Record<string, string>>('stage:formats', `SELECT ${counts.join(', ')} FROM ${stage}`);
    formatted.forEach((c, i) => {
      const n = Number(bad?.[`c${i}`]);
      if (n > 0) throw notInFormat(c, `${n} of ${bad?.['rows']} rows of another form`);
    });
  }
  const casts = formatted.map((c) => `ALTER COLUMN ${ident(c.name)} TYPE ${c.type} USING ${c.format!.cast(ident(c.name))}`);
  if (casts.length + drops.length === 0) return;
  await tx.run('stage:cast', 'SAVEPOINT casts');
  try {
    await tx.run('stage:cast', `ALTER TABLE ${stage} ${[...casts, ...drops].join(', ')}`);
  } catch (error) {
    throw (await misfit(tx, stage, formatted, error)) ?? error;
  }
}

/** Finds the column whose text has the format and yet is no value, such as the 31st of February. */
async function misfit(tx: Session, stage: string, formatted: readonly StageColumn[], error: unknown): Promise<Error | null> {
  if (classifyPostgresError(error) !== 'InvalidValue') return null;
  for (const c of formatted) {
    await tx.run('stage:cast', 'ROLLBACK TO SAVEPOINT casts');
    try {
      await tx.rows('stage:misfit', `SELECT count(${c.format!.cast(ident(c.name))}) FROM ${stage}`);
    } catch {
      return notInFormat(c, `text of that form that is no ${c.type}`);
    }
  }
  return null;
}

function notInFormat(column: StageColumn, got: string): Error {
  return loadFailure('InvalidValue', { object: `column ${column.from}`, expected: `${column.type} written as ${column.format!.written}`, got });
}
