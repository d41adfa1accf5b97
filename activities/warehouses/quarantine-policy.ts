import { createHash } from 'node:crypto';
import { loadFailure } from '../../workflows/load-error';
import type { LoadMode } from '../../workflows/contract';

/** Names the columns of a row whose values are masks. A contract cannot have a column of such a name. */
export const maskedKey = '_loadline_masked';
/** Where a line of an export has the row's id, and why it was set aside. */
export const rowKey = '_loadline_row';
export const reasonsKey = '_loadline_reasons';

/** A load that may have set rows aside. */
export interface QuarantiningLoad {
  readonly loadId: string;
  readonly loadKey: string;
}

type Load = Pick<QuarantiningLoad, 'loadKey'>;

/** Names rows: equal rows, equal name, in whatever order they come. */
export const nameOfRows = (rows: readonly string[]): string =>
  createHash('sha256')
    .update([...rows].sort().join('\n'))
    .digest('hex')
    .slice(0, 24);

/** What keeps the rows of a load from being loaded by themselves. */
export function notRetryable({ loadKey }: Load, got: string, remedy: string): Error {
  return loadFailure('NotRetryable', { object: loadKey, loadKey, got, remedy });
}

export const notCurrent = (load: Load): Error =>
  notRetryable(
    load,
    'a load that was rolled back, or whose place a newer generation has taken',
    'Look at the newest generation: loadline quarantine list.',
  );

export const refuseMasked = (load: Load, rows: number): Error =>
  notRetryable(
    load,
    `${rows} rows with a mask in the place of a value, which is kept nowhere`,
    'Correct the source and load it again; or discard the rows.',
  );

/** Nothing is left of a load, or of a repair, that could be loaded. */
export const nothingToRetry = (load: Load, repair: string | undefined): Error =>
  repair === undefined
    ? notRetryable(load, 'no open row', 'Nothing to do: `loadline quarantine show --all` tells what became of each.')
    : notRetryable(load, `no repaired rows named ${repair}`, 'Hand them in again: loadline quarantine retry --file.');

/** A table that holds just one batch takes no rows of another. @throws `NotRetryable` */
export function refuseReplaced(load: Load, mode: LoadMode, target: string): void {
  if (mode !== 'replace' && mode !== 'replace-partition') return;
  throw notRetryable(
    load,
    `${mode} into ${target}: the table holds just one batch`,
    'Correct the source and load it again.',
  );
}

/** The table that is meant where a person names none. @throws `NotRetryable`, `InvalidRequest` */
export function onlyTable(load: Load, tables: readonly string[]): string {
  if (tables.length === 1) return tables[0]!;
  if (tables.length === 0)
    throw notRetryable(
      load,
      'no row that it set aside',
      'Nothing to do, unless it was rolled back: then load it again.',
    );
  throw loadFailure('InvalidRequest', {
    what: 'The load has set rows of several tables aside.',
    object: load.loadKey,
    expected: `one of ${tables.join(', ')}`,
    got: 'no table',
    remedy: 'Name the table with --table.',
    loadKey: load.loadKey,
  });
}

/** The table that is meant, by its name as a person writes it. @throws `InvalidRequest` where the load has no such rows */
export function tableNamed({ loadKey }: Load, tables: readonly string[], table: string): string {
  const found = tables.find((t) => t === table || t.endsWith(`.${table}`));
  if (found !== undefined) return found;
  throw loadFailure('InvalidRequest', {
    what: 'The load has set no row of this table aside.',
    object: loadKey,
    expected: tables.join(', ') || 'no table: it has set no row aside',
    got: table,
    loadKey,
  });
}

/** @returns `RowDecided` */
export const rowDecided = ({ loadKey }: Load, got: string): Error =>
  loadFailure('RowDecided', { object: loadKey, loadKey, got });

/** @returns `InvalidRequest` for a repaired row that the load has never set aside */
export const strangeRow = ({ loadKey }: Load, id: string): Error =>
  loadFailure('InvalidRequest', {
    what: 'A repaired row is none that the load has set aside.',
    object: loadKey,
    expected: 'the ids that `loadline quarantine export` has written',
    got: id.slice(0, 40),
    loadKey,
  });

/** @returns `UnknownColumn` for values that would be lost */
export const unknownColumns = (target: string, columns: readonly string[], contract: string): Error =>
  loadFailure('UnknownColumn', {
    what: 'Rows that were set aside have a column that the contract does not name.',
    object: `${target}: ${columns.map((c) => c.slice(0, 100)).join(', ')}`,
    expected: `columns of contract ${contract}`,
  });

/** @returns `OutOfOrder`: nothing tells which of two rows of one key is newer */
export const maybeNewer = (target: string, known: number): Error =>
  loadFailure('OutOfOrder', {
    what: 'The table may hold newer rows than those that were set aside.',
    object: target,
    expected: 'rows with keys that the table does not hold',
    got: `${known} keys that it holds, and loads since then`,
    remedy: 'Name `newest` in the contract; or compare the rows and add --allow-out-of-order.',
  });
