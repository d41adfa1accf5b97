import type { AuditedStage, PartitionRange } from '../../../workflows/contract';
import { reasonsColumn } from '../own-columns';
import { joinRanges } from '../publish-policy';

/** Quotes an identifier. @throws when it holds a zero byte, which PostgreSQL has no way to write */
export function ident(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('an identifier may not be empty nor hold a zero byte');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal, for the few places where PostgreSQL takes no parameter. */
export function literal(text: string): string {
  const escaped = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`;
}

/** `"a", "b"`, each prefixed by an alias where one is given. */
export function columnList(names: readonly string[], alias?: string): string {
  return names.map((name) => (alias ? `${alias}.${ident(name)}` : ident(name))).join(', ');
}

/** A catalogue identity `database.schema.table` as quoted `"schema"."table"`. */
export function relation(target: string): string {
  const [, schema = '', table = ''] = target.split('.').map(decodeURIComponent);
  return `${ident(schema)}.${ident(table)}`;
}

/** Rows whose key is equal in both tables. */
export function sameKey(key: readonly string[], left: string, right: string): string {
  return key.map((name) => `${left}.${ident(name)} = ${right}.${ident(name)}`).join(' AND ');
}

/** A stage whose rows to set aside are marked, if it has any. */
export type MarkedStage = Pick<AuditedStage, 'stage' | 'quarantined'>;

/** `WHERE` clause of the rows that publish will write, or nothing. */
export function whereGood({ quarantined }: MarkedStage, and = ''): string {
  const conditions = [quarantined > 0 && `${ident(reasonsColumn)} IS NULL`, and].filter(Boolean);
  return conditions.length ? ` WHERE ${conditions.join(' AND ')}` : '';
}

/** True for rows of `column` inside one of the ranges; never NULL. */
export function insideRanges(column: string, type: string, ranges: readonly PartitionRange[]): string {
  const bound = (at: string): string => `${literal(partitionBound(at, type))}::${type}`;
  const inside = joinRanges(ranges).map((r) => `(${column} >= ${bound(r.start)} AND ${column} < ${bound(r.end)})`);
  return `coalesce(${inside.join(' OR ')}, false)`;
}

/** An instant as the partition column's type reads it: dates and local timestamps are UTC. */
function partitionBound(instant: string, type: string): string {
  if (type === 'date') return instant.slice(0, 10);
  return type.includes('with time zone') ? instant : instant.replace('T', ' ').replace('Z', '');
}
