import { duckName, duckText, parquetRelation } from './duck';
import { asJson } from './nested-json';
import type { ParquetColumn } from './parquet-facts';

/**
 * The COPY that writes columns as CSV which PostgreSQL reads back exactly: NULL is an unquoted empty field, text is
 * always quoted, so that neither the empty text nor `\.` is mistaken. Times keep the digits of the file: nanoseconds
 * arrive as nine digits, and the warehouse decides whether to round them.
 */
export function copyAsCsv(local: string, columns: readonly ParquetColumn[], to: string): string {
  const outputs = columns.map((column, index) => ({ ...asText(column), as: `c${index}` }));
  const list = outputs.map(({ sql, as }) => `${sql} AS ${as}`).join(', ');
  const quoted = outputs.filter(({ quote }) => quote).map(({ as }) => as);
  return (
    `COPY (SELECT ${list} FROM ${parquetRelation(local)}) TO ${duckText(to)} ` +
    `(FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', USE_TMP_FILE false` +
    `${quoted.length ? `, FORCE_QUOTE (${quoted.join(', ')})` : ''})`
  );
}

const plain = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(|BOOLEAN|UUID|TIME$|TIME WITH|INTERVAL)/;
const nested = /\[\d*\]$|^(STRUCT|MAP|UNION)\(/;

function asText({ duckName: name, duckType: type }: ParquetColumn): { sql: string; quote: boolean } {
  const column = duckName(name);
  if (nested.test(type)) return { sql: asJson(column, type), quote: true };
  if (type === 'BLOB') return { sql: `'\\x' || hex(${column})`, quote: true };
  if (type === 'DATE' || type.startsWith('TIMESTAMP')) return { sql: withEra(column, type), quote: false };
  if (plain.test(type)) return { sql: column, quote: false };
  return { sql: `${column}::VARCHAR`, quote: true };
}

/** DuckDB writes years before Christ as `0044-03-15 (BC) 01:02:03`, PostgreSQL reads `0044-03-15 01:02:03 BC`. */
function withEra(column: string, type: string): string {
  // Nanoseconds in 64 bits reach back to 1677 only.
  if (type === 'TIMESTAMP_NS') return column;
  const before = `${column} < ${type === 'DATE' ? 'DATE' : 'TIMESTAMP'} '0001-01-01' AND isfinite(${column})`;
  const text = `${column}::VARCHAR`;
  return `CASE WHEN ${before} THEN replace(${text}, ' (BC)', '') || ' BC' ELSE ${text} END`;
}
