import type { TableContract } from '../../../workflows/table-contract';
import { failureOf } from '../support/failures';
import { fetchHistory, stepsOf, textOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('table_checks');
});
afterAll(() => lab.stop());

const marker = 'S3CRET-VALUE';
const columns = {
  id: { type: 'integer' },
  amount: { type: 'decimal(12,2)' },
  name: { type: 'text' },
  at: { type: 'timestamptz' },
} as const;

let made = 0;

/** A table of its own with this contract, and a way to load rows of `id,amount,name,at`. */
function tableOf(more: Partial<TableContract>) {
  const name = `table_${++made}`;
  const into = lab.contract({ name, columns, create: 'if-missing', hold: false, ...more });
  let files = 0;
  const request = async (rows: readonly string[], day?: string) => {
    const file = `${name}/${++files}.csv`;
    await lab.file(file, ['id,amount,name,at', ...rows, ''].join('\n'));
    const interval = day === undefined ? {} : { interval: dayOf(day) };
    return { pipeline: name, into, mode: into && more.key ? 'merge' : 'append', from: raw(file), ...interval } as const;
  };
  return {
    name,
    load: async (rows: readonly string[], day?: string, workflowId = `${name}-${files}`) =>
      lab.load(await request(rows, day), { workflowId }),
    ids: async () => (await lab.rows<{ id: number }>(`SELECT id FROM ${name} ORDER BY 1`)).map((r) => r.id),
  };
}

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `${from + i},1,a,2026-01-01T00:00:00Z`);

describe('a limit on broken rows', () => {
  const limited = (failAbove: number | string) =>
    tableOf({
      columns: { ...columns, amount: { ...columns.amount, range: { min: 0 }, severity: 'quarantine', failAbove } },
    });
  const batch = (bad: number): string[] => [
    ...numbered(200 - bad),
    ...Array.from({ length: bad }, (_, i) => `${900 + i},-1,a,`),
  ];

  test.each([2, '1%'])('of %s holds back no load at it, and fails one above it', async (failAbove) => {
    const table = limited(failAbove);
    expect(countsOf((await table.load(batch(2))).tables[0])).toEqual({ read: 200, quarantined: 2, inserted: 198 });
    const failure = await failureOf(table.load(batch(3)));
    expect([failure.type, failure.message]).toEqual(['OutOfRange', expect.stringContaining('3 of 200 rows') as string]);
    expect(await table.ids()).toHaveLength(198);
  });
});

test('a row that breaks several checks is set aside once, with each of its reasons', async () => {
  const table = tableOf({
    columns: {
      ...columns,
      amount: { ...columns.amount, range: { min: 0 }, severity: 'quarantine' },
      name: { type: 'text', length: { max: 3 }, pattern: '[a-z]*', severity: 'quarantine' },
    },
    checks: [{ name: 'cheap', sql: 'amount < 100', severity: 'quarantine' }],
  });
  const receipt = await table.load(['1,-1,TOOLONG,', '2,1,ab,', '3,500,ab,', '4,1,AB,']);
  expect(countsOf(receipt.tables[0])).toEqual({ read: 4, quarantined: 3, inserted: 1 });
  expect(receipt.warnings.map((w) => w.message)).toEqual([
    expect.stringMatching(
      /^3 rows were set aside for table_\d+ \(amount out of range: 1; name of another form: 2; name of another length: 1; checks\.cheap: 1\)/,
    ) as string,
  ]);
  const aside = `SELECT (row->>'id')::int AS id, reasons FROM _loadline.quarantine WHERE load_id = $1 ORDER BY 1`;
  expect(await lab.rows(aside, [receipt.loadId])).toEqual([
    { id: 1, reasons: ['range of amount', 'pattern of name', 'length of name'] },
    { id: 3, reasons: ['check cheap'] },
    { id: 4, reasons: ['pattern of name'] },
  ]);
  expect(await table.ids()).toEqual([2]);
});

test('an empty batch breaks nothing but a count of rows', async () => {
  const checks = [
    { name: 'cheap', sql: 'amount < 100' },
    { name: 'fresh', freshness: { column: 'at', within: '1 day' } },
    { name: 'total', sum: { column: 'amount', min: 0 } },
  ];
  const all = { ...columns, name: { type: 'text', notNull: true, accepted: ['a'], pattern: 'a', length: { min: 1 } } };
  expect((await tableOf({ columns: all, checks }).load([])).outcome).toBe('nothing-to-load');
  expect((await failureOf(tableOf({ checks, rows: { min: 1 } }).load([]))).type).toBe('RowCount');
  expect(
    (await failureOf(tableOf({ checks: [{ name: 'total', sum: { column: 'amount', min: 1 } }] }).load([]))).type,
  ).toBe('CheckFailed');
});

