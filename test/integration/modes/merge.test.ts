import { codeOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';

const byNumber = (a: string, b: string): number => Number.parseInt(a) - Number.parseInt(b);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('merge');
});
afterAll(() => lab.stop());

const columns = { id: { type: 'bigint' }, what: { type: 'text' }, at: { type: 'timestamptz' } } as const;
const content = (table: string) =>
  lab.rows(`SELECT id::int, what, extract(day from at)::int AS day FROM ${table} ORDER BY 1`);

describe('merge', () => {
  test('adds new keys, updates changed rows, and does not write rows that are equal', async () => {
    const into = lab.contract({ name: 'orders', columns, key: ['id'], create: 'if-missing' });
    const request = { pipeline: 'orders', into, mode: 'merge', from: raw('orders/*.csv') } as const;
    await lab.file('orders/a.csv', 'id,what,at\n1,one,2026-01-01Z\n2,two,2026-01-02Z\n3,,2026-01-03Z\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 3, inserted: 3 });
    const before = await lab.rows('SELECT id::int, xmin::text, ctid::text FROM orders ORDER BY 1');

    await lab.file(
      'orders/b.csv',
      'id,what,at\n4,four,2026-01-04Z\n2,zwei,2026-01-02Z\n1,one,2026-01-01 01:00+01\n3,,2026-01-03Z\n',
    );
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 4, inserted: 1, updated: 1, unchanged: 2 });
    expect(await content('orders')).toEqual([
      { id: 1, what: 'one', day: 1 },
      { id: 2, what: 'zwei', day: 2 },
      { id: 3, what: null, day: 3 },
      { id: 4, what: 'four', day: 4 },
    ]);
    const after = await lab.rows('SELECT id::int, xmin::text, ctid::text FROM orders WHERE id IN (1, 3) ORDER BY 1');
    expect(after).toEqual(before.filter((r) => r['id'] !== 2));
  });

  test('lets the newest row win in the batch and against the table', async () => {
    const into = lab.contract({ name: 'newest', columns, key: ['id'], newest: 'at', create: 'if-missing' });
    const request = { pipeline: 'newest', into, mode: 'merge', from: raw('newest/*.csv') } as const;
    await lab.file(
      'newest/a.csv',
      'id,what,at\n1,old,2026-01-01Z\n1,new,2026-01-05Z\n1,none,\n2,two,2026-01-05Z\n3,three,\n',
    );
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 5, duplicates: 2, inserted: 3 });

    await lab.file('newest/b.csv', 'id,what,at\n1,stale,2026-01-04Z\n2,same time,2026-01-05Z\n3,now,2026-01-01Z\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 3, stale: 1, updated: 2 });
    expect(await content('newest')).toEqual([
      { id: 1, what: 'new', day: 5 },
      { id: 2, what: 'same time', day: 5 },
      { id: 3, what: 'now', day: 1 },
    ]);
    await lab.file('newest/c.csv', 'id,what,at\n1,unknown time,\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 1, stale: 1 });
  });

  test.each([
    ['equal but for a few', { changed: [7], stale: [8, 9], fresh: 1 }],
    ['equal in another order', { changed: [], stale: [], fresh: 0 }],
    ['equal at its beginning only', { changed: [1500, 1501], stale: [1600], fresh: 1200 }],
    ['stale throughout', { changed: [], stale: Array.from({ length: 2000 }, (_, i) => i + 1), fresh: 0 }],
  ])('counts each row of a file that is %s, and writes only what differs', async (what, { changed, stale, fresh }) => {
    const name = `again_${what.replaceAll(' ', '_')}`;
    const into = lab.contract({ name, columns, key: ['id'], newest: 'at', create: 'if-missing' });
    const request = { pipeline: name, into, mode: 'merge', from: raw(`${name}/*.csv`) } as const;
    const row = (id: number, text = 'same', day = '05'): string => `${id},${text},2026-01-${day}Z`;
    const ids = Array.from({ length: 2000 }, (_, i) => i + 1);
    const file = (rows: string[]): string => ['id,what,at', ...rows, ''].join('\n');
    await lab.file(`${name}/a.csv`, file(ids.map((id) => row(id))));
    await lab.load(request);
    const next = ids.map((id) =>
      changed.includes(id) ? row(id, 'other') : row(id, 'same', stale.includes(id) ? '04' : '05'),
    );
    const added = Array.from({ length: fresh }, (_, i) => row(5000 + i));
    await lab.file(`${name}/b.csv`, file([...next, ...added].sort(what.includes('order') ? undefined : byNumber)));
    const receipt = await lab.load(request);
    const expected = { inserted: fresh, updated: changed.length, stale: stale.length };
    const unchanged = 2000 - changed.length - stale.length;
    expect(receipt.tables[0]).toMatchObject({ ...expected, unchanged, read: 2000 + fresh });
    const [{ n, other }] = (await lab.rows(
      `SELECT count(*)::int AS n, count(*) FILTER (WHERE what = 'other')::int AS other FROM ${name}`,
    )) as [{ n: number; other: number }];
    expect({ n, other }).toEqual({ n: 2000 + fresh, other: changed.length });
  });

  const touched = `CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$`;
  test.each([
    ['a primary key', 'PRIMARY KEY (id, "On")', ''],
    ['a deferrable key', 'UNIQUE (id, "On") DEFERRABLE', ''],
    ['a unique index on less than the key', 'UNIQUE ("On")', ''],
    ['a key that includes other columns', 'UNIQUE (id, "On") INCLUDE (what)', ''],
    ['a partial unique index', 'CHECK (true)', 'CREATE UNIQUE INDEX ON TABLE_NAME (id, "On") WHERE id < 3'],
    ['no index', 'CHECK (true)', ''],
    [
      'partitions',
      'PRIMARY KEY (id, "On")) PARTITION BY RANGE ("On"',
      'CREATE TABLE TABLE_NAME_1 PARTITION OF TABLE_NAME DEFAULT',
    ],
    ['a trigger', 'UNIQUE (id, "On")', `${touched}; CREATE TRIGGER t BEFORE UPDATE ON TABLE_NAME FOR EACH ROW EXECUTE FUNCTION touched()`], // prettier-ignore
  ])('a table with %s takes a file that is mostly news, with the same counts', async (kind, constraint, more) => {
    const name = `news_${kind.replaceAll(' ', '_')}`;
    const of = { id: { type: 'integer' }, On: { type: 'date' }, what: { type: 'json' }, at: { type: 'timestamptz' } } as const; // prettier-ignore
    const into = lab.contract({ name, columns: of, key: ['On', 'id'], newest: 'at' });
    await lab.rows(`CREATE TABLE ${name} (id integer, "On" date, what json, at timestamptz, own text DEFAULT 'd', ${constraint})`); // prettier-ignore
    await lab.rows(more.replaceAll('TABLE_NAME', name));
    const request = { pipeline: name, into, mode: 'merge', from: raw(`${name}/*.csv`) } as const;
    const at = (id: number, what: string, time: string) => `${id},2026-01-0${id},"{""v"": ""${what}""}",${time}`;
    const head = 'id,On,what,at';
    await lab.file(`${name}/a.csv`, [head, at(1, 'a', '2026-01-05Z'), at(2, 'a', ''), at(3, 'a', '2026-01-05Z'), at(4, 'a', '2026-01-05Z')].join('\n')); // prettier-ignore
    await lab.load(request);
    await lab.rows(`UPDATE ${name} SET own = 'kept'`);
    await lab.file(`${name}/b.csv`, [head, at(1, 'b', '2026-01-05Z'), at(2, 'b', '2026-01-01Z'), at(3, 'b', '2026-01-04Z'), at(4, 'a', '2026-01-05Z'), at(5, 'b', ''), at(6, 'b', '2026-01-06Z')].join('\n')); // prettier-ignore
    const receipt = await lab.load(request);
    expect(countsOf(receipt.tables[0])).toEqual({ read: 6, inserted: 2, updated: 2, stale: 1, unchanged: 1 });
    expect(await lab.rows(`SELECT id, what ->> 'v' AS v, own FROM ${name} ORDER BY id`)).toEqual([
      { id: 1, v: 'b', own: 'kept' },
      { id: 2, v: 'b', own: 'kept' },
      { id: 3, v: 'a', own: 'kept' },
      { id: 4, v: 'a', own: 'kept' },
      { id: 5, v: 'b', own: 'd' },
      { id: 6, v: 'b', own: 'd' },
    ]);
  });

  test('refuses two newest rows that contradict each other, whatever other rows there are', async () => {
    const into = lab.contract({ name: 'tie', columns, key: ['id'], newest: 'at', create: 'if-missing' });
    await lab.file('tie/a.csv', 'id,what,at\n1,a,2026-01-05Z\n1,b,2026-01-05Z\n1,c,2026-01-01Z\n');
    expect(await codeOf(lab.load({ pipeline: 'tie', into, mode: 'merge', from: raw('tie/*.csv') }))).toBe(
      'ConflictingDuplicates',
    );
  });

  test('keeps columns that the contract does not name, and works on a key of several columns', async () => {
    await lab.rows(
      `CREATE TABLE wide (a text, b date, n numeric, note text DEFAULT 'mine', at timestamptz DEFAULT now(), PRIMARY KEY (a, b))`,
    );
    await lab.rows(`INSERT INTO wide VALUES ('x', '2026-01-01', 1, 'kept')`);
    const into = lab.contract({
      name: 'wide',
      columns: { n: { type: 'decimal(38,9)' }, b: { type: 'date' }, a: { type: 'text' } },
      key: ['b', 'a'],
    });
    await lab.file('wide/a.csv', 'b,n,a\n2026-01-01,2,x\n2026-01-02,3,x\n2026-01-01,4,\n'.replace('4,\n', '4,""\n'));
    const receipt = await lab.load({ pipeline: 'wide', into, mode: 'merge', from: raw('wide/*.csv') });
    expect(countsOf(receipt.tables[0])).toEqual({ read: 3, inserted: 2, updated: 1 });
    expect(await lab.rows('SELECT a, b::text, n::float8, note FROM wide ORDER BY n')).toEqual([
      { a: 'x', b: '2026-01-01', n: 2, note: 'kept' },
      { a: 'x', b: '2026-01-02', n: 3, note: 'mine' },
      { a: '', b: '2026-01-01', n: 4, note: 'mine' },
    ]);
  });

  test('refuses a target that holds one key twice, rather than count a row as two', async () => {
    await lab.rows('CREATE TABLE doubled (id bigint, what text, at timestamptz)');
    await lab.rows(`INSERT INTO doubled VALUES (1, 'a', now()), (1, 'b', now()), (2, 'c', now())`);
    const into = lab.contract({ name: 'doubled', columns, key: ['id'] });
    await lab.file('doubled/a.csv', 'id,what,at\n1,x,2026-01-01Z\n2,y,2026-01-01Z\n3,z,2026-01-01Z\n');
    expect(await codeOf(lab.load({ pipeline: 'doubled', into, mode: 'merge', from: raw('doubled/*.csv') }))).toBe(
      'NotUnique',
    );
    expect(await lab.rows('SELECT what FROM doubled ORDER BY 1')).toEqual([
      { what: 'a' },
      { what: 'b' },
      { what: 'c' },
    ]);
  });

  test('with only key columns there is nothing to update', async () => {
    const into = lab.contract({ name: 'tags', columns: { tag: { type: 'text' } }, key: ['tag'], create: 'if-missing' });
    const request = { pipeline: 'tags', into, mode: 'merge', from: raw('tags/*.csv') } as const;
    await lab.file('tags/a.csv', 'tag\nred\ngreen\nred\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 3, inserted: 2, duplicates: 1 });
    await lab.file('tags/b.csv', 'tag\nred\nblue\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 2, inserted: 1, unchanged: 1 });
  });

  test('refuses an older interval without `newest`, and takes it where that is allowed', async () => {
    const into = lab.contract({ name: 'ordered', columns, key: ['id'], create: 'if-missing' });
    const load = (date: string, more: object = {}) =>
      lab.load({
        pipeline: 'ordered',
        into,
        mode: 'merge',
        from: raw(`ordered/${date}.csv`),
        interval: dayOf(date),
        ...more,
      });
    await lab.file('ordered/2026-01-02.csv', 'id,what,at\n1,tuesday,2026-01-02Z\n');
    await lab.file('ordered/2026-01-01.csv', 'id,what,at\n1,monday,2026-01-01Z\n');
    await load('2026-01-02');
    expect(await codeOf(load('2026-01-01'))).toBe('OutOfOrder');
    expect(await content('ordered')).toEqual([{ id: 1, what: 'tuesday', day: 2 }]);
    expect(countsOf((await load('2026-01-01', { outOfOrder: 'allow' })).tables[0])).toEqual({ read: 1, updated: 1 });
    // The same older load again is no new one.
    expect((await load('2026-01-01')).outcome).toBe('already-loaded');
  });
});

describe('insert-only', () => {
  test('adds new keys and leaves known ones as they are', async () => {
    const into = lab.contract({ name: 'firsts', columns, key: ['id'], create: 'if-missing' });
    const request = { pipeline: 'firsts', into, mode: 'insert-only', from: raw('firsts/*.csv') } as const;
    await lab.file('firsts/a.csv', 'id,what,at\n1,one,2026-01-01Z\n1,one,2026-01-01Z\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 2, duplicates: 1, inserted: 1 });
    await lab.file('firsts/b.csv', 'id,what,at\n1,uno,2026-01-09Z\n2,two,2026-01-02Z\n');
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 2, inserted: 1, unchanged: 1 });
    expect(await content('firsts')).toEqual([
      { id: 1, what: 'one', day: 1 },
      { id: 2, what: 'two', day: 2 },
    ]);
  });
});

