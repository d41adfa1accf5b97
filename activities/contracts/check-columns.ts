import { columnTypeAdvice } from './column-type-advice';
import { checkBounds, isOrdered } from './column-range';
import { checkExpectations } from './check-expectations';
import { columnTypes, parseColumnType, type ColumnTypeName } from './column-type';
import { formatsFor, parseColumnFormat } from './column-format';
import { reservedPrefix } from './table-name';
import { show, type Refusal } from './zod-issue';
import type { ContractShape } from './contract-schema';

type Column = ContractShape['columns'][string];

/** The most columns of a PostgreSQL table, the narrowest of the warehouses. */
export const maxColumns = 1600;

/** What is wrong with the columns of a contract, each by itself and together. */
export function checkColumns(columns: ContractShape['columns']): Refusal[] {
  const entries = Object.entries(columns);
  const refusals = entries.flatMap(([name, column]) => checkColumn(name, column));
  if (entries.length === 0 || entries.length > maxColumns) {
    const expected = `1 to ${maxColumns} columns`;
    refusals.push({ path: ['columns'], name: true, expected, got: `${entries.length} columns` });
  }
  return [...refusals, ...checkSources(entries)];
}

function checkColumn(name: string, column: Column): Refusal[] {
  const path = ['columns', name];
  const refusals: Refusal[] = [];
  if (name.startsWith(reservedPrefix)) {
    refusals.push({
      path,
      name: true,
      expected: `a name that does not start with ${reservedPrefix}, which Loadline keeps for itself`,
      got: show(name),
    });
  }
  const type = parseColumnType(column.type);
  if (type === null) {
    const expected = `one of: ${columnTypes.map((base) => (base === 'decimal' ? 'decimal(p,s)' : base)).join(', ')}`;
    return [
      ...refusals,
      { path: [...path, 'type'], name: false, expected, got: show(column.type), remedy: columnTypeAdvice(column.type) },
    ];
  }
  return [
    ...refusals,
    ...checkFormat(path, column, type.base),
    ...checkRange(path, column, type.base),
    ...checkUnique(path, column, type.base),
    ...checkExpectations(path, column, type.base),
  ];
}

function checkFormat(path: readonly string[], { format }: Column, base: ColumnTypeName): Refusal[] {
  if (format === undefined || parseColumnFormat(format, base)) return [];
  const remedy = /yy|dd|mm|hh/i.test(format) ? { remedy: patternRemedy } : {};
  return [
    {
      path: [...path, 'format'],
      name: false,
      expected: `a format that fits ${base}: ${formatsFor(base)}`,
      got: show(format),
      ...remedy,
    },
  ];
}

const patternRemedy =
  'Patterns are made of yyyy, MM or MMM, dd, HH (or hh with a), mm, ss, SSS and ZZ, each once; other letters stand in single quotes.';

function checkRange(path: readonly string[], { range }: Column, base: ColumnTypeName): Refusal[] {
  if (range === undefined) return [];
  const at = [...path, 'range'];
  if (!isOrdered(base)) {
    return [
      {
        path: at,
        name: true,
        expected: 'a range on numbers, dates and times only',
        got: `a range on ${base}`,
        remedy: 'Remove the range.',
      },
    ];
  }
  return checkBounds(at, range, base);
}

function checkUnique(path: readonly string[], { unique }: Column, base: ColumnTypeName): Refusal[] {
  if (!unique || base !== 'json') return [];
  return [
    {
      path: [...path, 'unique'],
      name: false,
      expected: 'a type whose values can be compared',
      got: 'json',
      remedy: 'Remove unique.',
    },
  ];
}

function checkSources(entries: readonly (readonly [string, Column])[]): Refusal[] {
  const seen = new Map<string, string>();
  return entries.flatMap(([name, { from = name }]): Refusal[] => {
    const other = seen.get(from);
    seen.set(from, other ?? name);
    if (other === undefined) return [];
    return [
      {
        path: ['columns', name, 'from'],
        name: false,
        expected: 'a source column that no other column reads',
        got: `${show(from)}, which ${other} reads`,
      },
    ];
  });
}