test('every check that failed is told, and who answers for the table', async () => {
  const table = tableOf({
    owner: 'the shop',
    rows: { max: 1 },
    columns: { ...columns, name: { type: 'text', notNull: true, accepted: ['a'] } },
    checks: [{ name: 'cheap', sql: 'amount < 100' }],
  });
  const failure = await failureOf(table.load(['1,500,a,', '2,1,,', `3,1,${marker},`]));
  expect(failure.type).toBe('RowCount');
  for (const told of [
    'rows: expected at most 1 rows, got 3 rows',
    'notNull of name',
    'accepted of name',
    'checks.cheap',
    '1 of 3 rows',
    'the shop',
  ])
    expect(failure.message).toContain(told);
  expect(failure.message).not.toContain(marker);
});

describe('freshness', () => {
  const fresh = (within: string, more: Partial<TableContract> = {}) =>
    tableOf({ checks: [{ name: 'fresh', freshness: { column: 'at', within } }], ...more });
  const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

  test('is about the newest value, seen from now', async () => {
    const table = fresh('2h');
    await table.load([`1,1,a,${ago(100)}`, `2,1,a,${ago(1)}`, '3,1,a,']);
    const failure = await failureOf(table.load([`4,1,a,${ago(3)}`]));
    expect([failure.type, failure.message]).toEqual([
      'CheckFailed',
      expect.stringContaining('a newest at of at most 2h ago') as string,
    ]);
    expect(await table.ids()).toEqual([1, 2, 3]);
    // Without a value there is nothing to be old.
    await table.load(['5,1,a,']);
  });

  test('is seen from the end of an interval that is over', async () => {
    const table = fresh('1 day');
    await table.load(['1,1,a,2026-01-01T01:00:00Z'], '2026-01-01');
    expect((await failureOf(table.load(['2,1,a,2026-01-01T23:59:59Z'], '2026-01-02'))).type).toBe('CheckFailed');
    const today = new Date().toISOString().slice(0, 10);
    await fresh('2h').load([`3,1,a,${ago(1)}`], today);
  });

  test('counts only rows that are to be loaded', async () => {
    const table = fresh('2h', {
      columns: { ...columns, amount: { ...columns.amount, range: { min: 0 }, severity: 'quarantine' } },
    });
    expect((await failureOf(table.load([`1,-1,a,${ago(0)}`, `2,1,a,${ago(50)}`]))).type).toBe('CheckFailed');
  });
});

describe('a sum', () => {
  test('has inclusive bounds, exact to the last digit', async () => {
    const table = tableOf({ checks: [{ name: 'total', sum: { column: 'amount', min: '0.30', max: 0.3 } }] });
    await table.load(['1,0.1,a,', '2,0.2,a,', '3,,a,']);
    for (const more of ['0.01', '-0.01']) {
      const failure = await failureOf(table.load(['4,0.1,a,', '5,0.2,a,', `6,${more},a,`]));
      expect([failure.type, failure.details[0].object]).toEqual(['CheckFailed', `${table.name}.checks.total`]);
    }
  });

  test('is of the rows that are to be loaded: neither set aside nor repeated', async () => {
    const table = tableOf({
      columns: { ...columns, amount: { ...columns.amount, range: { min: 0 }, severity: 'quarantine' } },
      key: ['id'],
      checks: [{ name: 'total', sum: { column: 'amount', min: 3, max: 3 } }],
    });
    const receipt = await table.load(['1,1,a,', '2,2,a,', '2,2,a,', '3,-7,a,']);
    expect(countsOf(receipt.tables[0])).toEqual({ read: 4, duplicates: 1, quarantined: 1, inserted: 2 });
    expect(receipt.tables[0]!.checks!.find((c) => c.id === 'checks.total')).toMatchObject({
      verdict: 'pass',
      broken: 0,
    });
  });
});

