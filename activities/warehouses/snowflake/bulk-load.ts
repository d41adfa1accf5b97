import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import { requireColumnOrder } from '../../sources/column-order';
import { raw, sql, type BulkLoad, type RunOptions } from '../sql/port';
import type { Session, SnowflakeClient } from './client';
import type { ResolvedSnowflakeConfig } from './config';
import { ident, literal } from './dialect';
import { writtenParts } from './written-parts';

/** A COPY takes so many files by name. */
const filesPerCopy = 1_000;

/** See `SqlBackend.bulkLoad`. */
export async function bulkLoad(
  client: SnowflakeClient,
  config: ResolvedSnowflakeConfig,
  load: BulkLoad,
): Promise<number> {
  requireColumnOrder(load.batch.manifest, load.target.contract);
  const folder = await mkdtemp(join(tmpdir(), 'loadline-upload-'));
  const place = internalStage(config);
  const prefix = `${load.open.loadId}/${randomBytes(8).toString('hex')}`;
  const bounds = { signal: load.context.signal, timeoutMs: config.stageTimeoutMs };
  try {
    return await client.session(async (session) => {
      await makeStage(session, place);
      const names = await upload(session, load, { folder, place, prefix, bounds });
      for (let at = 0; at < names.length; at += filesPerCopy)
        await copy(session, load, `@${place}/${prefix}`, names.slice(at, at + filesPerCopy), bounds);
      await session.run('stage', `REMOVE @${place}/${prefix}`).catch(() => undefined);
      const [row] = await session.run('stage', sql`SELECT COUNT(*) AS "n" FROM ${raw(load.stage)}`);
      return Number(row!['n']);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The internal stage that files are put into, quoted. */
export const internalStage = ({ database, stageSchema }: ResolvedSnowflakeConfig): string =>
  [database, stageSchema, 'LOADLINE'].map(ident).join('.');

/** Who may not make one uses the one that an administrator has made. */
async function makeStage(session: Session, place: string): Promise<void> {
  await session.run('stage', `CREATE STAGE IF NOT EXISTS ${place}`).catch((error: unknown) => {
    if (loadErrorOf(error)?.type !== 'PermissionDenied') throw error;
  });
}

interface Place {
  readonly folder: string;
  readonly place: string;
  readonly prefix: string;
  readonly bounds: RunOptions;
}

/** Puts each part while the next is written; resolves to their names. */
async function upload(session: Session, load: BulkLoad, { folder, place, prefix, bounds }: Place): Promise<string[]> {
  const names: string[] = [];
  let putting = Promise.resolve();
  const put = async (path: string): Promise<void> => {
    const from = literal(`file://${path.replaceAll('\\', '/')}`);
    const options = 'AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = GZIP OVERWRITE = TRUE';
    await session.run('stage', `PUT ${from} @${place}/${prefix} ${options}`, bounds);
    await rm(path, { force: true });
  };
  try {
    for await (const path of writtenParts(load, folder)) {
      await putting;
      names.push(basename(path));
      putting = put(path);
      // Its failure is told when it is waited for.
      putting.catch(() => undefined);
    }
  } catch (error) {
    await putting.catch(() => undefined);
    throw error;
  }
  await putting;
  return names;
}

/** One statement for up to a thousand files: wholly or not at all. Tried again, it skips what it has loaded. */
async function copy(
  session: Session,
  load: BulkLoad,
  from: string,
  names: readonly string[],
  bounds: RunOptions,
): Promise<void> {
  const into = load.columns.map((c) => ident(c.name)).join(', ');
  const values = load.columns.map((c, i) => valueOf(c.type, `$${i + 1}`)).join(', ');
  const format = `TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '"' EMPTY_FIELD_AS_NULL = TRUE NULL_IF = () ESCAPE_UNENCLOSED_FIELD = NONE COMPRESSION = GZIP`;
  const statement = `COPY INTO ${load.stage} (${into}) FROM (SELECT ${values} FROM ${from}) FILES = (${names.map(literal).join(', ')})
    FILE_FORMAT = (${format}) ON_ERROR = ABORT_STATEMENT`;
  try {
    await session.run('stage', statement, { ...bounds, open: load.open });
  } catch (error) {
    throw misfit(load, error);
  }
}

/** How a field's text becomes a value of a type that text is not cast to by itself. */
function valueOf(type: string, field: string): string {
  if (/^(VARIANT|OBJECT|ARRAY)/.test(type)) return `PARSE_JSON(${field})`;
  if (type.startsWith('BINARY')) return `TO_BINARY(${field}, 'HEX')`;
  return field;
}

/** Says the table; the line and the value are in the service's message, and stay there. */
function misfit({ batch, target }: BulkLoad, error: unknown): unknown {
  const failure = loadErrorOf(error);
  if (failure?.type !== 'InvalidValue') return error;
  const { files } = batch.manifest;
  const object = files.length === 1 ? files[0]!.path : `${files.length} files for ${target.target}`;
  return loadFailure('InvalidValue', { object, ...(failure.details[0].got && { got: failure.details[0].got }) });
}
