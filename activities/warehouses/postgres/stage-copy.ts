import type { OpenTarget } from '../../../workflows/contract';
import { loadFailure } from '../../../workflows/load-error';
import type { ManifestFile } from '../../sources/manifest';
import { mapBounded } from '../../sources/map-bounded';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import { canSplit, splitText } from '../../sources/split-text';
import type { StageBatch, StepContext } from '../warehouse';
import type { Session, SessionsOf } from './client';
import { copyFailure } from './copy-failure';
import { readsEndMarker, refuseEndMarker } from './end-marker';
import { columnList, literal } from './sql';
import type { StageColumn } from './stage-columns';

/** What copying a batch needs besides the batch. */
export interface CopyInput {
  readonly stage: string;
  readonly batch: StageBatch;
  readonly target: OpenTarget;
  readonly columns: readonly StageColumn[];
  readonly context: StepContext;
  /** Runs work with further sessions; `null`: all goes through one. */
  readonly withSessions: SessionsOf | null;
  /** The server's version number. */
  readonly version: number;
}

/** So many small files are worth further sessions: what each costs is mostly waiting. */
const manyFiles = 16;

/** Whether a batch is copied faster by several sessions: large files in parts, many small ones side by side. */
export const wantsSessions = (files: readonly ManifestFile[]): boolean =>
  files.length >= manyFiles || files.some(({ bytes }) => bytes >= wideBytes);

/** Copies the files of a batch into a stage; resolves to the rows. */
export async function copyFiles(tx: Session, input: CopyInput): Promise<number> {
  const { files } = input.batch.manifest;
  const { withSessions } = input;
  const done: Copied = { rows: 0, bytes: 0, totalBytes: files.reduce((sum, f) => sum + f.bytes, 0) };
  const isSmall = (file: ManifestFile): boolean => withSessions !== null && file.bytes < splitBytes;
  for (const file of files.filter((f) => !isSmall(f))) await copyFile(tx, input, file, done);
  const small = files.filter(isSmall);
  if (small.length) await withSessions!((more) => copySmall([tx, ...more], input, small, done));
  return done.rows;
}

/** What has been copied of a batch. */
interface Copied {
  rows: number;
  bytes: number;
  readonly totalBytes: number;
}

/** Each session copies one file at a time. All of them have ended when this does, so that each can be rolled back. */
async function copySmall(
  sessions: readonly Session[],
  input: CopyInput,
  files: readonly ManifestFile[],
  done: Copied,
): Promise<void> {
  const free = [...sessions];
  await mapBounded(files, sessions.length, async (file) => {
    const session = free.pop()!;
    await copyFile(session, { ...input, withSessions: null }, file, done);
    // Not after a failure: the session would only say that its transaction is aborted.
    free.push(session);
  });
}

async function copyFile(tx: Session, input: CopyInput, file: ManifestFile, done: Copied): Promise<void> {
  const { context, columns } = input;
  const { manifest, store } = input.batch;
  const opened = await openRows({
    store,
    manifest,
    file,
    wanted: columns,
    extraColumns: input.target.contract.extraColumns ?? 'refuse',
    signal: context.signal,
  });
  const stream = readsEndMarker(input.version) ? refuseEndMarker(opened, file.path) : opened;
  const tell = (bytes: number): void => {
    const { rows, totalBytes } = done;
    context.progress({ step: 'stage', rows, bytes: done.bytes + bytes, totalBytes, detail: file.path });
  };
  const ticking = setInterval(() => tell(stream.bytesRead()), 1_000);
  try {
    const copied = await copyRows(tx, input, file, stream);
    if (file.rows !== null && copied !== file.rows) {
      throw loadFailure('SourceChanged', { object: file.path, expected: `${file.rows} rows`, got: `${copied}` });
    }
    await stream.verify();
    done.rows += copied;
  } catch (error) {
    throw await copyFailure(error, input, file, stream);
  } finally {
    clearInterval(ticking);
  }
  done.bytes += file.bytes;
  tell(0);
}

/** A batch without a file of this size, and without many files, is copied through one session. */
const wideBytes = 4 * 1024 * 1024;
/** Smaller files are not worth a second session. */
const splitBytes = 1024 * 1024;

async function copyRows(tx: Session, input: CopyInput, file: ManifestFile, stream: RowStream): Promise<number> {
  const { stage, columns, context, withSessions } = input;
  if (!withSessions || file.bytes < splitBytes || !canSplit(stream)) {
    return tx.copyIn('stage:copy', copySql(stage, stream, columns, hasHeader(stream)), stream.stream, context.signal);
  }
  return withSessions((more) => copyParts([tx, ...more], input, file, stream));
}

/** Copies parts of one file side by side. All of them have ended when this does, so that each can be rolled back. */
async function copyParts(
  sessions: readonly Session[],
  input: CopyInput,
  file: ManifestFile,
  stream: RowStream,
): Promise<number> {
  const { stage, columns, context } = input;
  const split = splitText(stream, sessions.length);
  let failed: { readonly error: unknown; readonly part: number } | undefined;
  const copied = await Promise.all(
    sessions.map(async (session, i) => {
      try {
        const sql = copySql(stage, stream, columns, i === 0 && hasHeader(stream));
        return await session.copyIn('stage:copy', sql, split.parts[i]!, context.signal);
      } catch (error) {
        // The others end with the text; what they then say is not why.
        failed ??= { error, part: i };
        stream.stream.destroy(error as Error);
        return 0;
      }
    }),
  );
  if (failed) throw await copyFailure(failed.error, input, file, stream, { split, part: failed.part });
  return copied.reduce((sum, rows) => sum + rows, 0);
}

const hasHeader = ({ csv }: RowStream): boolean => csv?.header ?? false;

function copySql(stage: string, stream: RowStream, columns: readonly StageColumn[], header: boolean): string {
  const { csv } = stream;
  let extra = 0;
  // A file without text names no columns, and has no rows.
  const inFile = stream.columns?.length ? stream.columns : columns.map((c) => c.from);
  const names = inFile.map((from) => columns.find((c) => c.from === from)?.name ?? `_loadline_extra_${++extra}`);
  const into = `COPY ${stage} (${columnList(names)}) FROM STDIN`;
  if (!csv) return `${into} WITH (FORMAT text, ENCODING 'UTF8')`;
  const options = [
    'FORMAT csv',
    `HEADER ${header}`,
    `DELIMITER ${literal(csv.delimiter)}`,
    `NULL ${literal(csv.nullText)}`,
    `QUOTE ${literal(csv.quote)}`,
    `ESCAPE ${literal(csv.escape)}`,
    `ENCODING 'UTF8'`,
  ];
  return `${into} WITH (${options.join(', ')})`;
}
