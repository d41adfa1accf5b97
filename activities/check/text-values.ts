import type { ColumnType } from '../contracts';
import { matches, trimmed, when, type ValueReading } from './value-reading';
import { moment, time } from './text-moments';

/** The reading of a type's text. */
export function valueReading({ base, precision, scale }: ColumnType, raw: string): ValueReading {
  switch (base) {
    case 'text':
      return { type: 'VARCHAR', value: raw };
    case 'smallint':
    case 'integer':
    case 'bigint':
      return whole(base.toUpperCase(), trimmed(raw));
    case 'decimal':
      return decimal(`DECIMAL(${precision},${scale})`, trimmed(raw));
    case 'real':
      return floating('FLOAT', trimmed(raw));
    case 'double':
      return floating('DOUBLE', trimmed(raw));
    case 'boolean':
      return boolean(trimmed(raw));
    case 'uuid':
      return uuid(raw);
    case 'json':
      return json(raw);
    case 'bytes':
      return bytes(raw);
    case 'time':
      return time(trimmed(raw));
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return moment(base, trimmed(raw));
  }
}

const number = '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?';
/** Since PostgreSQL 16: other bases, and digits in groups. */
const newNumber = '[+-]?(0[xXoObB]_?[0-9a-fA-F]+(_[0-9a-fA-F]+)*|[0-9]+(_[0-9]+)+([.eE][0-9_.eE+-]*)?)';
/** DuckDB takes no plus sign everywhere. */
const unsigned = (text: string): string => `ltrim(${text}, '+')`;

function whole(type: string, text: string): ValueReading {
  const plain = matches(text, '[+-]?[0-9]+');
  return {
    type,
    value: when(plain, `TRY_CAST(${unsigned(text)} AS ${type})`),
    unsure: `(NOT ${plain} AND ${matches(text, newNumber)} AND NOT ${matches(text, number)})`,
  };
}

function decimal(type: string, text: string): ValueReading {
  const plain = matches(text, number);
  const digits = `CASE WHEN contains(lower(${text}), 'e') THEN ${withoutExponent(text)} ELSE ${text} END`;
  return {
    type,
    value: when(plain, `TRY_CAST(${unsigned(digits)} AS ${type})`),
    unsure: `(NOT ${plain} AND ${matches(text, newNumber)})`,
    nan: `(lower(${text}) = 'nan')`,
  };
}

/** A number such as `1.5e-3` as `0.0015`: DuckDB rounds what has an exponent at each of its digits. */
function withoutExponent(text: string): string {
  const part = (group: number): string =>
    `regexp_extract(lower(${text}), '^([+-]?)([0-9]*)\\.?([0-9]*)e([+-]?[0-9]+)$', ${group})`;
  const digits = `(${part(2)} || ${part(3)})`;
  // Beyond this everything is nothing, or too much.
  const exponent = `least(greatest(coalesce(TRY_CAST(ltrim(${part(4)}, '+') AS INTEGER), 0), -500), 500)`;
  const point = `(len(${part(2)}) + ${exponent})`;
  const padded = `(repeat('0', 500 - least(500, ${point}) + 1) || ${digits} || repeat('0', greatest(0, ${point} - len(${digits}))))`;
  return `(${part(1)} || left(${padded}, (501 - least(500, ${point}) + ${point})::BIGINT) || '.' || substr(${padded}, (502 - least(500, ${point}) + ${point})::BIGINT))`;
}

function floating(type: string, text: string): ValueReading {
  const plain = matches(text, number);
  const cast = `TRY_CAST(${unsigned(text)} AS ${type})`;
  // Too large and too small are both refused.
  const lost = `(isinf(${cast}) OR (${cast} = 0 AND regexp_matches(split_part(lower(${text}), 'e', 1), '[1-9]')))`;
  const word = matches(text, '(?i)([+-]?(inf|infinity|nan))');
  const named = `CAST(CASE WHEN contains(lower(${text}), 'nan') THEN 'nan' WHEN ${text} LIKE '-%' THEN '-inf' ELSE 'inf' END AS ${type})`;
  return {
    type,
    value: `CASE WHEN ${plain} THEN CASE WHEN NOT ${lost} THEN ${cast} END WHEN ${word} THEN ${named} END`,
    unsure: matches(text, '(?i)[+-]?0x[0-9a-f.]+(p[+-]?[0-9]+)?'),
  };
}

function boolean(text: string): ValueReading {
  const is = (words: string): string => matches(text, `(?i)(${words})`);
  return {
    type: 'BOOLEAN',
    value: `CASE WHEN ${is('t|tr|tru|true|y|ye|yes|on|1')} THEN true WHEN ${is('f|fa|fal|fals|false|n|no|of|off|0')} THEN false END`,
  };
}

function uuid(raw: string): ValueReading {
  const digits = '([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}';
  return {
    type: 'UUID',
    value: when(
      matches(raw, `(${digits}|\\{${digits}\\})`),
      `TRY_CAST(regexp_replace(${raw}, '[{}-]', '', 'g') AS UUID)`,
    ),
  };
}

function json(raw: string): ValueReading {
  const texts = '("([^"\\\\]|\\\\.)*")';
  // DuckDB's own: NaN, infinity, and a comma before a closing bracket. A zero byte has no place in a jsonb.
  const own = `regexp_matches(regexp_replace(${raw}, '${texts}', '""', 'g'), '(?i)nan|inf|,\\s*[\\]}]|/')`;
  return {
    type: 'VARCHAR',
    value: when(
      `json_valid(${raw}) AND NOT ${own} AND NOT regexp_matches(${raw}, '(^|[^\\\\])(\\\\\\\\)*\\\\u(0000|[dD][89a-fA-F])')`,
      `regexp_replace(${raw}, '${texts}|\\s+', '\\1', 'g')`,
    ),
    unsure: `(json_valid(${raw}) AND regexp_matches(${raw}, '\\\\u[dD][89a-fA-F]'))`,
  };
}

function bytes(raw: string): ValueReading {
  const hex = matches(raw, '\\\\x(\\s*[0-9a-fA-F]{2})*\\s*');
  const plain = `NOT contains(${raw}, '\\')`;
  return {
    type: 'BLOB',
    value: `CASE WHEN ${hex} THEN unhex(regexp_replace(substr(${raw}, 3), '\\s', '', 'g')) WHEN ${plain} THEN encode(${raw}) END`,
    unsure: matches(raw, '([^\\\\]|\\\\\\\\|\\\\[0-3][0-7][0-7])*'),
  };
}
