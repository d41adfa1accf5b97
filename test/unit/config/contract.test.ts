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
    state: { type: 'text', accepted: ['open', 'paid'], severity: 'warn', failAbove: '0.5%', reason: 'asked of us' },
    code: {
      type: 'text',
      pattern: '[A-Z]{2}\\d+',
      length: { min: 3 },
      masked: true,
      severity: 'quarantine',
      failAbove: 5,
    },
  },
  key: ['id'],
  newest: 'at',
  partition: { column: 'day', by: 'month' },
  rows: { min: 1, max: 10, change: '50%', severity: 'warn' },
  checks: [
    { name: 'paid-in-time', sql: "paid OR amount < 5 OR state IN ('open', 'it''s')", severity: 'quarantine' },
    { name: 'fresh', freshness: { column: 'at', within: '2 days' }, severity: 'warn', reason: 'loaded daily' },
    {
      name: 'known',
      references: { columns: ['state'], table: 'main/public.states', to: ['name'] },
      severity: 'warn',
      failAbove: 1,
    },
    { name: 'total', sum: { column: 'amount', min: 0, max: '1000.5' } },
  ],
  owner: 'the shop',
  hold: { for: '2 days', then: 'release' },
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
  ['an unknown severity', 'columns.id.severity', 'error', 'columns.id.severity', /warn, quarantine or fail/],
  ['no accepted value', 'columns.state.accepted', [], 'columns.state.accepted', /at least one value/],
  ['an accepted value twice', 'columns.state.accepted', ['a', 'b', 'a'], 'columns.state.accepted[2]', /each value once/],
  ['a number among accepted texts', 'columns.state.accepted', ['a', 1], 'columns.state.accepted[1]', /a text/],
  ['a fraction among accepted whole numbers', 'columns.id', { type: 'integer', accepted: [1, 1.5] }, 'columns.id.accepted[1]', /a whole number/],
  ['a word among accepted booleans', 'columns.paid.accepted', [true, 'yes'], 'columns.paid.accepted[1]', /true or false/],
  ['no uuid among accepted ones', 'columns.id', { type: 'uuid', accepted: ['1'] }, 'columns.id.accepted[0]', /a uuid such as/],
  ['an accepted day that does not exist', 'columns.day.accepted', ['2026-02-30'], 'columns.day.accepted[0]', /ISO date/],
  ['accepted values of json', 'columns.extra.accepted', ['{}'], 'columns.extra.accepted', /can be listed/],
  ['a pattern on a number', 'columns.amount.pattern', '1+', 'columns.amount.pattern', /a pattern on text only/],
  ['a length on a date', 'columns.day.length', { max: 3 }, 'columns.day.length', /a length on text only/],
  ['an empty length', 'columns.id.length', {}, 'columns.id.length', /min, max or both/],
  ['a length upside down', 'columns.id.length', { min: 3, max: 2 }, 'columns.id.length', /not above the max/],
  ['a negative length', 'columns.id.length', { min: -1 }, 'columns.id.length.min', /whole number of characters/],
  ['a limit without a severity that may be broken', 'columns.id.failAbove', 5, 'columns.id.failAbove', /beside severity: warn/],
  ['a limit above all rows', 'columns.state.failAbove', '101%', 'columns.state.failAbove', /"0%" to "100%"/],
  ['a limit without its %', 'columns.state.failAbove', '1', 'columns.state.failAbove', /"0%" to "100%"/],
  ['a limit of half a row', 'columns.state.failAbove', 0.5, 'columns.state.failAbove', /a count of rows/],
  ['rows that say nothing', 'rows', { severity: 'warn' }, 'rows', /min, max or change/],
  ['rows set aside', 'rows.severity', 'quarantine', 'rows.severity', /no single row/],
  ['a change without its %', 'rows.change', '50', 'rows.change', /"50%"/],
  ['a change as a number', 'rows.change', 0.5, 'rows.change', /"50%"/],
  ['a check without a rule', 'checks.0', { name: 'a' }, 'checks[0]', /one of sql, freshness, references, sum/],
  ['a check with two rules', 'checks.0.sum', { column: 'amount', min: 1 }, 'checks[0].sum', /one of sql/],
  ['two checks of one name', 'checks.1.name', 'paid-in-time', 'checks[1].name', /name of its own/],
  ['a check with a strange name', 'checks.1.name', 'in time', 'checks[1].name', /letters, digits/],
  ['an empty condition', 'checks.0.sql', ' ', 'checks[0].sql', /an SQL condition/],
  ['a second statement', 'checks.0.sql', 'true; DROP TABLE orders', 'checks[0].sql', /an SQL condition/],
  ['freshness of a text', 'checks.1.freshness.column', 'id', 'checks[1].freshness.column', /timestamptz column/],
  ['freshness of no column', 'checks.1.freshness.column', 'when', 'checks[1].freshness.column', /name of a column/],
  ['freshness without a unit', 'checks.1.freshness.within', '2', 'checks[1].freshness.within', /a duration with a unit/],
  ['a stale batch set aside', 'checks.1.severity', 'quarantine', 'checks[1].severity', /no single row can be set aside/],
  ['a limit on freshness', 'checks.1.failAbove', 5, 'checks[1].failAbove', /which count rows/],
  ['a reference of no column', 'checks.2.references.columns', ['stat'], 'checks[2].references.columns[0]', /name of a column/],
  ['a reference of one column twice', 'checks.2.references', { columns: ['id', 'id'], table: 'main/s' }, 'checks[2].references.columns[1]', /each column once/],
  ['a reference without a warehouse', 'checks.2.references.table', 'public.states', 'checks[2].references.table', /warehouse\/schema/],
  ['a reference into another warehouse', 'checks.2.references.table', 'lake/public.states', 'checks[2].references.table', /warehouse main/],
  ['a reference to the table itself', 'checks.2.references.table', 'main/public.orders', 'checks[2].references.table', /another table/],
  ['a reference to more columns', 'checks.2.references.to', ['a', 'b'], 'checks[2].references.to', /as many columns/],
  ['a sum of texts', 'checks.3.sum.column', 'id', 'checks[3].sum.column', /a column of numbers/],
  ['a sum without bounds', 'checks.3.sum', { column: 'amount' }, 'checks[3].sum', /min, max or both/],
  ['a sum upside down', 'checks.3.sum', { column: 'amount', min: 2, max: 1 }, 'checks[3].sum', /not above the max/],
  ['a hold without a unit', 'hold.for', '7', 'hold.for', /from 1s to 3650 days/],
  ['an unknown end of a hold', 'hold.then', 'publish', 'hold.then', /reject, quarantine or release/],
  ['a hold that is true', 'hold', true, 'hold', /false, or an object/],
  ['a mask that is a word', 'columns.id.masked', 'yes', 'columns.id.masked', /true or false/],
  ['a name with blanks', 'name', 'my orders', 'name', /letters, digits/],
]; // prettier-ignore
test.each(fields)('%s is refused', async (_title, path, value, object, expected) => {
  const details = await refusal(withField(path, value));
  expect(details.object).toBe(`orders.ts ${object}`);
  expect(details.expected).toMatch(expected);
  expect(details.got).toBeDefined();
});

test.each([
  ['a mistyped field of a column', 'columns.state.acepted', [], 'Did you mean "accepted"?'],
  ['a mistyped field of rows', 'rows.chnge', '5%', 'Did you mean "change"?'],
  ['a mistyped rule', 'checks.1.freshnes', {}, 'Did you mean "freshness"?'],
  ['a mistyped field of a rule', 'checks.1.freshness.colum', 'at', 'Did you mean "column"?'],
  ['a mistyped field of a hold', 'hold.form', '2 days', 'Did you mean "for"?'],
  ['a mistyped column', 'checks.3.sum.column', 'amuont', 'Did you mean "amount"?'],
  ['a limit as a share of one', 'columns.state.failAbove', 0.01, 'Write "1%" for a share.'],
  ['a limit without its %', 'columns.state.failAbove', '5', 'Write "5%" for a share, or 5 without quotes for a count.'],
  ['a number among texts', 'columns.state.accepted', [1], 'Quote it: "1".'],
  ['a table without its warehouse', 'checks.2.references.table', 'public.states', 'Write main/public.states.'],
])('%s is refused with what to write', async (_title, path, value, remedy) => {
  expect((await refusal(withField(path, value))).remedy).toBe(remedy);
});
