import { checkFailAbove } from './check-fail-above';
import { patternDialect, patternTrouble } from './check-pattern';
import { boundFor, isBound } from './column-range';
import { familyOf, type ColumnTypeName } from './column-type';
import { show, type Refusal } from './zod-issue';
import type { ContractShape } from './contract-schema';

type Column = ContractShape['columns'][string];
type Path = readonly string[];

/** What is wrong with what a contract expects of one column's values, but for `range`. */
export function checkExpectations(path: Path, column: Column, base: ColumnTypeName): Refusal[] {
  return [
    ...checkAccepted(path, column, base),
    ...checkPattern(path, column, base),
    ...checkLength(path, column, base),
    ...checkFailAbove(path, column),
  ];
}

function checkAccepted(path: Path, { accepted }: Column, base: ColumnTypeName): Refusal[] {
  if (accepted === undefined) return [];
  const at = [...path, 'accepted'];
  if (base === 'json' || base === 'bytes')
    return [{ path: at, name: true, expected: 'a type whose values can be listed', got: base, remedy: 'Remove it.' }];
  return accepted.flatMap((value, i): Refusal[] => {
    if (!fits(value, base)) {
      const remedy = base === 'text' ? { remedy: `Quote it: "${String(value)}".` } : {};
      return [{ path: [...at, i], name: false, expected: valueFor(base), got: show(value), ...remedy }];
    }
    if (accepted.indexOf(value) === i) return [];
    return [{ path: [...at, i], name: false, expected: 'each value once', got: `${show(value)} again` }];
  });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function fits(value: string | number | boolean, base: ColumnTypeName): boolean {
  if (base === 'text') return typeof value === 'string';
  if (base === 'boolean') return typeof value === 'boolean';
  if (typeof value === 'boolean') return false;
  if (base === 'uuid') return typeof value === 'string' && uuid.test(value);
  const whole = ['smallint', 'integer', 'bigint'].includes(base);
  return isBound(value, base) && (!whole || /^-?\d+$/.test(String(value)));
}

function valueFor(base: ColumnTypeName): string {
  if (base === 'text') return 'a text, as the column holds';
  if (base === 'boolean') return 'true or false';
  if (base === 'uuid') return 'a uuid such as 123e4567-e89b-12d3-a456-426614174000';
  return familyOf(base) === 'number' && !['decimal', 'real', 'double'].includes(base)
    ? `a whole number, as ${base} has`
    : `${boundFor(base)}, as ${base} has`;
}

function checkPattern(path: Path, { pattern }: Column, base: ColumnTypeName): Refusal[] {
  if (pattern === undefined) return [];
  const at = [...path, 'pattern'];
  if (base !== 'text') return [textOnly(at, 'a pattern', base)];
  const found = patternTrouble(pattern);
  if (found === null) return [];
  return [{ path: at, name: false, expected: patternDialect, got: found.construct, remedy: found.remedy }];
}

function checkLength(path: Path, { length }: Column, base: ColumnTypeName): Refusal[] {
  if (length === undefined) return [];
  const at = [...path, 'length'];
  if (base !== 'text') return [textOnly(at, 'a length', base)];
  const { min, max } = length;
  if (min === undefined && max === undefined)
    return [{ path: at, name: false, expected: 'min, max or both', got: 'neither' }];
  if (min === undefined || max === undefined || min <= max) return [];
  const expected = 'a min that is not above the max';
  return [{ path: at, name: false, expected, got: `${min} to ${max}`, remedy: 'Swap the bounds.' }];
}

function textOnly(path: Path, what: string, base: ColumnTypeName): Refusal {
  const remedy = familyOf(base) === 'other' ? 'Remove it.' : 'Remove it; a range bounds numbers, dates and times.';
  return { path, name: true, expected: `${what} on text only`, got: `${what} on ${base}`, remedy };
}
