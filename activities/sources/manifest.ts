import type { CsvOptions } from '../../workflows/contract';
import type { FormatName } from './file-format';

/** A file of a batch. */
export interface ManifestFile {
  /** Path for the store. */
  readonly path: string;
  readonly bytes: number;
  /** Of the bytes as stored, in hex. */
  readonly sha256: string;
  /** Rows, where the format tells without reading everything; else `null`. */
  readonly rows: number | null;
  /** See `ListedFile.identity`. */
  readonly identity: string | null;
  /** See `ListedFile.version`. */
  readonly version?: string;
  /** What makes the file the same as another: its sha256, or its path. */
  readonly fileId: string;
  /** The columns, in the file's order; `null` for text without a header. */
  readonly columns: readonly string[] | null;
}

/** Rows that were set aside, and that a batch brings: its publish marks them as repaired. */
export interface Repairs {
  /** The load that set them aside, and its table. */
  readonly loadId: string;
  readonly target: string;
  /** Their ids. */
  readonly rows: readonly string[];
  /** Names what is brought: equal rows, equal name. */
  readonly repair: string;
  readonly by: string;
  readonly reason: string;
  readonly outOfOrder: 'refuse' | 'allow';
}

/** What a batch holds: written once, never changed. */
export interface Manifest {
  readonly version: 1;
  readonly store: string;
  readonly format: FormatName;
  readonly csv: Required<CsvOptions>;
  readonly files: readonly ManifestFile[];
  /** Over the sorted hashes of the files and the options that decide how they are read. */
  readonly sha256: string;
  /** Over the identities of all listed files, for a later run to compare without reading; `null` if one has none. */
  readonly sourceIdentity: string | null;
  /** Their values are as the warehouse writes them, whatever formats the contract names. */
  readonly repairs?: Repairs;
}
