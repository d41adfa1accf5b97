import type { TableContract } from '../../workflows/table-contract';
import { parseColumnType } from '../contracts';
import { duckText } from '../sources/duck';

/** A condition that DuckDB reads as PostgreSQL does, or why it cannot be told. */
export type PortableSql = { readonly sql: string } | { readonly skipped: string };

const words = new Set(
  'and or not is null in between like ilike escape case when then else end true false distinct from date timestamp'.split(
    ' ',
  ),
);
const functions = new Set(
  'abs ceil ceiling floor mod lower upper length char_length character_length trim btrim ltrim rtrim left right replace substr substring strpos starts_with coalesce nullif greatest least'.split(
    ' ',
  ),
);
const operators = new Set(['=', '<>', '!=', '<', '<=', '>', '>=', '+', '-', '*', '%', '||', '(', ')', ',']);
const token = /\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|\d+(?:\.\d+)?|[A-Za-z_][\w$]*|<>|!=|<=|>=|\|\||[^\s]/gy;

/**
 * Takes a condition over the columns of a contract only if every word of it means the same to DuckDB: a `/`, a `~` or a
 * cast does not, and would be answered wrongly rather than not at all.
 */
export function portableSql(sql: string, contract: TableContract): PortableSql {
  const tokens = sql.match(token) ?? [];
  const parts: string[] = [];
  for (const [at, text] of tokens.entries()) {
    const next = tokens.slice(at + 1).find((one) => one.trim() !== '');
    const part = portable(text, next, contract);
    if (part === null) return { skipped: `it says ${text.slice(0, 40)}: needs the warehouse` };
    parts.push(part);
  }
  return { sql: parts.join('') };
}

function portable(text: string, next: string | undefined, contract: TableContract): string | null {
  if (text.trim() === '' || operators.has(text) || /^\d/.test(text)) return text.replace(/\s+/, ' ');
  // To LIKE a backslash says that the next character is meant, in PostgreSQL alone.
  if (text.startsWith("'") && text.includes('\\')) return null;
  if (text.startsWith("'")) return duckText(text.slice(1, -1).replaceAll("''", "'"));
  if (text.startsWith('"')) return columnOf(text.slice(1, -1).replaceAll('""', '"'), contract);
  const lower = text.toLowerCase();
  if (next === '(' && functions.has(lower)) return lower === 'btrim' ? 'trim' : lower;
  if (next?.startsWith("'") && !['date', 'timestamp'].includes(lower) && !words.has(lower)) return null;
  if (Object.hasOwn(contract.columns, lower) && next !== '(') return columnOf(lower, contract);
  return words.has(lower) ? lower : null;
}

function columnOf(name: string, { columns }: TableContract): string | null {
  const type = columns[name] && parseColumnType(columns[name].type)?.base;
  // Their operators and their text are each warehouse's own.
  if (type === undefined || type === 'json' || type === 'bytes') return null;
  return `v${Object.keys(columns).indexOf(name)}`;
}
