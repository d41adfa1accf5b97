import type { TableContract } from '../../../workflows/table-contract';
import { reasonsColumn } from '../own-columns';
import { maskedKey } from '../quarantine-policy';
import { ident, literal } from './sql';

/** Stands for a value that is kept nowhere. */
const mask = '***';

/** A row of this alias as the quarantine keeps it: of masked columns it tells only whether there was a value. */
export function keptRow({ columns }: TableContract, alias: string): string {
  const masked = Object.keys(columns).filter((name) => columns[name]!.masked);
  const row = `to_jsonb(${alias}.*) - ${literal(reasonsColumn)}`;
  if (!masked.length) return row;
  const names = `ARRAY[${masked.map(literal).join(', ')}]::text[]`;
  const masks = masked.map((name) => `CASE WHEN ${alias}.${ident(name)} IS NOT NULL THEN '${mask}' END`);
  return `${row} || jsonb_object(${names}, ARRAY[${masks.join(', ')}]::text[]) || jsonb_build_object('${maskedKey}', ${names})`;
}
