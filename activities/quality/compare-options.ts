import type { TableContract } from '../../workflows/table-contract';
import type { CompareOptions } from './expected';
import { defaultCompare } from './find-anomalies';

/** How loads of a table are compared with those before; `null` where its contract says not to. */
export function compareOptions({ anomalies }: Pick<TableContract, 'anomalies'>): CompareOptions | null {
  return anomalies === false ? null : { ...defaultCompare, ...anomalies };
}
