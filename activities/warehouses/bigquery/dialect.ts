import { raw, sql, type Dialect, type Sql } from '../sql/port';
import { bigQueryType, holds, tableOptions } from './types';

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '`': '\\`' };

/** Quotes an identifier. @throws when it is empty or holds a zero byte, which BigQuery has no name for */
export function ident(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('an identifier may not be empty nor hold a zero byte');
  // Within backticks the escapes of text apply.
  return `\`${name.replace(/[\\`\n\r]/g, (character) => escapes[character]!)}\``;
}

/** Text that BigQuery takes no parameter for, such as a message. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\']|\p{Cc}/gu, (c) =>
    c === '\\' || c === "'" ? `\\${c}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `'${escaped}'`;
}

/** A catalogue identity `project.dataset.table` as `` `project`.`dataset`.`table` ``. */
export const relation = (target: string): string => target.split('.').map(decodeURIComponent).map(ident).join('.');

/** Types whose values are equal exactly where `=` says so. */
const plain = /^(STRING|BYTES|INT64|NUMERIC|BIGNUMERIC|FLOAT64|BOOL|DATE|TIME|DATETIME|TIMESTAMP)(\(|$)/;

/** How BigQuery writes SQL: GoogleSQL. */
export const bigQueryDialect: Dialect = {
  ident,
  relation,
  type: bigQueryType,
  own: {
    text: 'STRING',
    integer: 'INT64',
    boolean: 'BOOL',
    timestamp: 'TIMESTAMP',
    json: 'JSON',
    texts: 'ARRAY<STRING>',
  },
  now: 'CURRENT_TIMESTAMP()',
  plusMs: (timestamp, ms) => `TIMESTAMP_ADD(${timestamp}, INTERVAL ${Math.trunc(ms)} MILLISECOND)`,
  msBetween: (from, to) => `TIMESTAMP_DIFF(${to}, ${from}, MILLISECOND)`,
  isoText: (timestamp) => `FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E3SZ', ${timestamp}, 'UTC')`,
  timestamp: (iso) => sql`CAST(${iso} AS TIMESTAMP)`,
  hex: (bytes) => `TO_HEX(${bytes})`,
  micros: (timestamp) => `UNIX_MICROS(${timestamp})`,
  // Numbers that a double does not hold are rounded to one: refusing the row for them would refuse valid JSON.
  parseJson: (json) => sql`PARSE_JSON(${json}, wide_number_mode=>'round')`,
  jsonText: (json) => `TO_JSON_STRING(${json})`,
  same: (a, b, type) =>
    plain.test(type)
      ? `(${a} IS NOT DISTINCT FROM ${b})`
      : `(TO_JSON_STRING(${a}) IS NOT DISTINCT FROM TO_JSON_STRING(${b}))`,
  rowKey: (columns) => `TO_HEX(SHA256(CONCAT(${columns.length ? columns.map(written).join(', ') : "''"})))`,
  jsonObject: (members) =>
    `CONCAT('{', ${members.map((m, i) => `${literal(`${i ? ',' : ''}${JSON.stringify(m.name)}:`)}, ${jsonOf(m)}`).join(', ')}, '}')`,
  // Of a TABLESAMPLE whole blocks would come, or none.
  sampled: (relation, share) => `(SELECT * FROM ${relation} WHERE RAND() < ${share.toFixed(8)})`,
  holds,
  tableOptions: (contract) => tableOptions(contract, ident),
  // As PostgreSQL's `~`: a point is any character.
  matches: (text: string, pattern: Sql) => sql`REGEXP_CONTAINS(${raw(text)}, CONCAT('(?s)', ${pattern}))`,
};

/** A value as JSON. BigQuery itself writes numbers of more digits than a double has as text. */
const jsonOf = ({ sql: value, type }: { readonly sql: string; readonly type: string }): string =>
  `COALESCE(${/^(INT64|NUMERIC|BIGNUMERIC)/.test(type) ? `CAST(${value} AS STRING)` : `TO_JSON_STRING(${value})`}, 'null')`;

/** A value so that it is told from NULL and from its neighbours: its length is written before it. */
function written({ sql: value, type }: { readonly sql: string; readonly type: string }): string {
  // Of the two zeros of a double there is one.
  const json = `TO_JSON_STRING(${value}${type.startsWith('FLOAT64') ? ' + 0' : ''})`;
  const text = type.startsWith('STRING') ? value : json;
  return `IF(${value} IS NULL, '-', CONCAT(CAST(CHAR_LENGTH(${text}) AS STRING), ':', ${text}))`;
}
