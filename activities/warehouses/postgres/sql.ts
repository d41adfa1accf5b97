import type { ColumnContract, Severity, TableContract } from '../../../workflows/table-contract';
import type { PartitionRange } from '../../../workflows/contract';

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

/** Why a row is set aside or fails: one expectation of one column. */
export interface RowCheck {
  readonly check: 'key' | 'notNull' | 'range';
  readonly column: string;
  readonly severity: Severity;
  /** True for rows that break the expectation; never NULL. */
  readonly broken: string;
}

/** The expectations that one row alone can break. */
export function rowChecks(contract: TableContract): RowCheck[] {
  return Object.entries(contract.columns).flatMap(([column, c]) => checksOf(column, c, contract));
}

function checksOf(column: string, c: ColumnContract, contract: TableContract): RowCheck[] {
  const severity = c.severity ?? 'fail';
  const checks: RowCheck[] = [];
  const isKey = contract.key?.includes(column) ?? false;
  const name = ident(column);
  if (isKey || c.notNull)
    checks.push({ check: isKey ? 'key' : 'notNull', column, severity, broken: `(${name} IS NULL)` });
  if (c.range) {
    const bounds = [
      c.range.min === undefined ? '' : `${name} < ${literal(String(c.range.min))}`,
      c.range.max === undefined ? '' : `${name} > ${literal(String(c.range.max))}`,
    ].filter(Boolean);
    if (bounds.length)
      checks.push({ check: 'range', column, severity, broken: `coalesce(${bounds.join(' OR ')}, false)` });
  }
  return checks;
}

/** True for rows that publish sets aside; `null` when the contract sets none aside. */
export function quarantinePredicate(contract: TableContract): string | null {
  const broken = rowChecks(contract).filter((c) => c.severity === 'quarantine');
  return broken.length ? `(${broken.map((c) => c.broken).join(' OR ')})` : null;
}

/** `WHERE` clause of the rows that publish will write, or nothing. */
export function whereGood(contract: TableContract, and = ''): string {
  const bad = quarantinePredicate(contract);
  const conditions = [bad && `NOT ${bad}`, and].filter(Boolean);
  return conditions.length ? ` WHERE ${conditions.join(' AND ')}` : '';
}

/** Adjacent ranges as one: a year of days is one condition, not 365. */
export function joinRanges(ranges: readonly PartitionRange[]): PartitionRange[] {
  const joined: PartitionRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && last.end === range.start) joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
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
