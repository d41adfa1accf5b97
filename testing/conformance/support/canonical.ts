/** Stands for NULL, which no text of a value is. */
export const nothing = '∅';

/** A value's text in one form, so that warehouses that write it differently compare equal. */
export function canonical(type: string, text: string | null): string {
  if (text === null) return nothing;
  const base = /^[a-z]+/.exec(type)?.[0] ?? type;
  switch (base) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'decimal':
      return plainDecimal(text);
    case 'real':
      return String(Math.fround(Number(text)));
    case 'double':
      return String(Number(text));
    case 'boolean':
      return /^(t|true|1)$/i.test(text) ? 'true' : 'false';
    case 'time':
      return fraction(text);
    case 'timestamp':
      return fraction(text.replace(' ', 'T').replace(/(Z|[+]00(:?00)?)$/, ''));
    case 'timestamptz':
      return `${fraction(text.replace(/ ?(UTC|Z|[+]00(:?00)?)$/, '').replace(' ', 'T'))}Z`;
    case 'uuid':
      return text.toLowerCase();
    case 'bytes':
      return text.replace(/^\\x/, '').toLowerCase();
    case 'json':
      return JSON.stringify(sorted(JSON.parse(text)));
    default:
      return text;
  }
}

/** Without an exponent, a sign of plus, or zeros that say nothing. */
function plainDecimal(text: string): string {
  const [, sign = '', whole = '', digits = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text.trim()) ?? [];
  if (whole + digits === '') return text;
  const shift = Number(power);
  const all = whole + digits;
  const point = whole.length + shift;
  const padded = point <= 0 ? '0'.repeat(1 - point) + all : all.padEnd(point, '0');
  const at = Math.max(point, 1);
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const value = right === '' ? left : `${left}.${right}`;
  return sign === '-' && value !== '0' ? `-${value}` : value;
}

/** Seconds are always told, and fractions to their last digit. */
function fraction(text: string): string {
  const whole = /\d\d:\d\d$/.test(text) && !/\d\d:\d\d:\d\d/.test(text) ? `${text}:00` : text;
  return whole.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
