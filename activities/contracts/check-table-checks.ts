import { parseDuration } from '../duration';
import { checkColumnName } from './check-column-name';
import { checkFailAbove } from './check-fail-above';
import { checkKinds } from './checks-schema';
import { checkBounds } from './column-range';
import { familyOf, parseColumnType } from './column-type';
import { conditionTrouble } from './sql-condition';
import { parseTableName, tableNameGrammar } from './table-name';
import { show, type Refusal } from './zod-issue';
import type { ContractShape } from './contract-schema';

type Check = NonNullable<ContractShape['checks']>[number];
type Path = readonly PropertyKey[];

/** What is wrong with the checks of a contract, each by itself and together. */
export function checkTableChecks({ checks = [], ...contract }: ContractShape): Refusal[] {
  const names = checks.map((check) => check.name);
  return checks.flatMap((check, i): Refusal[] => {
    const path = ['checks', i];
    if (names.indexOf(check.name) !== i) {
      const expected = 'a name of its own for each check';
      return [{ path: [...path, 'name'], name: false, expected, got: `${show(check.name)} again` }];
    }
    return [...checkKind(path, check), ...checkFailAbove(path, check), ...checkRule(path, check, contract)];
  });
}

function checkKind(path: Path, check: Check): Refusal[] {
  const kinds = checkKinds.filter((kind) => check[kind] !== undefined);
  const expected = `one of ${checkKinds.join(', ')}`;
  if (kinds.length === 0) return [{ path, name: false, expected, got: 'none of them' }];
  const [kind, other] = kinds;
  if (other !== undefined)
    return [
      { path: [...path, other], name: true, expected, got: `${kind} and ${other}`, remedy: 'Make it two checks.' },
    ];
  const whole = kind === 'freshness' || kind === 'sum';
  if (whole && check.severity === 'quarantine')
    return [
      {
        path: [...path, 'severity'],
        name: false,
        expected: `warn or fail, since ${kind} is about the batch and no single row can be set aside`,
        got: '"quarantine"',
      },
    ];
  if (whole && check.failAbove !== undefined)
    return [
      {
        path: [...path, 'failAbove'],
        name: true,
        expected: 'failAbove beside sql or references, which count rows',
        got: `failAbove beside ${kind}`,
        remedy: 'Remove it.',
      },
    ];
  return [];
}

function checkRule(path: Path, check: Check, contract: Omit<ContractShape, 'checks'>): Refusal[] {
  if (check.sql !== undefined) return checkCondition([...path, 'sql'], check.sql);
  if (check.freshness) return checkFreshness([...path, 'freshness'], check.freshness, contract);
  if (check.references) return checkReferences([...path, 'references'], check.references, contract);
  return check.sum ? checkSum([...path, 'sum'], check.sum, contract) : [];
}

function checkCondition(path: Path, sql: string): Refusal[] {
  const found = conditionTrouble(sql);
  if (found === null) return [];
  return [
    {
      path,
      name: false,
      expected: 'an SQL condition on the columns of one row',
      got: found.found,
      remedy: found.remedy,
    },
  ];
}

type Columns = Pick<ContractShape, 'columns'>;

function checkFreshness(
  path: Path,
  { column, within }: NonNullable<Check['freshness']>,
  { columns }: Columns,
): Refusal[] {
  const at = [...path, 'column'];
  const unknown = checkColumnName(at, column, columns);
  if (unknown) return unknown;
  const type = parseColumnType(columns[column]!.type);
  if (type !== null && familyOf(type.base) !== 'moment') {
    const expected = 'a date, timestamp or timestamptz column';
    return [{ path: at, name: false, expected, got: `${show(column)}, which is ${type.base}` }];
  }
  if (parseDuration(within) > 0) return [];
  const expected = 'a duration with a unit, such as 2 days or 6h';
  return [{ path: [...path, 'within'], name: false, expected, got: show(within) }];
}

function checkSum(path: Path, { column, ...range }: NonNullable<Check['sum']>, { columns }: Columns): Refusal[] {
  const at = [...path, 'column'];
  const unknown = checkColumnName(at, column, columns);
  if (unknown) return unknown;
  const type = parseColumnType(columns[column]!.type);
  if (type === null) return [];
  if (familyOf(type.base) !== 'number')
    return [{ path: at, name: false, expected: 'a column of numbers', got: `${show(column)}, which is ${type.base}` }];
  return checkBounds(path, range, 'decimal');
}

function checkReferences(
  path: Path,
  { columns: names, table, to }: NonNullable<Check['references']>,
  contract: Omit<ContractShape, 'checks'>,
): Refusal[] {
  const unknown = names.flatMap((name, i): Refusal[] => {
    const at = [...path, 'columns', i];
    if (names.indexOf(name) !== i) return [{ path: at, name: false, expected: 'each column once', got: show(name) }];
    return checkColumnName(at, name, contract.columns) ?? [];
  });
  const refused = [...unknown, ...checkOtherTable([...path, 'table'], table, contract.table)];
  if (to === undefined || to.length === names.length) return refused;
  const expected = `as many columns as there are to look up, ${names.length}`;
  return [...refused, { path: [...path, 'to'], name: false, expected, got: `${to.length}` }];
}

function checkOtherTable(path: Path, table: string, own: string): Refusal[] {
  const name = parseTableName(table);
  const mine = parseTableName(own);
  if (name === null) {
    const remedy = mine ? { remedy: `Write ${mine.warehouse}/${table.replace(/^.*\//, '') || 'schema.table'}.` } : {};
    return [{ path, name: false, expected: tableNameGrammar, got: show(table), ...remedy }];
  }
  if (mine === null) return [];
  if (name.warehouse !== mine.warehouse) {
    const expected = `a table of the warehouse ${mine.warehouse}, as the contract's own`;
    return [{ path, name: false, expected, got: show(table) }];
  }
  if (table !== own) return [];
  const remedy = 'Rows of one batch cannot refer to each other in a check.';
  return [{ path, name: false, expected: "another table than the contract's own", got: show(table), remedy }];
}
