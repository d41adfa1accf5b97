import { parseColumnFormat, parseColumnType, parseTableName } from '../../../activities/contracts';

test('a column type is a word, or decimal with its digits', () => {
  expect(parseColumnType('bigint')).toEqual({ base: 'bigint' });
  expect(parseColumnType('decimal(12, 2)')).toEqual({ base: 'decimal', precision: 12, scale: 2 });
  for (const text of ['', 'decimal', 'decimal(0,0)', 'decimal(12)', 'text(3)', 'Text'])
    expect(parseColumnType(text)).toBeNull();
});

test('a table name is a warehouse, a schema or none, and a table', () => {
  expect(parseTableName('main/public.orders')).toEqual({ warehouse: 'main', schema: 'public', table: 'orders' });
  expect(parseTableName('main/orders')).toEqual({ warehouse: 'main', schema: null, table: 'orders' });
  expect(parseTableName('main/Sales.My Orders%2E2')).toEqual({
    warehouse: 'main',
    schema: 'Sales',
    table: 'My Orders.2',
  });
  for (const text of ['orders', '/orders', 'main/', 'main/.orders', 'main/a.', 'a b/c', 'main/%'])
    expect(parseTableName(text)).toBeNull();
});

test('a date pattern is taken apart into fields and literals', () => {
  expect(parseColumnFormat("dd.MM.yyyy 'um' HH:mm", 'timestamp')).toEqual({
    kind: 'pattern',
    parts: [
      { field: 'dd' }, { literal: '.' }, { field: 'MM' }, { literal: '.' }, { field: 'yyyy' }, { literal: ' ' },
      { literal: 'um' }, { literal: ' ' }, { field: 'HH' }, { literal: ':' }, { field: 'mm' },
    ],
  }); // prettier-ignore
});

test.each([
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", 'timestamptz', true],
  ['yyyy-MM-ddTHH:mm:ss', 'timestamp', true],
  ['dd-MMM-yyyy hh:mm a', 'timestamp', true],
  ['yyyyMMdd', 'date', true],
  ['hh:mm yyyy-MM-dd', 'timestamp', false],
  ['yyyy-MM-dd HH:mm', 'date', false],
  ['yyyy-MM-dd HH:mm:ssZZ', 'timestamp', false],
  ['yyyy-MM-dd ss', 'timestamp', false],
  ['yy-MM-dd', 'date', false],
  ['yyyy-MM-dd dd', 'date', false],
] as const)('the pattern %s for %s: %s', (pattern, base, accepted) => {
  expect(parseColumnFormat(pattern, base) !== null).toBe(accepted);
});
