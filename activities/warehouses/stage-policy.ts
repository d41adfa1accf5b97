import { createHash, randomBytes } from 'node:crypto';
import type { OpenLoad } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';

/** One name per attempt: a frozen attempt must not write into its retry's stage. */
export function stageName(open: Pick<OpenLoad, 'loadKey' | 'fence'>, index: number, attempt: number): string {
  const key = createHash('sha256').update(open.loadKey).digest('hex').slice(0, 12);
  return `s_${key}_${open.fence}_${index}_${attempt}_${randomBytes(4).toString('hex')}`;
}

/** A value that is only warned of when it is missing has to fit in. */
export function needsValue(name: string, { columns, key }: TableContract): boolean {
  const { notNull = false, severity } = columns[name]!;
  return (notNull && severity !== 'warn') || (key?.includes(name) ?? false);
}
