import type { OpenTarget } from '../../../workflows/contract';
import { loadErrorOf, loadFailure } from '../../../workflows/load-error';
import type { ManifestFile } from '../../sources/manifest';
import { openRows } from '../../sources/open-rows';
import type { RowStream } from '../../sources/row-stream';
import type { StageBatch, StepContext } from '../warehouse';
import type { Session } from './client';
import { classifyPostgresError, copyColumn, copyLine, postgresFailure } from './errors';
import { columnList, literal } from './sql';
import type { StageColumn } from './stage-columns';

/** Copies the files of a batch into a stage, one after the other; resolves to the rows. */
export async function copyFiles(
  tx: Session,
  stage: string,
  batch: StageBatch,
  { contract }: OpenTarget,
  columns: readonly StageColumn[],
  context: StepContext,
): Promise<number> {
  const { manifest, store } = batch;
  const totalBytes = manifest.files.reduce((sum, f) => sum + f.bytes, 0);
  let rows = 0;
  let before = 0;
  for (const file of manifest.files) {
    const stream = await openRows({
      store,
      manifest,
      file,
      wanted: columns,
      extraColumns: contract.extraColumns ?? 'refuse',
      signal: context.signal,
    });
    const tell = (): void =>
      context.progress({ step: 'stage', rows, bytes: before + stream.bytesRead(), totalBytes, detail: file.path });
    const ticking = setInterval(tell, 1_000);
    try {
      const copied = await tx.copyIn('stage:copy', copySql(stage, stream, columns), stream.stream, context.signal);
      if (file.rows !== null && copied !== file.rows) {
        throw loadFailure('SourceChanged', { object: file.path, expected: `${file.rows} rows`, got: `${copied}` });
      }
      await stream.verify();
      rows += copied;
    } catch (error) {
      throw copyFailure(error, file, stream, columns);
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
  const names = inFile.map((from) => columns.find((c) => c.from === from)?.name ?? `_loadline_extra_${++extra}`);
  const into = `COPY ${stage} (${columnList(names)}) FROM STDIN`;
  if (!csv) return `${into} WITH (FORMAT text, ENCODING 'UTF8')`;
  const options = [
    'FORMAT csv',
    `HEADER ${csv.header}`,
    `DELIMITER ${literal(csv.delimiter)}`,
    `NULL ${literal(csv.nullText)}`,
    `QUOTE ${literal(csv.quote)}`,
    `ESCAPE ${literal(csv.escape)}`,
    `ENCODING 'UTF8'`,
  ];
  return `${into} WITH (${options.join(', ')})`;
}

/** Says the file, the line, the column and the type; never the value. */
function copyFailure(error: unknown, file: ManifestFile, stream: RowStream, columns: readonly StageColumn[]): Error {
  if (loadErrorOf(error)) return error as Error;
  const column = copyColumn(error);
  const copied = copyLine(error);
  const line = copied === undefined ? undefined : (stream.lineOf?.(copied) ?? copied);
  const expected = columns.find((c) => c.name === column)?.type;
  const value = classifyPostgresError(error) === 'InvalidValue';
  return postgresFailure(error, {
    object: [file.path, column && `column ${column}`].filter(Boolean).join(', '),
    ...(expected && { expected }),
    ...(line !== undefined && { got: value ? `another value in line ${line}` : `line ${line}` }),
  });
}
