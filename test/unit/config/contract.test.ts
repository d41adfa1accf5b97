import { validateContract } from '../../../activities/contracts';
import { failureOf } from './project';

const good = {
  name: 'orders',
  table: 'main/public.orders',
  columns: {
    id: { type: 'text', notNull: true },
    amount: { type: 'decimal(12,2)', range: { min: 0, max: '99.5' } },
    paid: { type: 'boolean', format: 'yes/no' },
    day: { type: 'date', format: 'dd.MM.yyyy', range: { min: '2020-01-01' } },
    at: { type: 'timestamptz', from: 'Updated At', format: 'epoch-millis' },
    extra: { type: 'json' },
  },
  key: ['id'],
  newest: 'at',
  partition: { column: 'day', by: 'month' },
  rows: { min: 1, max: 10 },
};

/** The contract with one field, by its path, set to another value. */
function withField(path: string, value: unknown): unknown {
  const contract = structuredClone(good) as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop()!;
  const holder = parts.reduce((at, part) => at[part] as Record<string, unknown>, contract);
  holder[last] = value;
  return contract;
}

const refusal = async (contract: unknown) => {
  const failure = await failureOf(() => validateContract(contract, 'orders.ts', { warehouses: ['main', 'lake'] }));
  expect(failure.type).toBe('InvalidContract');
  return failure.details[0];
};

test('a contract that uses everything is accepted as it is', () => {
  expect(validateContract(good, 'orders.ts', { warehouses: ['main'] })).toEqual(good);
});

const types: [written: string, advice: string][] = [
  ['numeric(12,2)', 'Write "decimal(12,2)".'],
  ['numeric', 'such as "decimal(12,2)"'],
  ['NUMERIC(9)', 'Write "decimal(9,0)".'],
  ['decimal', 'such as "decimal(12,2)"'],
  ['decimal(40,2)', '1 ≤ p ≤ 38'],
  ['decimal(2,4)', 's ≤ p'],
  ['int', 'Write "integer".'],
  ['INTEGER', 'Write "integer".'],
  ['varchar(255)', 'Write "text".'],
  ['double precision', 'Write "double".'],
  ['timestamp with time zone', 'Write "timestamptz".'],
  ['jsonb', 'Write "json".'],
  ['tmestamp', 'Did you mean "timestamp"?'],
  ['quux', 'Choose one of: text, smallint'],
];
test.each(types)('the type %s is refused with the right word', async (written, advice) => {
  const { object, got, remedy } = await refusal(withField('columns.id.type', written));
  expect(object).toBe('orders.ts columns.id.type');
  expect(got).toBe(JSON.stringify(written));
  expect(remedy).toContain(advice);
});

const fields: [title: string, path: string, value: unknown, object: string, expected: RegExp][] = [
  ['a table without a warehouse', 'table', 'orders', 'table', /warehouse\/schema\.table/],
  ['a table with too many parts', 'table', 'main/a.b.c', 'table', /%2E/],
  ['a table of an unknown warehouse', 'table', 'lak/public.orders', 'table', /a configured warehouse/],
  ['a reserved table', 'table', 'main/_loadline_orders', 'table', /_loadline_/],
  ['a reserved column', 'columns._loadline_id', { type: 'text' }, 'columns._loadline_id', /keeps for itself/],
  ['no columns', 'columns', {}, 'columns', /1 to 1600 columns/],
  ['too many columns', 'columns', Object.fromEntries(Array.from({ length: 1601 }, (_, i) => [`c${i}`, { type: 'text' }])), 'columns', /1 to 1600/],
  ['an empty key', 'key', [], 'key', /at least one column/],
  ['a key column twice', 'key', ['id', 'id'], 'key[1]', /each column once/],
  ['a key that names no column', 'key', ['ident'], 'key[0]', /name of a column/],
  ['a json key', 'key', ['extra'], 'key[0]', /can be compared/],
  ['a newest that names no column', 'newest', 'when', 'newest', /name of a column/],
  ['a newest that does not grow', 'newest', 'paid', 'newest', /values grow/],
  ['a partition by text', 'partition.column', 'id', 'partition.column', /date, timestamp or timestamptz/],
  ['hours of a date', 'partition.by', 'hour', 'partition.by', /since the column is a date/],
  ['a date pattern for a number', 'columns.amount.format', 'dd.MM.yyyy', 'columns.amount.format', /decimal-comma/],
  ['epoch for a date', 'columns.day.format', 'epoch-seconds', 'columns.day.format', /fits date/],
  ['decimal-comma for text', 'columns.id.format', 'decimal-comma', 'columns.id.format', /fits text: iso/],
  ['three words for a boolean', 'columns.paid.format', 'a/b/c', 'columns.paid.format', /yes\/no/],
  ['equal words for a boolean', 'columns.paid.format', 'y/Y', 'columns.paid.format', /yes\/no/],
  ['a pattern without a year', 'columns.day.format', 'dd.MM.', 'columns.day.format', /yyyy, MM and dd/],
  ['minutes where months belong', 'columns.day.format', 'yyyy-mm-dd', 'columns.day.format', /yyyy, MM and dd/],
  ['a range on text', 'columns.id.range', { min: 1 }, 'columns.id.range', /numbers, dates and times/],
  ['an empty range', 'columns.amount.range', {}, 'columns.amount.range', /min, max or both/],
  ['a range upside down', 'columns.amount.range', { min: 2, max: 1 }, 'columns.amount.range', /not above the max/],
  ['a huge range upside down', 'columns.amount.range', { min: '9007199254740993', max: '9007199254740992' }, 'columns.amount.range', /not above/],
  ['a word as a number', 'columns.amount.range', { min: 'few' }, 'columns.amount.range.min', /a number/],
  ['a day that does not exist', 'columns.day.range', { max: '2026-02-30' }, 'columns.day.range.max', /ISO date/],
  ['a local time for an instant', 'columns.at.range', { max: '2026-02-03T05:00' }, 'columns.at.range.max', /Z or an offset/],
  ['a source column read twice', 'columns.extra.from', 'Updated At', 'columns.extra.from', /no other column reads/],
  ['rows upside down', 'rows', { min: 2, max: 1 }, 'rows', /not above the max/],
  ['a fraction of a row', 'rows', { min: 0.5 }, 'rows.min', /whole number/],
  ['an unknown severity', 'columns.id.severity', 'warn', 'columns.id.severity', /fail or quarantine/],
  ['a name with blanks', 'name', 'my orders', 'name', /letters, digits/],
]; // prettier-ignore
test.each(fields)('%s is refused', async (_title, path, value, object, expected) => {
  const details = await refusal(withField(path, value));
  expect(details.object).toBe(`orders.ts ${object}`);
  expect(details.expected).toMatch(expected);
  expect(details.got).toBeDefined();
});
