import type { ColumnFormat, PatternField } from './column-format';

/** The text that a field of a date pattern may be, as a regular expression of POSIX and of JavaScript. */
export const fieldPatterns: Readonly<Record<PatternField, string>> = {
  yyyy: '\\d{4}',
  MMM: '[A-Za-z]{3}',
  MM: '(?:0[1-9]|1[0-2])',
  M: '(?:0?[1-9]|1[0-2])',
  dd: '(?:0[1-9]|[12]\\d|3[01])',
  d: '(?:0?[1-9]|[12]\\d|3[01])',
  HH: '\\d{2}',
  H: '\\d{1,2}',
  hh: '\\d{2}',
  h: '\\d{1,2}',
  mm: '\\d{2}',
  ss: '\\d{2}',
  SSS: '\\d{3}',
  SSSSSS: '\\d{6}',
  a: '[AaPp][Mm]',
  ZZ: '[+-](?:0\\d|1[0-5]):[0-5]\\d',
};

/** A number with a comma before its decimals, and points or nothing between its thousands. */
export const decimalComma = '^[+-]?(\\d{1,3}(\\.\\d{3})+|\\d+)(,\\d+)?$';

/** A POSIX expression that text matches which is well formed by a format. */
export function formatPattern(format: Exclude<ColumnFormat, { kind: 'iso' }>): string {
  switch (format.kind) {
    case 'decimal-comma':
      return decimalComma;
    case 'epoch':
      return '^-?\\d{1,16}(\\.\\d+)?$';
    case 'words':
      return `(?i)^(${literally(format.yes)}|${literally(format.no)})$`;
    case 'pattern':
      return `^${format.parts.map((p) => ('field' in p ? fieldPatterns[p.field] : literally(p.literal))).join('')}$`;
  }
}

/** Text as an expression that only this text matches. */
export const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
