import type { OpenTarget } from '../../../workflows/contract';
import type { Manifest, ManifestFile } from '../../sources/manifest';
import type { WantedColumn } from '../../sources/row-stream';
import { postgresType, textFormat } from './types';

/** A column of a stage: what it is called at the source, and how its text becomes a value. */
export interface StageColumn extends Required<WantedColumn> {
  readonly name: string;
  readonly type: string;
  readonly format: ReturnType<typeof textFormat>;
}

/** A column's type in target and stage. */
export function typeOf({ columns, contract }: OpenTarget, name: string): string {
  return columns?.find((c) => c.name === name)?.type ?? postgresType(contract.columns[name]!.type);
}

/** The stage takes the target's types, so that a value that does not fit is found here. */
export function stageColumns(
  { contract, columns }: Pick<OpenTarget, 'contract' | 'columns'>,
  { repairs }: Pick<Manifest, 'repairs'> = {},
): StageColumn[] {
  return Object.entries(contract.columns).map(([name, c]) => {
    const type = columns?.find((t) => t.name === name)?.type ?? postgresType(c.type);
    const nested = c.type === 'json' || /^jsonb?$/.test(type);
    const required = c.notNull === true || (contract.key?.includes(name) ?? false);
    return { name, from: c.from ?? name, nested, required, type, format: repairs ? null : textFormat(c, type) };
  });
}

/** A column per position for what the contract does not name: COPY wants a place for every field. */
export function extraColumns(files: readonly ManifestFile[], columns: readonly StageColumn[]): string[] {
  const known = new Set(columns.map((c) => c.from));
  const most = Math.max(0, ...files.map((f) => f.columns?.filter((name) => !known.has(name)).length ?? 0));
  return Array.from({ length: most }, (_, i) => `_loadline_extra_${i + 1}`);
}