test('the rows of a batch are compared with the last loads of the table, once there are five', async () => {
  const table = tableOf({ rows: { change: '50%', severity: 'warn' } });
  const warned = async (rows: number, from: number): Promise<string[]> =>
    (await table.load(numbered(rows, from))).warnings.map((w) => w.message);
  for (const [i, rows] of [10, 1, 10, 10, 10].entries()) expect(await warned(rows, i * 1_000)).toEqual([]);
  expect(await warned(15, 5_000)).toEqual([]);
  expect(await warned(16, 6_000)).toEqual([expect.stringContaining('got 16 rows, median 10') as string]);
  expect(await warned(4, 7_000)).toHaveLength(1);
  const strict = lab.contract({ name: `${table.name}`, columns, rows: { change: '50%' }, hold: false });
  await lab.file('many.csv', ['id,amount,name,at', ...numbered(99, 9_000), ''].join('\n'));
  const failure = await failureOf(
    lab.load({ pipeline: table.name, into: strict, mode: 'append', from: raw('many.csv') }),
  );
  expect([failure.type, failure.message]).toEqual(['CheckFailed', expect.stringContaining('rows.change') as string]);
}, 120_000);

describe('SQL of a contract', () => {
  const withSql = (sql: string) => tableOf({ checks: [{ name: 'mine', sql }] });

  test.each([
    ['an unknown column', 'amuont > 0', '"amuont" does not exist'],
    ['no condition', 'amount + 1', 'types numeric and boolean'],
    ['what is no SQL', 'amount >', 'syntax error'],
    ['an unknown function', 'nosuch(amount)', 'nosuch(numeric) does not exist'],
    ['several rows', 'sum(amount) > 0', 'aggregate function'],
    ['other answers each time', 'random() < 0.5', 'random(), which is VOLATILE'],
    ['writing', "pg_catalog.set_config('work_mem', '64kB', false) IS NOT NULL", 'set_config(), which is VOLATILE'],
  ])('for %s is refused before anything is read', async (_what, sql, said) => {
    const table = withSql(sql);
    const failure = await failureOf(table.load(numbered(1), undefined, `${table.name}-refused`));
    expect([failure.type, failure.message]).toEqual(['InvalidCheck', expect.stringContaining(said) as string]);
    expect(failure.details[0].object).toBe(`${table.name} checks.mine`);
    expect(stepsOf(await fetchHistory(lab.client, `${table.name}-refused`))).toBe('openLoad');
  });

  test('that fails on a row is told without the row, and which of the checks it was', async () => {
    const table = tableOf({ checks: [{ name: 'fine', sql: 'id > 0' }, { name: 'number', sql: 'name::integer > 0' }] }); // prettier-ignore
    const failure = await failureOf(table.load([`1,1,${marker},`], undefined, `${table.name}-broken`));
    expect([failure.type, failure.details[0].object]).toEqual(['InvalidCheck', `${table.name} checks.number`]);
    expect(failure.message).toContain('a text that cannot be converted (SQLSTATE 22P02)');
    expect(failure.message + textOf(await fetchHistory(lab.client, `${table.name}-broken`))).not.toContain(marker);
    expect(await table.ids()).toEqual([]);
  });

  test('that divides by zero names the division', async () => {
    const failure = await failureOf(withSql('1 / (amount - amount) > 0').load(numbered(1)));
    expect([failure.type, failure.message]).toEqual([
      'InvalidCheck',
      expect.stringContaining('a division by zero') as string,
    ]);
  });

  test('cannot write, even by a function that says it does not', async () => {
    await lab.rows('CREATE TABLE written (n integer)');
    await lab.rows(
      `CREATE FUNCTION inner_write() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$ BEGIN INSERT INTO written VALUES (1); RETURN true; END $$`,
    );
    await lab.rows(
      `CREATE FUNCTION looks_pure(i integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN inner_write(); END $$`,
    );
    const failure = await failureOf(withSql('looks_pure(id)').load(numbered(1)));
    expect([failure.type, failure.message]).toEqual([
      'InvalidCheck',
      expect.stringContaining('a function that writes') as string,
    ]);
    expect(await lab.rows('SELECT * FROM written')).toEqual([]);
  });
});

test('a reference into a table that is not there is refused before anything is read', async () => {
  const table = tableOf({
    checks: [{ name: 'known', references: { columns: ['name'], table: 'main/public.nowhere' } }],
  });
  const failure = await failureOf(table.load(numbered(1), undefined, `${table.name}-refused`));
  expect([failure.type, failure.message]).toEqual(['InvalidCheck', expect.stringContaining('no such table') as string]);
  expect(stepsOf(await fetchHistory(lab.client, `${table.name}-refused`))).toBe('openLoad');
});

