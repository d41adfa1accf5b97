import { checksOf, type Verdict } from '../../workflows/checks';
import type { TableContract } from '../../workflows/table-contract';
import type { ReadingOptions } from './open-batch';

/** What `checkFiles` is told beside contract and files. */
export interface CheckOptions extends ReadingOptions {
  /** The instant that freshness is measured from. @default now */
  readonly at?: Date;
  /** Ids of checks that are not to be made. */
  readonly skip?: readonly string[];
}

/** Where a row is. */
export interface RowPlace {
  /** As the file was named. */
  readonly file: string;
  /** The line, or for Parquet the row, counted from 1. */
  readonly line: number;
  readonly counted: 'line' | 'row';
}

/** What a check says of the files, and where the first row is that breaks it. */
export interface FileVerdict extends Verdict {
  readonly first?: RowPlace;
}

/** A check that was not made, and why. */
export interface SkippedCheck {
  readonly id: string;
  readonly kind: string;
  readonly column?: string;
  readonly why: string;
}

/** What the checks of a contract say of files. Holds no values of rows. */
export interface CheckReport {
  readonly rows: number;
  readonly files: readonly { readonly path: string; readonly rows: number }[];
  /** The types of the columns first, then duplicates, then the contract's checks in their order. */
  readonly verdicts: readonly FileVerdict[];
  readonly skipped: readonly SkippedCheck[];
}

/** The ids of all checks that are made of a contract: of its types, of its key, and its own. */
export function checkIds(contract: TableContract): string[] {
  const types = Object.keys(contract.columns).map((name) => `${name}.type`);
  return [...types, ...(contract.key ? ['duplicates'] : []), ...checksOf(contract).map(({ id }) => id)];
}
