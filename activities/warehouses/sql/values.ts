import { dateOf, dateTimeOf, timeOf, timestampOf } from './moments';

/**
 * How the text of a column becomes JSON that a warehouse reads as the value; `null` for text that is none. Read as PostgreSQL reads it,
 * so that a file is taken or refused alike wherever it is loaded.
 */
export type ValueReader = (text: string) => string | null;

/** The reader of a contract's type; `undefined`: any text is a value. */
export function valueReader(type: string, columnType: string): ValueReader | undefined {
  const base = /^[a-z]+/.exec(type)?.[0] ?? type;
  if (base === 'decimal') return marked(decimal(type));
  // A column of text takes the JSON as it is written, if it is any.
  if (base === 'json' && isText(columnType)) return (text) => json(text) && JSON.stringify(text);
  return readers[base];
}

/** Whether a column of this type keeps any text. */
export const isText = (columnType: string): boolean => /^(STRING|TEXT|VARCHAR|CHAR)/.test(columnType);

/** In JSON's marks, of which there are none within. */
const marked =
  (read: (text: string) => string | null): ValueReader =>
  (text) => {
    const value = read(text);
    return value === null ? null : `"${value}"`;
  };

const whole =
  (least: bigint, most: bigint): ValueReader =>
  (text) => {
    // A BigInt costs more than all the rest.
    if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return Number(text) < least || Number(text) > most ? null : `"${text}"`;
    if (!/^\s*[+-]?\d+\s*$/.test(text)) return null;
    const value = BigInt(text.trim().replace(/^\+/, ''));
    return value < least || value > most ? null : `"${value}"`;
  };

const readers: Readonly<Record<string, ValueReader>> = {
  smallint: whole(-(2n ** 15n), 2n ** 15n - 1n),
  integer: whole(-(2n ** 31n), 2n ** 31n - 1n),
  bigint: whole(-(2n ** 63n), 2n ** 63n - 1n),
  real: double((value) => Math.abs(value) < 3.4028236e38),
  double: double(() => true),
  boolean,
  date: marked(dateOf),
  time: marked(timeOf),
  timestamp: marked(dateTimeOf),
  timestamptz: marked(timestampOf),
  uuid: marked(uuid),
  json,
  bytes: marked(bytes),
};

const number = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,6}))?\s*$/i;

/** Exact: rounded to the digits of the type, half away from zero, and refused where there are too many before the point. */
function decimal(type: string): (text: string) => string | null {
  const [precision = 38, scale = 0] = (/\((.*)\)/.exec(type)?.[1] ?? '').split(',').map(Number);
  const plain = new RegExp(`^-?(?:0|[1-9]\\d{0,${precision - scale - 1}})${scale > 0 ? `\\.\\d{${scale}}` : ''}$`);
  return (text) => {
    if (precision > scale && plain.test(text) && !text.startsWith('-0')) return text;
    const found = number.exec(text);
    if (!found || !(found[2] || found[3])) return null;
    const digits = `${found[2]}${found[3] ?? ''}`;
    const point = found[2]!.length + Number(found[4] ?? 0) + scale;
    if (point > precision + digits.length + 1) return /[1-9]/.test(digits) ? null : '0';
    const kept = BigInt(digits.slice(0, Math.max(0, point)).padEnd(point < 0 ? 0 : point, '0') || '0');
    const up = point >= 0 && (digits[point] ?? '0') >= '5' ? 1n : 0n;
    const value = kept + up;
    if (value >= 10n ** BigInt(precision)) return null;
    const written = String(value).padStart(scale + 1, '0');
    const unsigned = scale === 0 ? written : `${written.slice(0, -scale)}.${written.slice(-scale)}`;
    return found[1] === '-' && value > 0n ? `-${unsigned}` : unsigned;
  };
}

function double(fits: (value: number) => boolean): ValueReader {
  return (text) => {
    const trimmed = text.trim();
    const special = /^([+-]?)(?:(inf(?:inity)?)|(nan))$/i.exec(trimmed);
    if (special) return special[3] ? '"NaN"' : special[1] === '-' ? '"-Infinity"' : '"Infinity"';
    const found = number.exec(trimmed);
    if (!found || !(found[2] || found[3])) return null;
    const value = Number(trimmed);
    if (!Number.isFinite(value) || !fits(value)) return null;
    // What is too small to be told from zero is no zero.
    if (value === 0 && /[1-9]/.test(`${found[2]}${found[3]}`)) return null;
    return `"${value}"`;
  };
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** The words, or the beginning of one that begins no other. */
function boolean(text: string): string | null {
  const word = text.trim().toLowerCase();
  if (word === '1' || word === '0') return word === '1' ? 'true' : 'false';
  if (word === '' || word === 'o') return null;
  const found = Object.keys(words).find((full) => full.startsWith(word));
  return found === undefined ? null : String(words[found]);
}

function uuid(text: string): string | null {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  const found = /^\{?((?:[0-9a-f]{4}-?){8})\}?$/i.exec(text);
  if (!found || text.startsWith('{') !== text.endsWith('}') || found[1]!.endsWith('-')) return null;
  const digits = found[1]!.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** As it is written, so that numbers keep their digits; on one line, as line ends within are between the marks only. */
function json(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text;
}

/** As PostgreSQL writes bytes: `\x` and digits of 16, or text with escapes of three digits of 8. */
function bytes(text: string): string | null {
  if (text.startsWith('\\x')) {
    const digits = text.slice(2).replace(/\s/g, '');
    return /^(?:[0-9a-f]{2})*$/i.test(digits) ? Buffer.from(digits, 'hex').toString('base64') : null;
  }
  if (/\\(?!\\|[0-3][0-7]{2})/.test(text.replaceAll('\\\\', ''))) return null;
  const escaped = text.split(/(\\\\|\\[0-7]{3})/);
  const parts = escaped.map((part, i) =>
    i % 2 === 0 ? Buffer.from(part) : Buffer.from([part === '\\\\' ? 92 : parseInt(part.slice(1), 8)]),
  );
  return Buffer.concat(parts).toString('base64');
}
