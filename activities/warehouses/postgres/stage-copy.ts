import type { OpenTarget } from '../../../workflows/contract';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import { loadErrors } from '../../../workflows/load-error-code';
import type { ManifestFile } from '../../sources/manifest';
import { mapBounded } from '../../sources/map-bounded';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import { canSplit, splitText } from '../../sources/split-text';
import type { StageBatch, StepContext } from '../warehouse';
import type { Session, SessionsOf } from './client';
import { readsEndMarker, refuseEndMarker } from './end-marker';
import { classifyPostgresError, copyColumn, copyLine, postgresFailure } from './errors';
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
    throw copyFailure(error, file, stream, columns);
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
  { stage, columns, context }: CopyInput,
  file: ManifestFile,
  stream: RowStream,
): Promise<number> {
  const { parts, lineOf } = splitText(stream, sessions.length);
  let failure: Error | undefined;
  const copied = await Promise.all(
    sessions.map(async (session, i) => {
      try {
        const sql = copySql(stage, stream, columns, i === 0 && hasHeader(stream));
        return await session.copyIn('stage:copy', sql, parts[i]!, context.signal);
      } catch (error) {
        // The others end with the text; what they then say is not why.
        failure ??= copyFailure(error, file, stream, columns, (line) => lineOf(i, line));
        stream.stream.destroy(failure);
        return 0;
      }
    }),
  );
  if (failure) throw failure;
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

/** Says the file, the line, the column and the type; never the value. */
function copyFailure(
  error: unknown,
  file: ManifestFile,
  stream: RowStream,
  columns: readonly StageColumn[],
  lineInText: (line: number) => number = (line) => line,
): Error {
  if (loadErrorOf(error)) return error as Error;
  const column = copyColumn(error);
  const copied = copyLine(error);
  const inText = copied === undefined ? undefined : lineInText(copied);
  const line = inText === undefined ? undefined : (stream.lineOf?.(inText) ?? inText);
  const expected = columns.find((c) => c.name === column)?.type;
  const code = classifyPostgresError(error);
  const value = code === 'InvalidValue';
  // The line is no fault of the row's when the server runs out of something.
  const ofRow = loadErrors[code].retry === false;
  return postgresFailure(error, {
    object: [file.path, column && `column ${column}`].filter(Boolean).join(', '),
    ...(expected && { expected }),
    ...(ofRow && line !== undefined && { got: value ? `another value in line ${line}` : `line ${line}` }),
  });
}
