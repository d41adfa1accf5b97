import { familyOf, type ColumnTypeName } from './column-type';
import { show, type Refusal } from './zod-issue';

/** Whether the values of a type have an order that a range can speak of. Text has none that all warehouses share. */
export function isOrdered(base: ColumnTypeName): boolean {
  return ['number', 'moment', 'time'].includes(familyOf(base));
}

/** What a bound of a range looks like for a type, as words for a message. */
export function boundFor(base: ColumnTypeName): string {
  if (familyOf(base) === 'number') return 'a number, or a number as text';
  return {
    date: 'an ISO date such as 2026-01-31',
    time: 'a time such as 05:00 or 05:00:00',
    timestamp: 'an ISO date and time without zone, such as 2026-01-31T05:00:00',
    timestamptz: 'an ISO instant with Z or an offset, such as 2026-01-31T05:00:00Z',
  }[base as 'date' | 'time' | 'timestamp' | 'timestamptz'];
}

/** Whether a value is a bound of this type. */
export function isBound(value: number | string, base: ColumnTypeName): boolean {
  if (familyOf(base) === 'number') return typeof value === 'number' ? Number.isFinite(value) : decimal.test(value);
  if (typeof value === 'number') return false;
  const shape = { date, time, timestamp, timestamptz }[base as 'date' | 'time' | 'timestamp' | 'timestamptz'];
  return shape.test(value) && (base === 'time' || isRealDate(value));
}

/** Orders two bounds of a type: negative when the first is smaller. */
function compareBounds(a: number | string, b: number | string, base: ColumnTypeName): number {
  if (familyOf(base) !== 'number') return base === 'time' ? Number(a > b) - Number(a < b) : utc(a) - utc(b);
  const whole = [a, b].every((bound) => /^-?\d+$/.test(String(bound)));
  if (!whole) return Number(a) - Number(b);
  const [x, y] = [BigInt(a), BigInt(b)];
  return Number(x > y) - Number(x < y);
}

/** What is wrong with inclusive bounds on values of a type. */
export function checkBounds(
  at: readonly PropertyKey[],
  { min, max }: { readonly min?: number | string | undefined; readonly max?: number | string | undefined },
  base: ColumnTypeName,
): Refusal[] {
  if (min === undefined && max === undefined)
    return [{ path: at, name: false, expected: 'min, max or both', got: 'neither' }];
  const misfits = Object.entries({ min, max }).flatMap(([end, bound]): Refusal[] =>
    bound === undefined || isBound(bound, base)
      ? []
      : [{ path: [...at, end], name: false, expected: `${boundFor(base)}, as ${base} has`, got: show(bound) }],
  );
  if (misfits.length > 0 || min === undefined || max === undefined || compareBounds(min, max, base) <= 0)
    return misfits;
  return [
    {
      path: at,
      name: false,
      expected: 'a min that is not above the max',
      got: `${show(min)} to ${show(max)}`,
      remedy: 'Swap the bounds.',
    },
  ];
}

const decimal = /^-?\d+(\.\d+)?$/;
const date = /^\d{4}-\d\d-\d\d$/;
const time = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/;
const timestamp = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$/;
const timestamptz = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;

function isRealDate(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = Date.parse(day);
  const real = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  return real && !Number.isNaN(utc(text));
}

function utc(bound: number | string): number {
  const text = String(bound).replace(' ', 'T');
  return Date.parse(text.length === 10 || /(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`);
}
