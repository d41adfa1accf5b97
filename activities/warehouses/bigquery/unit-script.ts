import { createHash } from 'node:crypto';
import type { Unit } from '../sql/port';
import type { QueryParameter } from './api';
import { ident, literal } from './dialect';
import { Text } from './parameters';

/** A unit as one script. */
export interface UnitScript {
  readonly query: string;
  readonly queryParameters: readonly QueryParameter[];
  /** Tells one text with its values from another. */
  readonly hash: string;
}

/** A message that a script fails with, with what was in the way: a guard's code, or a lock's place. */
const message = (kind: 'guard' | 'lock', what: string): string =>
  literal(`loadline:${kind}:${encodeURIComponent(what).replaceAll("'", '%27')}`);

/**
 * Writes a unit as a script: counters, one transaction, and a query of the counters.
 *
 * There is no handler: a script that fails takes its open transaction back, one that handles the error would have to do so itself.
 */
export function unitScript(unit: Unit): UnitScript {
  const text = new Text();
  const counters = unit.statements.map((_, i) => `_loadline_n${i}`);
  const lines = [
    ...(counters.length ? [`DECLARE ${counters.join(', ')} INT64 DEFAULT 0;`] : []),
    'BEGIN TRANSACTION;',
    ...unit.locks.flatMap(({ sql }, i) => [
      `${text.of(sql)};`,
      `IF @@row_count = 0 THEN RAISE USING MESSAGE = ${message('lock', String(i))}; END IF;`,
    ]),
    ...unit.guards.map(
      ({ code, holds }) =>
        `IF NOT COALESCE((${text.of(holds)}), FALSE) THEN RAISE USING MESSAGE = ${message('guard', code)}; END IF;`,
    ),
    ...unit.statements.flatMap(({ kind, sql }, i) =>
      kind === 'number'
        ? [`SET ${counters[i]} = (${text.of(sql)});`]
        : [`${text.of(sql)};`, `SET ${counters[i]} = @@row_count;`],
    ),
    'COMMIT TRANSACTION;',
    `SELECT ${counters.map((name, i) => `${name} AS n${i}`).join(', ') || '1 AS done'};`,
  ];
  const query = lines.join('\n');
  return { query, queryParameters: text.parameters, hash: hashOf(query, text.parameters) };
}

/** Equal for equal texts with equal values, and short enough for a label. */
export const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);

/** What a script of a unit says that it has failed for; `null`: for none of its own reasons. */
export function refusalOf(said: string): { readonly kind: 'guard' | 'lock'; readonly what: string } | null {
  const found = /loadline:(guard|lock):([A-Za-z0-9%_.!~*()-]*)/.exec(said);
  return found && { kind: found[1] as 'guard' | 'lock', what: decodeURIComponent(found[2]!) };
}

/** The counters of a script by the names of its statements. */
export function countersOf(unit: Unit, row: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(unit.statements.map(({ name }, i) => [name, Number(row[`n${i}`] ?? 0)]));
}

/** The stage of a name as a place for jobs: what {@link ident} has quoted, taken apart. */
export function partsOfQuoted(quoted: string): string[] {
  const parts = quoted.match(/`(?:\\.|[^`\\])+`/g) ?? [];
  const names = parts.map((part) => part.slice(1, -1).replace(/\\(.)/g, (_, c: string) => unescaped[c] ?? c));
  if (names.map(ident).join('.') !== quoted)
    throw new TypeError('a table is written as its quoted names, with points between');
  return names;
}

const unescaped: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