describe('rows that break the contract', () => {
  const checked = {
    id: { type: 'bigint', severity: 'quarantine' },
    amount: { type: 'decimal(12,2)', range: { min: 0, max: 100 }, severity: 'quarantine' },
    name: { type: 'text', notNull: true, severity: 'quarantine' },
  } as const;

  test('are set aside once, with every reason, and the rest is loaded', async () => {
    const into = lab.contract({ name: 'checked', columns: checked, key: ['id'], create: 'if-missing' });
    const request = {
      pipeline: 'checked',
      into,
      mode: 'merge',
      from: raw('checked/*.csv'),
      interval: dayOf('2026-01-01'),
    } as const;
    await lab.file(
      'checked/a.csv',
      'id,amount,name\n1,5,ok\n2,-1,low\n3,101,\n4,,null passes a range\n,5,no key\n5,100,edge\n5,100,edge\n2,-1,low\n',
    );
    const receipt = await lab.load(request);
    expect(countsOf(receipt.tables[0])).toEqual({ read: 8, duplicates: 1, quarantined: 4, inserted: 3 });
    const [told, ...others] = receipt.warnings;
    expect([told?.code, others]).toEqual(['RowsQuarantined', []]);
    const reasons = 'id without a value: 1; amount out of range: 3; name without a value: 1';
    expect(told!.message).toBe(
      `4 rows were set aside for checked (${reasons}). To see them: loadline quarantine show ${receipt.loadId}`,
    );
    await lab.load(request);
    const aside = await lab.rows(
      `SELECT reasons, row->>'id' AS id, row->>'amount' AS amount, row->>'name' AS name, load_id = $1 AS mine FROM _loadline.quarantine
       WHERE target LIKE '%.checked' ORDER BY 2 NULLS FIRST`,
      [receipt.loadId],
    );
    expect(aside).toEqual([
      { reasons: ['key of id'], id: null, amount: '5.00', name: 'no key', mine: true },
      { reasons: ['range of amount'], id: '2', amount: '-1.00', name: 'low', mine: true },
      { reasons: ['range of amount'], id: '2', amount: '-1.00', name: 'low', mine: true },
      { reasons: ['range of amount', 'notNull of name'], id: '3', amount: '101.00', name: null, mine: true },
    ]);
    expect(await lab.rows('SELECT id::int FROM checked ORDER BY 1')).toEqual([{ id: 1 }, { id: 4 }, { id: 5 }]);
  });

  test('do not contradict the rows that are loaded, nor count for uniqueness', async () => {
    const columns = { ...checked, name: { type: 'text', unique: true } } as const;
    const into = lab.contract({ name: 'beside', columns, key: ['id'], create: 'if-missing' });
    await lab.file('beside/a.csv', 'id,amount,name\n1,5,ann\n1,-5,bob\n2,500,ann\n');
    const receipt = await lab.load({ pipeline: 'beside', into, mode: 'merge', from: raw('beside/*.csv') });
    expect(countsOf(receipt.tables[0])).toEqual({ read: 3, quarantined: 2, inserted: 1 });
  });

  test('fail the load where one check that they break says so, beside others that only set aside', async () => {
    const columns = { ...checked, name: { type: 'text', notNull: true } } as const;
    const into = lab.contract({ name: 'strict', columns, key: ['id'], create: 'if-missing', hold: false });
    await lab.file('strict/a.csv', 'id,amount,name\n1,-5,\n');
    expect(await codeOf(lab.load({ pipeline: 'strict', into, mode: 'merge', from: raw('strict/*.csv') }))).toBe(
      'NullValue',
    );
    expect(await lab.rows(`SELECT 1 FROM _loadline.quarantine WHERE target LIKE '%.strict'`)).toEqual([]);
  });
});

test('a value that must be unique is looked for in the batch and in the table', async () => {
  const columns = { id: { type: 'bigint' }, mail: { type: 'text', unique: true } } as const;
  const into = lab.contract({ name: 'people', columns, key: ['id'], create: 'if-missing' });
  const load = (n: number) => lab.load({ pipeline: 'people', into, mode: 'merge', from: raw(`people/${n}.csv`) });
  await lab.file('people/1.csv', 'id,mail\n1,a@x\n2,b@x\n3,\n4,\n');
  await load(1);
  await lab.file('people/2.csv', 'id,mail\n5,c@x\n6,c@x\n');
  expect(await codeOf(load(2))).toBe('NotUnique');
  await lab.file('people/3.csv', 'id,mail\n7,b@x\n');
  expect(await codeOf(load(3))).toBe('NotUnique');
  await lab.file('people/4.csv', 'id,mail\n2,b@x\n1,new@x\n');
  expect(countsOf((await load(4)).tables[0])).toEqual({ read: 2, updated: 1, unchanged: 1 });
});
