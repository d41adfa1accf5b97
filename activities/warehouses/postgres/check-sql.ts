import type { Check, CheckOf, RowCheck } from '../../../workflows/checks';
import type { AggregateCheck } from '../check-verdicts';
import { ident, literal } from './sql';

/** True for rows of {@link stageSql} that break a check; never NULL. */
export function brokenSql(check: RowCheck): string {
  switch (check.kind) {
    case 'key':
    case 'notNull':
      return `(${ident(check.column)} IS NULL)`;
    case 'range':
      return outside(ident(check.column), check, literal);
    case 'accepted':
      // Without a type of their own the values get the column's.
      return `coalesce(${ident(check.column)} NOT IN (${check.accepted.map((v) => literal(String(v))).join(', ')}), false)`;
    case 'pattern':
      // In another collation \d and \w are more than ASCII.
      return `coalesce((${ident(check.column)}::text COLLATE "C") !~ ${literal(`^(?:${check.pattern})$`)}, false)`;
    case 'length':
      return outsideLength(`${ident(check.column)}::text`, check);
    case 'sql':
      return `NOT coalesce((${check.sql}), true)`;
    case 'references':
      return `(${missing(check)}._loadline_row IS NOT NULL)`;
  }
}

type Bounds = { readonly min?: number | string; readonly max?: number | string };

function outside(value: string, { min, max }: Bounds, write: (bound: string) => string): string {
  const bounds = [
    min === undefined ? '' : `${value} < ${write(String(min))}`,
    max === undefined ? '' : `${value} > ${write(String(max))}`,
  ].filter(Boolean);
  return `coalesce(${bounds.join(' OR ')}, false)`;
}

const bytesOfCharacter = 4;

/** Characters are counted only where the bytes, which are known without reading the text, leave it open. */
function outsideLength(text: string, { min, max }: CheckOf<'length'>): string {
  const is = (sign: '<' | '>', bytes: number, characters: number): string =>
    `octet_length(${text}) ${sign} ${bytes} AND char_length(${text}) ${sign} ${characters}`;
  const bounds = [
    min === undefined ? '' : is('<', min * bytesOfCharacter, min),
    max === undefined ? '' : is('>', max, max),
  ].filter(Boolean);
  return `coalesce(${bounds.join(' OR ')}, false)`;
}

/** The rows that a check misses in the table that it refers to, as a relation. */
const missing = ({ name }: CheckOf<'references'>): string => ident(`_loadline_${name}`);

/** The tables that a contract refers to, as quoted names by how the contract writes them. */
export type Relations = ReadonlyMap<string, string>;

/** True for rows of the alias that have no counterpart in the table that a check refers to. */
export function hasNone({ columns, table, to }: CheckOf<'references'>, relations: Relations, alias: string): string {
  const whole = columns.map((name) => `${alias}.${ident(name)} IS NOT NULL`);
  const same = columns.map((name, i) => `_loadline_r.${ident(to[i]!)} = ${alias}.${ident(name)}`);
  return `${whole.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${relations.get(table)!} _loadline_r WHERE ${same.join(' AND ')})`;
}

/**
 * A stage with what its checks need beside it. What is missing elsewhere is a join of its own, which the server plans by
 * the sizes of the tables: asked row by row, a table without an index would be read for each.
 */
export function stageSql(stage: string, checks: readonly Check[], relations: Relations): string {
  const joins = checks
    .filter((c) => c.kind === 'references')
    .map(
      (
        c,
      ) => ` LEFT JOIN (SELECT m.ctid AS _loadline_row FROM ${stage} m WHERE ${hasNone(c, relations, 'm')}) ${missing(c)}
        ON ${missing(c)}._loadline_row = s.ctid`,
    );
  return `${stage} s${joins.join('')}`;
}

/** True for rows that break one of some checks; `null` where there is none. */
export function anyBroken(checks: readonly RowCheck[]): string | null {
  return checks.length ? `(${checks.map(brokenSql).join(' OR ')})` : null;
}

/**
 * What an aggregate check asks of rows: of `freshness` the age of the newest value in seconds before `at`; of `sum` -1
 * below the bounds, 1 above them, 0 between.
 */
export function aggregateSql(check: AggregateCheck, at: string): string {
  const column = ident(check.column);
  if (check.kind === 'freshness') return `extract(epoch FROM ${at}) - extract(epoch FROM max(${column})::timestamptz)`;
  const total = `coalesce(sum(${column}), 0)::numeric`;
  const side = (bound: number | string | undefined, sign: string, answer: string): string =>
    bound === undefined ? '' : ` WHEN ${total} ${sign} ${literal(String(bound))}::numeric THEN ${answer}`;
  return `CASE${side(check.min, '<', '-1')}${side(check.max, '>', '1')} ELSE 0 END`;
}

/** The end of the load's interval, or now: whichever is earlier. */
export const seenFrom = (end: string | undefined): string =>
  end === undefined ? 'now()' : `least(now(), ${literal(end)}::timestamptz)`;
