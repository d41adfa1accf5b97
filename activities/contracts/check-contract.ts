import { parseDuration } from '../duration';
import { checkColumns } from './check-columns';
import { checkColumnName } from './check-column-name';
import { checkTableChecks } from './check-table-checks';
import { didYouMean } from './did-you-mean';
import { familyOf, parseColumnType } from './column-type';
import { parseTableName, reservedPrefix, tableNameGrammar } from './table-name';
import { show, type Refusal } from './zod-issue';
import type { ContractShape } from './contract-schema';

/** What is wrong with a contract of the right shape. `warehouses`: the configured names, where they are known. */
export function checkContract(contract: ContractShape, warehouses?: readonly string[]): Refusal[] {
  return [
    ...checkTable(contract.table, warehouses),
    ...checkColumns(contract.columns),
    ...checkKey(contract),
    ...checkNewest(contract),
    ...checkPartition(contract),
    ...checkRows(contract),
    ...checkTableChecks(contract),
    ...checkHold(contract),
  ];
}

function checkTable(text: string, warehouses?: readonly string[]): Refusal[] {
  const path = ['table'];
  const name = parseTableName(text);
  if (name === null) return [{ path, name: false, expected: tableNameGrammar, got: show(text) }];
  if (name.table.startsWith(reservedPrefix)) {
    return [
      {
        path,
        name: false,
        expected: `a name that does not start with ${reservedPrefix}, which Loadline keeps for itself`,
        got: show(text),
      },
    ];
  }
  if (warehouses === undefined || warehouses.includes(name.warehouse)) return [];
  return [
    {
      path,
      name: false,
      expected: 'a configured warehouse before the slash',
      got: show(text),
      remedy: didYouMean(name.warehouse, warehouses),
    },
  ];
}

function checkKey({ key, columns }: ContractShape): Refusal[] {
  return (key ?? []).flatMap((name, index): Refusal[] => {
    const path = ['key', index];
    if (key!.indexOf(name) !== index)
      return [{ path, name: false, expected: 'each column once', got: `${show(name)} again` }];
    return checkColumnName(path, name, columns) ?? checkComparable(path, columns[name]!.type);
  });
}

function checkNewest({ newest, columns }: ContractShape): Refusal[] {
  if (newest === undefined) return [];
  const unknown = checkColumnName(['newest'], newest, columns);
  if (unknown) return unknown;
  const type = parseColumnType(columns[newest]!.type);
  if (type === null || !['json', 'boolean', 'bytes'].includes(type.base)) return [];
  return [
    {
      path: ['newest'],
      name: false,
      expected: 'a column whose values grow, such as a timestamptz or a bigint',
      got: `${show(newest)}, which is ${type.base}`,
    },
  ];
}

function checkPartition({ partition, columns }: ContractShape): Refusal[] {
  if (partition === undefined) return [];
  const path = ['partition', 'column'];
  const unknown = checkColumnName(path, partition.column, columns);
  if (unknown) return unknown;
  const type = parseColumnType(columns[partition.column]!.type);
  if (type === null) return [];
  const got = `${show(partition.column)}, which is ${type.base}`;
  if (familyOf(type.base) !== 'moment')
    return [{ path, name: false, expected: 'a date, timestamp or timestamptz column', got }];
  if (type.base !== 'date' || partition.by !== 'hour') return [];
  return [
    {
      path: ['partition', 'by'],
      name: false,
      expected: 'day, week, month or year, since the column is a date',
      got: '"hour"',
    },
  ];
}

function checkRows({ rows }: ContractShape): Refusal[] {
  if (rows === undefined) return [];
  const path = ['rows'];
  const { min, max, change } = rows;
  if (min === undefined && max === undefined && change === undefined)
    return [{ path, name: false, expected: 'min, max or change', got: 'none of them' }];
  if (min === undefined || max === undefined || min <= max) return [];
  const expected = 'a min that is not above the max';
  return [{ path, name: false, expected, got: `${min} to ${max}`, remedy: 'Swap the bounds.' }];
}

function checkHold({ hold }: ContractShape): Refusal[] {
  if (hold === undefined || hold === false || hold.for === undefined) return [];
  const waits = parseDuration(hold.for);
  if (waits >= 1_000 && waits <= 3650 * 86_400_000) return [];
  const expected = 'a duration with a unit, from 1s to 3650 days';
  return [{ path: ['hold', 'for'], name: false, expected, got: show(hold.for), remedy: 'Write one such as 7 days.' }];
}

function checkComparable(path: readonly PropertyKey[], text: string): Refusal[] {
  if (parseColumnType(text)?.base !== 'json') return [];
  return [{ path, name: false, expected: 'a column whose values can be compared', got: 'a json column' }];
}
