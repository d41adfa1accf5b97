import type { Readable } from 'node:stream';
import type { CsvOptions } from '../../workflows/contract';

/** The rows of one file of a batch as CSV text in UTF-8, ready for a bulk load. */
export interface RowStream {
  readonly stream: Readable;
  /** The columns in the stream's order, by their name in the source; `null`: in the contract's order. */
  readonly columns: readonly string[] | null;
  /** How the text is written; `header` tells whether the first line is one. */
  readonly csv: Required<CsvOptions>;
  /** Bytes of the file consumed so far, for progress. */
  bytesRead(): number;
  /** After the stream's end: @throws `SourceChanged` unless the bytes read have the manifest's hash. */
  verify(): Promise<void>;
}
