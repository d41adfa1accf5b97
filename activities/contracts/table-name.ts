import { targetIdentity } from '../../workflows/load-key';

/** A contract's `table`, taken apart. */
export interface TableName {
  readonly warehouse: string;
  /** `null`: the warehouse's default schema. */
  readonly schema: string | null;
  readonly table: string;
}

/** The prefix of names that Loadline keeps for itself. */
export const reservedPrefix = '_loadline_';

/** What {@link parseTableName} accepts, as words for a message. */
export const tableNameGrammar = 'warehouse/schema.table or warehouse/table, a dot inside a name written as %2E';

/**
 * Parses `warehouse/[schema.]table`; `null` when the text is none.
 *
 * @example
 * ```ts
 * parseTableName('analytics/public.orders'); // { warehouse: 'analytics', schema: 'public', table: 'orders' }
 * ```
 */
export function parseTableName(text: string): TableName | null {
  const match = /^([A-Za-z0-9_-]+)\/([^./\s][^./]*\.)?([^./\s][^./]*)$/.exec(text);
  if (!match) return null;
  const schema = match[2] === undefined ? null : decode(match[2].slice(0, -1));
  const table = decode(match[3]!);
  return schema === undefined || table === undefined ? null : { warehouse: match[1]!, schema, table };
}

/** What a contract says of its table, as the end of the table's catalogue identity: the database and perhaps the schema lack. */
export function endOfIdentity({ schema, table }: TableName): string {
  return targetIdentity('', schema ?? '', table)
    .split('.')
    .filter(Boolean)
    .join('.');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
