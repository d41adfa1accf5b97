import { checksOf, isAbove, isUsual, median, reasonOf, verdictOf, type Check } from '../../../workflows/checks';
import type { TableContract } from '../../../workflows/table-contract';

const contract: TableContract = {
  name: 'orders',
  table: 'main/public.orders',
  columns: {
    id: { type: 'text', notNull: true, severity: 'warn', length: { max: 9 } },
    amount: {
      type: 'integer',
      notNull: true,
      range: { min: 0 },
      severity: 'quarantine',
      failAbove: '1%',
      reason: 'money',
    },
    state: { type: 'text', accepted: ['open', 'paid'], pattern: '[a-z]+', unique: true, severity: 'warn' },
    note: { type: 'text' },
  },
  key: ['id'],
  rows: { min: 1, change: '50%', severity: 'warn' },
  checks: [
    { name: 'sane', sql: 'amount < 10', failAbove: 3, severity: 'warn' },
    { name: 'fresh', freshness: { column: 'at', within: '2 days' } },
    { name: 'known', references: { columns: ['state'], table: 'main/states' } },
    { name: 'total', sum: { column: 'amount', max: 100 } },
  ],
};
const check = (id: string): Check => checksOf(contract).find((c) => c.id === id)!;

test('the checks of a contract have an order and ids of their own', () => {
  expect(checksOf(contract).map((c) => [c.id, c.scope, c.severity])).toEqual([
    ['rows', 'batch', 'warn'],
    ['rows.change', 'batch', 'warn'],
    // Without its key a row cannot be loaded, with a warning or without.
    ['id.key', 'row', 'fail'],
    ['id.length', 'row', 'warn'],
    ['amount.notNull', 'row', 'quarantine'],
    ['amount.range', 'row', 'quarantine'],
    ['state.accepted', 'row', 'warn'],
    ['state.pattern', 'row', 'warn'],
    ['state.unique', 'batch', 'fail'],
    ['checks.sane', 'row', 'warn'],
    ['checks.fresh', 'batch', 'fail'],
    ['checks.known', 'row', 'fail'],
    ['checks.total', 'batch', 'fail'],
  ]);
  expect(checksOf({ name: 'a', table: 'main/a', columns: { a: { type: 'text' } } })).toEqual([]);
});

test('a check carries its rule, its limit and its reason', () => {
  expect(check('amount.range')).toEqual({ id: 'amount.range', kind: 'range', scope: 'row', column: 'amount', severity: 'quarantine', failAbove: '1%', reason: 'money', min: 0 }); // prettier-ignore
  expect(check('checks.known')).toEqual({ id: 'checks.known', name: 'known', kind: 'references', scope: 'row', severity: 'fail', columns: ['state'], table: 'main/states', to: ['state'] }); // prettier-ignore
});

test('rows are set aside for the check and the column, or for the name of a check', () => {
  expect([check('amount.range'), check('checks.sane')].map(reasonOf)).toEqual(['range of amount', 'check sane']);
});

test.each([
  ['amount.range', 0, 'pass'],
  ['amount.range', 2, 'quarantine'],
  ['amount.range', 3, 'fail'],
  ['checks.sane', 3, 'warn'],
  ['checks.sane', 4, 'fail'],
  ['checks.known', 1, 'fail'],
])('the verdict of %s on %d of 200 broken rows is %s', (id, broken, verdict) => {
  expect(verdictOf(check(id), broken, 200)).toMatchObject({ id, broken, of: 200, verdict });
});

test('a share is exact at its bound', () => {
  expect(isAbove(7, 100, '7%')).toBe(false);
  expect(isAbove(8, 100, '7%')).toBe(true);
  expect(isAbove(29, 100, '29%')).toBe(false);
  expect(isAbove(1, 1_000, '0.1%')).toBe(false);
  expect(isAbove(1, 999, '0.1%')).toBe(true);
  expect(isAbove(1, 5, '0%')).toBe(true);
});

test('the rows of a batch are compared with the median of the last loads, once there are some', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(isUsual(1, [100, 100, 100, 100], '50%')).toBe(true);
  const before = [90, 100, 100, 100, 5_000];
  expect([49, 50, 150, 151].map((rows) => isUsual(rows, before, '50%'))).toEqual([false, true, true, false]);
  expect(isUsual(7, [0, 0, 0, 0, 0], '50%')).toBe(true);
});

test('what a check expects is said in words', () => {
  const said = checksOf(contract).map((c) => verdictOf(c, 0, 1).expected);
  expect(said).toEqual([
    '1 or more rows',
    'rows within 50% of the median of the last 10 loads',
    'a value',
    'at most 9 characters',
    'a value',
    '0 or more',
    'one of open, paid',
    'a text that matches [a-z]+',
    'each value once',
    'amount < 10',
    'a newest at of at most 2 days ago',
    'state in main/states (state)',
    'a sum of amount of at most 100',
  ]);
});