test('a reference into a large table without an index does not read it for each row', async () => {
  await lab.rows('CREATE TABLE large AS SELECT i AS id FROM generate_series(1, 40000) i');
  const table = tableOf({
    checks: [{ name: 'known', severity: 'quarantine', references: { columns: ['id'], table: 'main/public.large' } }],
  });
  // Row by row these would be 800 million comparisons.
  const receipt = await table.load(numbered(20_001));
  expect(countsOf(receipt.tables[0])).toEqual({ read: 20_001, quarantined: 1, inserted: 20_000 });
}, 30_000);

test('a reference of several columns is one row of the other table', async () => {
  await lab.rows(
    `CREATE TABLE prices (product text, currency text); INSERT INTO prices VALUES ('a', 'EUR'), ('b', 'USD')`,
  );
  const table = tableOf({
    columns: { id: { type: 'integer' }, product: { type: 'text' }, currency: { type: 'text' } },
    checks: [
      {
        name: 'priced',
        severity: 'quarantine',
        references: { columns: ['product', 'currency'], table: 'main/public.prices' },
      },
    ],
  });
  await lab.file(`${table.name}.csv`, 'id,product,currency\n1,a,EUR\n2,a,USD\n3,,USD\n4,b,\n');
  const receipt = await lab.load({
    pipeline: table.name,
    into: table.name,
    mode: 'append',
    from: raw(`${table.name}.csv`),
  });
  expect(countsOf(receipt.tables[0])).toEqual({ read: 4, quarantined: 1, inserted: 3 });
});

test('names and values of any kind mean themselves, whatever Loadline calls its own', async () => {
  const odd = ['s', 'm', 'found', 'row', 'reasons', 'rows', `we"ird'; --`];
  await lab.rows(`CREATE TABLE "Odd ""ones""" ("it's" text)`);
  await lab.rows(`INSERT INTO "Odd ""ones""" SELECT unnest($1::text[])`, [['\\', "'", '$1']]);
  const table = tableOf({
    columns: Object.fromEntries(
      odd.map((name) => [
        name,
        { type: 'text', accepted: ['\\', "'", '$1'], pattern: "[\\\\'$1]+", severity: 'quarantine' },
      ]),
    ),
    checks: [
      { name: 'one', sql: `s = m AND "we""ird'; --" = s`, severity: 'quarantine' },
      ...[0, 1].map((i) => ({
        name: `known-${i}`,
        severity: 'quarantine' as const,
        references: { columns: [odd[i]!], table: 'main/public.Odd "ones"', to: ["it's"] },
      })),
    ],
  });
  const line = (value: string): string => odd.map(() => `"${value}"`).join(',');
  const header = odd.map((n) => `"${n.replaceAll('"', '""')}"`).join(',');
  await lab.file(`${table.name}.csv`, [header, ...['\\', "'", '$1', 'x'].map(line), ''].join('\n'));
  const request = { pipeline: table.name, into: table.name, mode: 'append', from: raw(`${table.name}.csv`) } as const;
  const receipt = await lab.load(request);
  expect(countsOf(receipt.tables[0])).toEqual({ read: 4, quarantined: 1, inserted: 3 });
  const [aside] = await lab.rows<{ reasons: string[] }>('SELECT reasons FROM _loadline.quarantine WHERE load_id = $1', [
    receipt.loadId,
  ]);
  const reasons = odd.flatMap((n) => [`accepted of ${n}`, `pattern of ${n}`]);
  expect(aside!.reasons).toEqual([...reasons, 'check known-0', 'check known-1']);
});

test('a column of any name does not hide that another is not unique', async () => {
  const table = tableOf({
    columns: { id: { type: 'integer' }, s: { type: 'text' }, code: { type: 'text', unique: true } },
    key: ['id'],
  });
  await lab.file(`${table.name}.csv`, 'id,s,code\n1,same,twice\n2,same,twice\n');
  const request = { pipeline: table.name, into: table.name, mode: 'merge', from: raw(`${table.name}.csv`) } as const;
  expect((await failureOf(lab.load({ ...request, interval: dayOf('2026-01-01') }))).type).toBe('NotUnique');
});

test('a key column warns of everything but a missing key', async () => {
  const table = tableOf({
    columns: { ...columns, id: { type: 'integer', range: { min: 0 }, severity: 'warn' } },
    key: ['id'],
  });
  expect((await table.load(['-1,1,a,'])).warnings.map((w) => w.code)).toEqual(['OutOfRange']);
  expect((await failureOf(table.load([',1,a,']))).type).toBe('NullKey');
});
