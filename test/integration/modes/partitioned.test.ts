import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { expectRefused } from '../support/refusal';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('partitioned');
});
afterAll(() => lab.stop());

const columns = { id: { type: 'integer' }, day: { type: 'date' }, what: { type: 'text' } } as const;
const contract = (name: string, more: object = {}) =>
  lab.contract({ name, columns, key: ['id', 'day'], partition: { column: 'day', by: 'day' }, ...more });
const content = async (table: string): Promise<string[]> =>
  (
    await lab.rows<{ r: string }>(`SELECT tableoid::regclass || ' ' || id || ' ' || what AS r FROM ${table} ORDER BY 1`)
  ).map((r) => r.r);

const kinds: Readonly<Record<string, (name: string) => string>> = {
  range: (
    name,
  ) => `CREATE TABLE ${name} (id integer, day date, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE ${name}_jan PARTITION OF ${name} FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE ${name}_feb (what text, day date NOT NULL, id integer NOT NULL);
    ALTER TABLE ${name} ATTACH PARTITION ${name}_feb FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
  list: (
    name,
  ) => `CREATE TABLE ${name} (id integer, day date, what text, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE ${name}_one PARTITION OF ${name} FOR VALUES IN ('2026-01-01', '2026-01-02');
    CREATE TABLE ${name}_rest PARTITION OF ${name} DEFAULT`,
  hash: (name) => `CREATE TABLE ${name} (id integer, day date, what text, PRIMARY KEY (id, day)) PARTITION BY HASH (id);
    CREATE TABLE ${name}_0 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE ${name}_1 PARTITION OF ${name} FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
  nested: (
    name,
  ) => `CREATE TABLE ${name} (id integer, day date, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE ${name}_all PARTITION OF ${name} FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
    CREATE TABLE ${name}_all_rest PARTITION OF ${name}_all DEFAULT`,
};

describe.each(Object.keys(kinds))('a table partitioned by %s', (kind) => {
  const rows = (...lines: string[]): string => ['id,day,what', ...lines, ''].join('\n');

  test('takes every mode, and is one table to the ledger', async () => {
    const name = `by_${kind}`;
    await lab.rows(kinds[kind]!(name));
    const into = contract(name);
    const load = async (mode: string, lines: string[], more: object = {}) => {
      const path = await lab.file(`${name}/${mode}.csv`, rows(...lines));
      return lab.load({ pipeline: `${name}-${mode}`, into, mode, from: raw(path), ...more } as never);
    };
    const first = await load('append', ['1,2026-01-01,a', '2,2026-02-01,b']);
    expect(first).toMatchObject({
      tables: [{ table: expect.stringMatching(`\\.public\\.${name}$`) as string, inserted: 2 }],
    });
    const merged = await load('merge', ['1,2026-01-01,A', '2,2026-02-01,b', '3,2026-01-02,c']);
    expect(countsOf(merged.tables[0])).toEqual({ read: 3, inserted: 1, updated: 1, unchanged: 1 });
    const added = await load('insert-only', ['1,2026-01-01,z', '4,2026-02-02,d', '4,2026-02-02,d']);
    expect(countsOf(added.tables[0])).toEqual({ read: 3, inserted: 1, unchanged: 1, duplicates: 1 });
    const parted = await load('replace-partition', ['5,2026-02-02,e'], { partitions: ['2026-02-02'] });
    expect(countsOf(parted.tables[0])).toEqual({ read: 1, inserted: 1, removed: 1 });
    expect((await content(name)).map((r) => r.slice(r.indexOf(' ') + 1))).toEqual(
      expect.arrayContaining(['1 A', '2 b', '3 c', '5 e']),
    );
    const replaced = await load('replace', ['9,2026-01-01,x', '9,2026-01-02,y']);
    expect(countsOf(replaced.tables[0])).toEqual({ read: 2, inserted: 2, removed: 4 });
    expect((await content(name)).map((r) => r.slice(r.indexOf(' ') + 1))).toEqual(['9 x', '9 y']);
  });
});

test('a row without a partition fails the load by name, with nothing visible', async () => {
  await lab.rows(kinds['range']!('gaps'));
  const into = contract('gaps');
  await lab.file('gaps/a.csv', 'id,day,what\n1,2026-01-01,S3CRET-VALUE\n2,2026-03-01,S3CRET-VALUE\n');
  for (const mode of ['append', 'merge', 'insert-only', 'replace']) {
    const request = { pipeline: `gaps-${mode}`, into, mode, from: raw('gaps/a.csv') };
    await expectRefused(lab, request, {
      code: 'NoPartition',
      says: ['gaps', 'Create the partition'],
      hides: ['S3CRET'],
    });
  }
  await lab.rows(`CREATE TABLE gaps_mar PARTITION OF gaps FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')`);
  expect((await lab.load({ pipeline: 'gaps-append', into, mode: 'append', from: raw('gaps/a.csv') })).outcome).toBe(
    'loaded',
  );
});

test('an update moves a row to the partition where it now belongs, or fails where there is none', async () => {
  await lab.rows(kinds['range']!('moving').replace(', PRIMARY KEY (id, day)', ''));
  const into = contract('moving', { key: ['id'] });
  const load = async (n: number, lines: string) => {
    await lab.file(`moving/${n}.csv`, `id,day,what\n${lines}\n`);
    return lab.load({ pipeline: 'moving', into, mode: 'merge', from: raw(`moving/${n}.csv`) });
  };
  await load(1, '1,2026-01-05,a\n2,2026-01-05,b');
  expect(countsOf((await load(2, '1,2026-02-05,a\n2,2026-01-05,b')).tables[0])).toEqual({
    read: 2,
    updated: 1,
    unchanged: 1,
  });
  expect(await content('moving')).toEqual(['moving_feb 1 a', 'moving_jan 2 b']);
  expect(await codeOf(load(3, '1,2026-01-06,a\n2,2027-01-05,b'))).toBe('NoPartition');
  expect(await content('moving')).toEqual(['moving_feb 1 a', 'moving_jan 2 b']);
});

test('a former generation is taken back from every partition', async () => {
  await lab.rows(
    `${kinds['hash']!('again')}; ALTER TABLE again DROP CONSTRAINT again_pkey; ALTER TABLE again ADD COLUMN _loadline_load_id text`,
  );
  const into = lab.contract({ name: 'again', columns });
  const request = {
    pipeline: 'again',
    into,
    mode: 'append',
    from: raw('again/a.csv'),
    interval: dayOf('2026-01-01'),
  } as const;
  await lab.file('again/a.csv', 'id,day,what\n1,2026-01-01,a\n2,2026-01-01,b\n3,2026-01-01,c\n');
  await lab.load(request);
  await lab.file('again/a.csv', 'id,day,what\n4,2026-01-01,d\n');
  expect(countsOf((await lab.load({ ...request, onChanged: 'reprocess' })).tables[0])).toEqual({
    read: 1,
    inserted: 1,
    removed: 3,
  });
});

describe('what holds the rows of another table, or whose rows another table holds, is refused:', () => {
  const refused = async (name: string, says: (string | RegExp)[], table = name) => {
    const into = lab.contract({ name, table: `main/public.${table}`, columns });
    await lab.file(`${name}/a.csv`, 'id,day,what\n1,2026-01-01,a\n');
    const request = { pipeline: name, into, mode: 'append', from: raw(`${name}/a.csv`) };
    await expectRefused(lab, request, { code: 'TargetNotATable', says });
  };

  test('a partition, by its own name', async () => {
    await lab.rows(kinds['range']!('whole'));
    await refused('part', ['whole_jan', 'a partition of whole', 'Name the partitioned table'], 'whole_jan');
  });

  test('a table that others inherit from; the heir itself is a table like any other', async () => {
    await lab.rows('CREATE TABLE ancestor (id integer, day date, what text); CREATE TABLE heir () INHERITS (ancestor)');
    await refused('ancestor', ['ancestor', 'heir inherits from']);
    const into = lab.contract({ name: 'heir', columns });
    await lab.file('heir/a.csv', 'id,day,what\n1,2026-01-01,a\n');
    expect((await lab.load({ pipeline: 'heir', into, mode: 'append', from: raw('heir/a.csv') })).outcome).toBe(
      'loaded',
    );
  });

  test('a foreign table, and a partition that is one', async () => {
    await lab.rows('CREATE EXTENSION file_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER file_fdw');
    await lab.rows(
      "CREATE FOREIGN TABLE abroad (id integer, day date, what text) SERVER elsewhere OPTIONS (filename '/dev/null')",
    );
    await refused('abroad', ['abroad', 'a foreign table']);
    await lab.rows('CREATE TABLE mixed (id integer, day date, what text) PARTITION BY RANGE (day)');
    await lab.rows(
      `CREATE FOREIGN TABLE mixed_old PARTITION OF mixed FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') SERVER elsewhere OPTIONS (filename '/dev/null')`,
    );
    await refused('mixed', ['mixed_old', 'another database']);
  });

  test('a table that a crash of the server empties', async () => {
    await lab.rows('CREATE UNLOGGED TABLE fleeting (id integer, day date, what text)');
    await refused('fleeting', ['fleeting', 'unlogged', 'SET LOGGED']);
  });
});

test('replacing rows that other rows hang on is refused before anything is read', async () => {
  await lab.rows('CREATE TABLE owners (id integer PRIMARY KEY, day date, what text)');
  await lab.rows('CREATE TABLE owned (id integer REFERENCES owners ON DELETE CASCADE)');
  await lab.rows(`INSERT INTO owners VALUES (1, '2026-01-01', 'a'); INSERT INTO owned VALUES (1)`);
  const into = contract('owners', { key: ['id'] });
  await lab.file('owners/a.csv', 'id,day,what\n1,2026-01-01,b\n');
  const says = ['owners', 'delete or change rows of another table', 'owned'];
  for (const more of [{ mode: 'replace' }, { mode: 'replace-partition', partitions: ['2026-01-01'] }]) {
    const request = { pipeline: 'owners', into, from: raw('owners/a.csv'), ...more };
    await expectRefused(lab, request, { code: 'ConstraintViolated', says });
  }
  const merged = await lab.load({ pipeline: 'owners', into, mode: 'merge', from: raw('owners/a.csv') });
  expect(countsOf(merged.tables[0])).toEqual({ read: 1, updated: 1 });
  expect(await lab.rows('SELECT id FROM owned')).toEqual([{ id: 1 }]);
});

test('a trigger of one partition that keeps rows from changing is noticed', async () => {
  await lab.rows(kinds['range']!('kept'));
  await lab.rows(`INSERT INTO kept VALUES (1, '2026-01-01', 'a'), (2, '2026-02-01', 'b')`);
  await lab.rows(`CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`);
  await lab.rows('CREATE TRIGGER k BEFORE UPDATE OR DELETE ON kept_feb FOR EACH ROW EXECUTE FUNCTION keep()');
  const into = contract('kept');
  await lab.file('kept/a.csv', 'id,day,what\n1,2026-01-01,A\n2,2026-02-01,B\n');
  for (const [more, what] of [
    [{ mode: 'merge' }, /were updated.*Expected 2 rows, got 1/],
    [{ mode: 'replace' }, /were deleted.*Expected 2 rows, got 1/],
    [{ mode: 'replace-partition', partitions: ['2026-01-01', '2026-02-01'] }, /were deleted/],
  ] as const) {
    const failure = await failureOf(lab.load({ pipeline: 'kept', into, from: raw('kept/a.csv'), ...more } as never));
    expect([failure.type, failure.message]).toEqual(['ConstraintViolated', expect.stringMatching(what)]);
  }
  expect(await content('kept')).toEqual(['kept_feb 2 b', 'kept_jan 1 a']);
});
