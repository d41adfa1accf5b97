import type { Readable } from 'node:stream';
import type { CsvOptions } from '../../workflows/contract';

/** A column to read. */
export interface WantedColumn {
  /** Its name in the source. */
  readonly from: string;
  /** Whether it takes objects and arrays, as JSON text. @default false */
  readonly nested?: boolean;
  /** Whether it must have a value. @default false */
  readonly required?: boolean;
}

/** The rows of one file of a batch as text in UTF-8, ready for a bulk load. */
export interface RowStream {
  readonly stream: Readable;
  /** The columns in the stream's order, by their name in the source; `null`: in the contract's order. */
  readonly columns: readonly string[] | null;
  /**
   * How CSV text is written; `header` tells whether the first line is one. `null`: one line a row, tabs between values,
   * backslash escapes, `\N` for NULL.
   */
  readonly csv: Required<CsvOptions> | null;
  /** The line of the source that a line of the text is from, where they may differ. */
  lineOf?(line: number): number;
  /** Bytes of the file consumed so far, for progress. */
  bytesRead(): number;
  /** After the stream's end: @throws `SourceChanged` unless the bytes read have the manifest's hash. */
  verify(): Promise<void>;
}
