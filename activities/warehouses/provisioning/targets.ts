import { checksOf } from '../../../workflows/checks';
import type { TableContract } from '../../../workflows/table-contract';
import type { ProvisionNote, WantedProvision } from '../provision';
import type { FoundObject } from './found';
import { note } from './steps';

/** A table that a contract writes, or that its checks read. */
export interface WantedTarget {
  readonly contract: TableContract;
  readonly appends: boolean;
  /** The catalogue identity. */
  readonly target: string;
  readonly schema: string;
  /** `null`: there is no such schema. */
  readonly inSchema: FoundObject | null;
  /** `null`: there is no such table. */
  readonly found: FoundObject | null;
  /** Only read, by a check of another table. */
  readonly readOnly: boolean;
}

/** The table that a contract writes, and those that its checks read, as it names them. */
export function tablesOf(contract: TableContract): { readonly table: string; readonly readOnly: boolean }[] {
  const read = checksOf(contract).flatMap((check) => (check.kind === 'references' ? [check.table] : []));
  return [contract.table, ...read].map((table, at) => ({ table, readOnly: at > 0 }));
}

/** What is written is read as well. */
export function onlyOnce<T extends Pick<WantedTarget, 'target' | 'readOnly'>>(targets: readonly T[]): T[] {
  const once = new Map<string, T>();
  for (const one of [...targets].sort((a, b) => Number(a.readOnly) - Number(b.readOnly)))
    if (!once.has(one.target)) once.set(one.target, one);
  return [...once.values()];
}

/** Whether this plan makes the table. */
export const isMade = ({ found, contract, readOnly }: WantedTarget, { makeTables }: WantedProvision): boolean =>
  found === null && !readOnly && makeTables && contract.create === 'if-missing';

/** `schema.table`, as people write it. */
export const labelOf = ({ target }: Pick<WantedTarget, 'target'>): string =>
  target.split('.').slice(1).map(decodeURIComponent).join('.');

/** What to do about a table that is not there, and that this plan does not make. */
export function missingTable(target: WantedTarget, wanted: WantedProvision): ProvisionNote[] {
  const { contract, readOnly } = target;
  if (isMade(target, wanted)) return [];
  const remedy =
    contract.create === 'if-missing' && !readOnly
      ? `Add --tables, or the first load fails: ${wanted.roles.loader} may make no table.`
      : 'Make it, then apply again: its rights are granted once it is there.';
  return [note(`table ${labelOf(target)}`, `is not there (contract ${contract.name})`, remedy)];
}
