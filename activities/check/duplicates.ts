import type { TableContract } from '../../workflows/table-contract';
import { column } from './row-conditions';

/** The rows of the table `batch` that a load would write: those that nothing sets aside. */
export const goodRows = (setAside: readonly string[]): string =>
  setAside.length === 0 ? 'batch' : `(SELECT * FROM batch WHERE NOT (${setAside.join(' OR ')}))`;

/** A column as what tells its values apart: its value, and its text where DuckDB has none. */
const parts = (name: string, contract: TableContract): string => {
  const { value, other } = column(name, contract);
  return `${value}, ${other}`;
};

/** All of a row, as text. */
const rowText = (contract: TableContract): string =>
  `(${Object.keys(contract.columns)
    .map((name) => {
      const { value, other } = column(name, contract);
      return `[${value}::VARCHAR, ${other}]`;
    })
    .join(', ')})::VARCHAR`;

/** How many values of a column are in several rows; rows that repeat each other in full count once where there is a key. */
export function repeatedValuesSql(name: string, contract: TableContract, good: string): string {
  const { value, other } = column(name, contract);
  const several = contract.key ? `count(DISTINCT ${rowText(contract)}) > 1` : 'count(*) > 1';
  return `SELECT count(*)::DOUBLE FROM (SELECT 1 FROM ${good} WHERE ${value} IS NOT NULL OR ${other} IS NOT NULL
    GROUP BY ${parts(name, contract)} HAVING ${several})`;
}

/** How many rows repeat another by the key, and how many keys have several values of which none is the newest. */
export function duplicatesSql(contract: TableContract, good: string): string {
  const key = contract.key!.map((name) => parts(name, contract)).join(', ');
  const order = contract.newest ? `ORDER BY ${column(contract.newest, contract).value} DESC NULLS LAST` : '';
  return `WITH ranked AS (SELECT ${key}, ${rowText(contract)} AS all_values, rank() OVER (PARTITION BY ${key} ${order}) AS place FROM ${good}),
    keys AS (SELECT count(*) AS n, count(DISTINCT all_values) FILTER (WHERE place = 1) AS firsts FROM ranked GROUP BY ${key})
    SELECT coalesce(sum(n - 1), 0)::DOUBLE, count(*) FILTER (WHERE firsts > 1)::DOUBLE FROM keys`;
}

/** Good rows with one of each key: those that are summed up, as after the load has taken repetitions out. */
export function onceSql(contract: TableContract, good: string): string {
  if (!contract.key?.length) return good;
  const key = contract.key.map((name) => parts(name, contract)).join(', ');
  const order = contract.newest ? `ORDER BY ${column(contract.newest, contract).value} DESC NULLS LAST` : '';
  return `(SELECT * FROM ${good} QUALIFY row_number() OVER (PARTITION BY ${key} ${order}) = 1)`;
}
