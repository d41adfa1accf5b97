import { loadFailure } from '../../workflows/load-error';
import type { TableContract } from '../../workflows/table-contract';
import type { Manifest } from './manifest';

/** What an object puts first, in order of size, wherever it was written. */
const isIndex = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name) && Number(name) < 2 ** 32 - 1;

/**
 * Text without a header is read in the contract's order, which is not known where columns are named by whole numbers. Any other
 * batch is taken.
 *
 * @throws `InvalidRequest`
 */
export function requireColumnOrder(
  { format, csv }: Pick<Manifest, 'format' | 'csv'>,
  { name, columns }: Pick<TableContract, 'name' | 'columns'>,
): void {
  if (format !== 'csv' || csv.header) return;
  const names = Object.keys(columns);
  const moved = names.filter(isIndex);
  if (moved.length === 0 || names.length === 1) return;
  throw loadFailure('InvalidRequest', {
    object: `text without a header, by contract ${name}`,
    expected: 'columns whose order is known',
    got: `columns named by whole numbers: ${moved.slice(0, 5).join(', ')}${moved.length > 5 ? ', …' : ''}`,
    remedy:
      'Give the files a header, or name these columns otherwise in the contract: JavaScript puts such names first.',
  });
}
