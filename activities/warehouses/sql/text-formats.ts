import type { ColumnContract } from '../../../workflows/table-contract';
import {
  decimalComma,
  fieldPatterns,
  literally,
  parseColumnFormat,
  type ColumnTypeName,
  type PatternField,
  type PatternPart,
} from '../../contracts';
import { baseType } from './columns';

/** Reads the text of a column by its format, into text that every warehouse reads by itself; `null`: it is of another form. */
export type TextReader = (text: string) => string | null;

/** The reader of a column's format. */
export function textReader(column: ColumnContract): TextReader {
  const base = baseType(column.type);
  const format = parseColumnFormat(column.format ?? 'iso', base as ColumnTypeName) ?? { kind: 'iso' };
  switch (format.kind) {
    case 'iso':
      return base === 'bytes' ? (text) => text.replace(/^\\x/, '') : (text) => text;
    case 'decimal-comma': {
      const form = new RegExp(decimalComma);
      return (text) => (form.test(text) ? text.replaceAll('.', '').replace(',', '.') : null);
    }
    case 'epoch':
      return (text) => epochText(text, format.unit, base);
    case 'words': {
      const [yes, no] = [format.yes.toLowerCase(), format.no.toLowerCase()];
      return (text) => (text.toLowerCase() === yes ? 'true' : text.toLowerCase() === no ? 'false' : null);
    }
    case 'pattern':
      return patternReader(format.parts, base);
  }
}

/** By whole microseconds: a double would lose them. */
function epochText(text: string, unit: 'seconds' | 'millis', base: string): string | null {
  const found = /^(-?)(\d{1,16})(?:\.(\d+))?$/.exec(text);
  if (!found) return null;
  const digits = unit === 'seconds' ? 6 : 3;
  const fraction = (found[3] ?? '').padEnd(digits + 1, '0');
  const exact = BigInt(found[2]! + fraction.slice(0, digits)) + (fraction[digits]! >= '5' ? 1n : 0n);
  const micros = found[1] === '-' ? -exact : exact;
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const rest = micros - seconds * 1_000_000n;
  const at = new Date(Number(seconds) * 1_000);
  if (Number.isNaN(at.getTime())) return null;
  const iso = at.toISOString();
  return base === 'date'
    ? iso.slice(0, 10)
    : `${iso.slice(0, 19).replace('T', ' ')}.${String(rest).padStart(6, '0')}${base === 'timestamptz' ? '+00:00' : ''}`;
}

const groups: Readonly<Record<PatternField, string>> = {
  yyyy: 'year',
  MMM: 'monthName',
  MM: 'month',
  M: 'month',
  dd: 'day',
  d: 'day',
  HH: 'hour',
  H: 'hour',
  hh: 'hour12',
  h: 'hour12',
  mm: 'minute',
  ss: 'second',
  SSS: 'fraction',
  SSSSSS: 'fraction',
  a: 'half',
  ZZ: 'zone',
};
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function patternReader(parts: readonly PatternPart[], base: string): TextReader {
  const expression = new RegExp(
    `^${parts.map((p) => ('field' in p ? `(?<${groups[p.field]}>${fieldPatterns[p.field]})` : literally(p.literal))).join('')}$`,
  );
  return (text) => {
    const found = expression.exec(text)?.groups;
    return found ? isoOf(found, base) : null;
  };
}

/** `null` where the fields are no date, as of the 31st of February. */
function isoOf(found: Readonly<Record<string, string | undefined>>, base: string): string | null {
  const month = found['monthName'] ? months.indexOf(found['monthName'].toLowerCase()) + 1 : Number(found['month'] ?? 1);
  const [year, day] = [Number(found['year'] ?? 1), Number(found['day'] ?? 1)];
  const late = found['half']?.toLowerCase() === 'pm' ? 12 : 0;
  const hour = found['hour12'] === undefined ? Number(found['hour'] ?? 0) : (Number(found['hour12']) % 12) + late;
  const [minute, second] = [Number(found['minute'] ?? 0), Number(found['second'] ?? 0)];
  const at = new Date(Date.UTC(2000, month - 1, day));
  at.setUTCFullYear(year, month - 1, day);
  if (month < 1 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return null;
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}${found['fraction'] ? `.${found['fraction']}` : ''}`;
  if (base === 'date') return date;
  if (base === 'time') return time;
  return `${date} ${time}${base === 'timestamptz' ? (found['zone'] ?? '+00:00') : ''}`;
}
