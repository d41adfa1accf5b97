import { parse } from 'csv-parse/sync';
import { DateTime } from 'luxon';
import type { Profile } from '../../../../activities/profile';
import type { ColumnContract } from '../../../../workflows/table-contract';

/** The rows of a text file as its contract means them, read by other hands than ours. One text a row, sorted. */
export function rowsInFile(text: string, { contract, source }: Profile): string[] {
  const {
    delimiter = source.csv === undefined && text.split('\n')[0]!.includes('\t') ? '\t' : ',',
    quote = '"',
    header = true,
  } = source.csv ?? {};
  const empty = Symbol('a field without quotes and without text');
  const records = parse(text, {
    bom: true,
    delimiter,
    quote,
    escape: source.csv?.escape ?? quote,
    skip_empty_lines: false,
    cast: (value, { quoting }) => (value === '' && !quoting ? (empty as unknown as string) : value),
  }) as unknown as (string | symbol)[][];
  const names = header ? (records.shift() ?? []).map((name) => (typeof name === 'symbol' ? '' : name)) : null;
  const columns = Object.entries(contract.columns);
  return sorted(
    records.map((record) =>
      columns.map(([name, column], index) => {
        const value = record[names ? names.indexOf(column.from ?? name) : index];
        return value === undefined || typeof value === 'symbol' ? null : meant(value, column);
      }),
    ),
  );
}

/** Rows of the table, in the same form. */
export function rowsInTable(rows: readonly Record<string, string | null>[], { contract }: Profile): string[] {
  const columns = Object.entries(contract.columns);
  return sorted(
    rows.map((row) =>
      columns.map(([name, { type }]) => {
        const value = row[name] ?? null;
        return value === null ? null : meant(value, { type });
      }),
    ),
  );
}

const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort();

function meant(text: string, { type, format }: ColumnContract): unknown {
  if (type.startsWith('decimal')) return canonicalNumber(format ? text.replaceAll('.', '').replace(',', '.') : text);
  switch (type) {
    case 'integer':
    case 'bigint':
      return String(BigInt(text));
    case 'double':
      return Number(text);
    case 'boolean':
      return ['true', 't', 'yes', 'y', ...(format ? [format.split('/')[0]!] : [])].includes(text.toLowerCase());
    case 'uuid':
      return text.toLowerCase();
    case 'json':
      return JSON.parse(text);
    case 'date':
      return moment(text, format).toFormat('yyyy-MM-dd');
    case 'timestamp':
      return moment(text, format).toFormat('yyyy-MM-dd HH:mm:ss.SSS');
    case 'timestamptz':
      return moment(text, format).toUTC().toISO();
    case 'time':
      return text.length === 5 ? `${text}:00` : text;
    default:
      return text;
  }
}

function moment(text: string, format: string | undefined): DateTime {
  const options = { zone: 'UTC', locale: 'en' };
  const iso = text
    .replace(' ', 'T')
    .replace(/ ?UTC$/, 'Z')
    .replace(/(:\d\d(?:\.\d+)?[+-]\d\d)$/, '$1:00');
  const read = {
    'epoch-seconds': () => DateTime.fromSeconds(Number(text), options),
    'epoch-millis': () => DateTime.fromMillis(Number(text), options),
    '': () => DateTime.fromISO(iso, options),
  }[format ?? ''];
  const found = read ? read() : DateTime.fromFormat(text, format!, options);
  if (!found.isValid) throw new Error(`${text} is no moment: ${found.invalidExplanation}`);
  return found;
}

function canonicalNumber(text: string): string {
  const [, sign, whole = '', fraction = ''] = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text)!;
  return `${sign === '-' ? '-' : ''}${whole || '0'}${fraction && `.${fraction}`}`;
}
