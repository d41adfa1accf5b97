import { sql, raw, type Dialect } from '../sql/port';
import { holds, snowflakeType } from './types';

/** Quotes an identifier. @throws when it holds a zero byte */
export function ident(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('an identifier may not be empty nor hold a zero byte');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

const isText = (type: string): boolean => /^(TEXT|VARCHAR|CHAR|STRING)/.test(type);

/** A value as text that is equal exactly where the values are. */
function exactText({ sql: value, type }: { readonly sql: string; readonly type: string }): string {
  if (isText(type)) return value;
  if (/^(VARIANT|OBJECT|ARRAY)/.test(type)) return `TO_JSON(${value})`;
  if (type.startsWith('BINARY')) return `HEX_ENCODE(${value})`;
  return `CAST(${value} AS VARCHAR)`;
}

export const snowflakeDialect: Dialect = {
  ident,
  relation: (target) => target.split('.').map(decodeURIComponent).map(ident).join('.'),
  type: snowflakeType,
  own: {
    text: 'VARCHAR',
    integer: 'NUMBER(38,0)',
    boolean: 'BOOLEAN',
    timestamp: 'TIMESTAMP_TZ',
    json: 'VARIANT',
    texts: 'ARRAY',
  },
  now: 'CURRENT_TIMESTAMP()',
  plusMs: (timestamp, ms) => `DATEADD('millisecond', ${Math.round(ms)}, ${timestamp})`,
  msBetween: (from, to) => `DATEDIFF('millisecond', ${from}, ${to})`,
  isoText(timestamp) {
    const utc = `CONVERT_TIMEZONE('UTC', ${timestamp})`;
    return `TO_CHAR(${utc}, 'YYYY-MM-DD') || 'T' || TO_CHAR(${utc}, 'HH24:MI:SS.FF3') || 'Z'`;
  },
  timestamp: (iso) => sql`CAST(${iso} AS TIMESTAMP_TZ)`,
  hex: (bytes) => `HEX_ENCODE(${bytes})`,
  micros: (timestamp) => `DATE_PART(EPOCH_MICROSECOND, ${timestamp})`,
  parseJson: (json) => sql`PARSE_JSON(${json})`,
  jsonText: (json) => `TO_JSON(${json})`,
  same: (a, b) => `(${a} IS NOT DISTINCT FROM ${b})`,
  // With its length before each value, so that no two rows look alike by where one value ends.
  rowKey(columns) {
    const parts = columns.map((column) => {
      const text = exactText(column);
      return `COALESCE(CAST(LENGTH(${text}) AS VARCHAR) || ':' || ${text}, '-')`;
    });
    return parts.join(` || ',' || `);
  },
  // Matched as a whole here, whatever the pattern says.
  matches: (text, pattern) => sql`REGEXP_LIKE(${raw(text)}, '.*(' || ${pattern} || ').*', 's')`,
  jsonObject(members) {
    const pairs = members.map(
      ({ name, sql: value, type }) =>
        `${literal(name)}, ${/^TIME|^DATE|^BINARY/.test(type) ? exactText({ sql: value, type }) : value}`,
    );
    return `TO_JSON(OBJECT_CONSTRUCT_KEEP_NULL(${pairs.join(', ')}))`;
  },
  sampled: (relation, share) => `(SELECT * FROM ${relation} SAMPLE BERNOULLI (${(share * 100).toFixed(6)}))`,
  holds,
};
