import { loadErrorOf } from '../../../workflows/load-error';
import { loadErrors } from '../../../workflows/load-error-code';
import { lineInCsv } from '../../sources/csv-lines';
import type { ManifestFile } from '../../sources/manifest';
import type { RowStream } from '../../sources/row-stream';
import type { SplitText } from '../../sources/split-text';
import { openText } from '../../sources/stored-text';
import { classifyPostgresError, copyColumn, copyLine, postgresFailure } from './errors';
import type { CopyInput } from './stage-copy';

/** Of a text that several sessions were given, what one of them was. */
export interface Part {
  readonly split: SplitText;
  readonly part: number;
}

/** Says the file, the line, the column and the type; never the value. */
export async function copyFailure(
  error: unknown,
  input: Pick<CopyInput, 'batch' | 'columns' | 'context'>,
  file: ManifestFile,
  stream: RowStream,
  part?: Part,
): Promise<Error> {
  if (loadErrorOf(error)) return error as Error;
  const column = copyColumn(error);
  const copied = copyLine(error);
  const expected = input.columns.find((c) => c.name === column)?.type;
  const code = classifyPostgresError(error);
  const value = code === 'InvalidValue';
  // The line is no fault of the row's when the server runs out of something.
  const ofRow = loadErrors[code].retry === false;
  const line = ofRow && copied !== undefined ? await lineInFile(copied, input, file, stream, part) : undefined;
  return postgresFailure(error, {
    object: [file.path, column && `column ${column}`].filter(Boolean).join(', '),
    ...(expected && { expected }),
    ...(line !== undefined && { got: value ? `another value in line ${line}` : `line ${line}` }),
  });
}

/** The line of the file that COPY stopped at. Only a failure is worth reading the file once more. */
async function lineInFile(
  copied: number,
  { batch: { store, manifest }, context }: Pick<CopyInput, 'batch' | 'context'>,
  file: ManifestFile,
  stream: RowStream,
  part?: Part,
): Promise<number> {
  const counted = part ? part.split.lineOf(part.part, copied) : copied;
  if (manifest.format !== 'csv' || !stream.csv) return stream.lineOf?.(counted) ?? counted;
  try {
    const text = await openText(store, file.path, context.signal, file);
    return (await lineInCsv(text.stream, stream.csv, copied, part?.split.rangesOf(part.part))) ?? counted;
  } catch {
    // What is wrong with the row is known; where, only as the server counts.
    return counted;
  }
}
