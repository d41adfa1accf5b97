import { loadFailure } from '../../../workflows/load-error';
import type { ColumnContract } from '../../../workflows/table-contract';

/**
 * Reads the text of a column by the format of its contract, into text that every warehouse reads by itself.
 *
 * @throws `InvalidContract` for a format that is not read here
 */
export function textReader(column: ColumnContract, file: string, from: string): (text: string) => string {
  const { format = 'iso' } = column;
  if (format === 'iso') return (text) => text;
  throw loadFailure('InvalidContract', {
    object: `column ${from}`,
    expected: 'a column without a format on this warehouse',
    got: `format ${format}, in ${file}`,
  });
}
