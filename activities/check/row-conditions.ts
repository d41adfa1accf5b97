import type { CheckOf, RowCheck } from '../../workflows/checks';
import type { TableContract } from '../../workflows/table-contract';
import { parseColumnType, type ColumnTypeName } from '../contracts';
import { duckText } from '../sources/duck';
import { state } from './column-reading';
import { portableSql } from './portable-sql';

/** How a check is asked of the table `batch`: a condition, or why it cannot be asked. */
export type RowCondition = { readonly broken: string } | { readonly skipped: string };

/** The condition that is true for rows which break a check of scope `row`; never NULL. */
export function rowCondition(check: RowCheck, contract: TableContract): RowCondition {
  switch (check.kind) {
    case 'key':
    case 'notNull':
      return { broken: `(${column(check.column, contract).state} = ${state.isNull})` };
    case 'range':
      return { broken: outside(check, contract) };
    case 'accepted': {
      const { value, nan, base } = column(check.column, contract);
      const known = check.accepted.map((one) => bound(one, base)).join(', ');
      return { broken: `(coalesce(${value} NOT IN (${known}), false) OR ${nan})` };
    }
    case 'pattern': {
      const { value } = column(check.column, contract);
      return { broken: `coalesce(NOT regexp_full_match(${value}, ${duckText(check.pattern)}, 's'), false)` };
    }
    case 'length': {
      const { value } = column(check.column, contract);
      const [least, most] = [check.min ?? 0, check.max ?? Number.MAX_SAFE_INTEGER];
      return { broken: `coalesce(length(${value}) NOT BETWEEN ${least} AND ${most}, false)` };
    }
    case 'sql': {
      const portable = portableSql(check.sql, contract);
      if ('skipped' in portable) return portable;
      return { broken: `coalesce(NOT (${portable.sql}), false)` };
    }
    case 'references':
      return { skipped: `it reads ${check.table}: needs the warehouse` };
  }
}

function outside({ column: name, min, max }: CheckOf<'range'>, contract: TableContract): string {
  const { value, nan, base } = column(name, contract);
  const parts = [
    ...(min === undefined ? [] : [`coalesce(${value} < ${bound(min, base)}, false)`]),
    // NaN is above everything.
    ...(max === undefined ? [] : [`coalesce(${value} > ${bound(max, base)}, false)`, nan]),
  ];
  return `(${parts.join(' OR ') || 'false'})`;
}

/** A column in the table `batch`: its value, and what became of its text. */
export function column(name: string, { columns }: TableContract) {
  const index = Object.keys(columns).indexOf(name);
  const base = parseColumnType(columns[name]!.type)!.base;
  return {
    value: `v${index}`,
    state: `s${index}`,
    /** Text that has no value. */
    other: `x${index}`,
    nan: `(s${index} = ${state.nan})`,
    base,
  };
}

const casts: Partial<Record<ColumnTypeName, string>> = {
  real: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  uuid: 'UUID',
};

/** A value of a contract, as the column's type has it. */
export function bound(value: number | string | boolean, base: ColumnTypeName): string {
  const text = String(value);
  if (base === 'text' || base === 'json' || base === 'bytes') return duckText(text);
  const cast = casts[base];
  // Decimals as they are written: a cast to the column's own type would round them.
  return cast ? `CAST(${duckText(text)} AS ${cast})` : `(${text})`;
}
