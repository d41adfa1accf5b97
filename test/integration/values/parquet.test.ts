import { mkdir } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { writeParquet } from '../../unit/sources/files';
import { codeOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';

let lab: Lab;
let duck: DuckDBConnection;
beforeAll(async () => {
  lab = await openLab('parquet');
  await mkdir(lab.path('p'));
  duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run("SET TimeZone = 'UTC'");
});
afterAll(() => lab.stop());

/** Column by column: the contract's type, and what DuckDB says of the value in words that PostgreSQL reads. */
const types: Readonly<Record<string, readonly [contract: string, sql: string, text: (c: string) => string]>> = {
  id: ['integer', 'integer', (c) => `${c}::VARCHAR`],
  txt: ['text', 'text', (c) => c],
  tiny: ['smallint', 'smallint', (c) => `${c}::VARCHAR`],
  big: ['bigint', 'bigint', (c) => `${c}::VARCHAR`],
  ubig: ['decimal(20,0)', 'numeric(20,0)', (c) => `${c}::VARCHAR`],
  num: ['decimal(38,18)', 'numeric(38,18)', (c) => `${c}::VARCHAR`],
  short: ['decimal(9,4)', 'numeric(9,4)', (c) => `${c}::VARCHAR`],
  re: ['real', 'real', (c) => `${c}::VARCHAR`],
  dbl: ['double', 'double precision', (c) => `printf('%.17g', ${c})`],
  yes: ['boolean', 'boolean', (c) => `${c}::VARCHAR`],
  day: ['date', 'date', (c) => `strftime(${c}, '%Y-%m-%d')`],
  clock: ['time', 'time', (c) => `${c}::VARCHAR`],
  local: ['timestamp', 'timestamp', (c) => `strftime(${c}, '%Y-%m-%d %H:%M:%S.%f')`],
  instant: ['timestamptz', 'timestamptz', (c) => `strftime(${c}, '%Y-%m-%d %H:%M:%S.%f') || '+00'`],
  uid: ['uuid', 'uuid', (c) => `${c}::VARCHAR`],
  tree: ['json', 'jsonb', (c) => `to_json(${c})::VARCHAR`],
  list: ['json', 'jsonb', (c) => `to_json(${c})::VARCHAR`],
  bin: ['bytes', 'bytea', (c) => `'\\x' || hex(${c})`],
};

const row = (id: number, v: Record<string, string>): string => {
  const casts: Record<string, string> = {
    txt: 'VARCHAR', tiny: 'TINYINT', big: 'BIGINT', ubig: 'UBIGINT', num: 'DECIMAL(38,18)', short: 'DECIMAL(9,4)', re: 'FLOAT', dbl: 'DOUBLE',
    yes: 'BOOLEAN', day: 'DATE', clock: 'TIME', local: 'TIMESTAMP', instant: 'TIMESTAMPTZ', uid: 'UUID',
    tree: 'STRUCT(a INTEGER, b VARCHAR)', list: 'INTEGER[]', bin: 'BLOB',
  }; // prettier-ignore
  return `SELECT ${id}::INTEGER AS id, ${Object.entries(casts)
    .map(([c, type]) => `(${v[c] ?? 'NULL'})::${type} AS ${c}`)
    .join(', ')}`;
};

const query = [
  row(1, {}),
  row(2, {
    txt: "''", tiny: '-128', big: '-9223372036854775808', ubig: '18446744073709551615', num: "'-99999999999999999999.999999999999999999'",
    short: '-99999.9999', re: "'-3.4028235e38'", dbl: "'-1.7976931348623157e308'", yes: 'true', day: "'0001-01-01'", clock: "'00:00:00'",
    local: "'0001-01-01 00:00:00.000001'", instant: "'0001-01-01 00:00:00+00'", uid: "'00000000-0000-0000-0000-000000000000'",
    tree: "{a: 1, b: 'x\"y'}", list: '[1, NULL, 3]', bin: "''::BLOB",
  }),
  row(3, {
    txt: "'NULL'", tiny: '127', big: '9223372036854775807', ubig: '0', num: "'0.000000000000000001'", short: '0.0001', re: "'1e-45'",
    dbl: "'5e-324'", yes: 'false', day: "'9999-12-31'", clock: "'23:59:59.999999'", local: "'9999-12-31 23:59:59.999999'",
    instant: "'2026-03-29 02:30:00.123456+05:30'", uid: "'ffffffff-ffff-ffff-ffff-ffffffffffff'", tree: '{a: NULL, b: NULL}', list: '[]',
    bin: "'\\x00\\x0A\\xFF\\x22\\x5C'::BLOB",
  }),
  row(4, {
    txt: "'comma, \"quote\", line' || chr(10) || 'break \\. \\N' || chr(13) || '\u{1F600} \u202Eא'", re: "'nan'", dbl: "'inf'", big: '0', num: '1.1',
    dbl2: '', tree: "{a: -1, b: ''}", list: '[2147483647]', bin: "'\\xDE\\xAD'::BLOB", clock: "'12:00:00.5'", instant: "'1969-12-31 23:59:59.999999Z'",
  }),
  row(5, { txt: "repeat('x', 2000000)", dbl: '0.1 + 0.2::DOUBLE', re: '0.1', instant: "'2026-10-25 01:30:00Z'" }),
].join(' UNION ALL '); // prettier-ignore

test('a Parquet file of every type arrives as DuckDB reads it', async () => {
  const columns = Object.fromEntries(Object.entries(types).map(([name, [type]]) => [name, { type }]));
  const into = lab.contract({ name: 'every', columns, create: 'if-missing' });
  await writeParquet(lab.path('p/a.parquet'), query);
  const receipt = await lab.load({ pipeline: 'every', into, mode: 'replace', from: raw('p/a.parquet') });
  expect(receipt.tables[0]).toMatchObject({ read: 5, inserted: 5 });

  const names = Object.keys(types);
  await lab.rows(`CREATE TABLE by_hand (${names.map((n) => `${n} ${types[n]![1]}`).join(', ')})`);
  const texts = names.map((n) => `${types[n]![2](n)}`).join(', ');
  const read = (
    await duck.runAndReadAll(`SELECT ${texts} FROM read_parquet('${lab.path('p/a.parquet')}')`)
  ).getRows() as (string | null)[][];
  const values = names.map((n, i) => `$${i + 1}::text::${types[n]![1]}`).join(', ');
  for (const r of read) await lab.rows(`INSERT INTO by_hand VALUES (${values})`, r);

  for (const name of names) {
    const same = `SELECT t.id, t.${name}::text AS loaded, b.${name}::text AS expected FROM every t FULL JOIN by_hand b USING (id)
                  WHERE t.${name} IS DISTINCT FROM b.${name} ORDER BY 1`;
    expect([name, await lab.rows(same)]).toEqual([name, []]);
  }
  const hash = (table: string) =>
    lab.rows(`SELECT md5(string_agg(t::text, E'\\n' ORDER BY t.id)) AS h FROM ${table} t`);
  expect(await hash('every')).toEqual(await hash('by_hand'));
});

test('columns are found by name, in files that order them differently, with others beside them', async () => {
  const columns = { id: { type: 'bigint', from: 'Order "ID"' }, at: { type: 'timestamptz', from: 'a.t' } } as const;
  const into = lab.contract({ name: 'named', columns, extraColumns: 'ignore', create: 'if-missing' });
  await mkdir(lab.path('named'));
  await writeParquet(
    lab.path('named/1.parquet'),
    `SELECT 1 AS "Order ""ID""", TIMESTAMPTZ '2026-01-01 00:00:00+00' AS "a.t"`,
  );
  await writeParquet(
    lab.path('named/2.parquet'),
    `SELECT 'x' AS other, TIMESTAMPTZ '2026-01-02 00:00:00+00' AS "a.t", 2 AS "Order ""ID""", 5 AS id`,
  );
  await lab.load({ pipeline: 'named', into, mode: 'append', from: raw('named/*.parquet') });
  expect(await lab.rows('SELECT id::int, extract(day from at)::int AS day FROM named ORDER BY 1')).toEqual([
    { id: 1, day: 1 },
    { id: 2, day: 2 },
  ]);
});

test('nanoseconds are rounded by the warehouse, and local times without a zone are not moved', async () => {
  const columns = { a: { type: 'timestamp' }, b: { type: 'timestamp' }, c: { type: 'timestamp' } } as const;
  const into = lab.contract({ name: 'nanos', columns, create: 'if-missing' });
  await writeParquet(
    lab.path('p/nanos.parquet'),
    `SELECT TIMESTAMP_NS '2026-01-01 00:00:00.123456789' AS a, TIMESTAMP_MS '2026-01-01 00:00:00.123' AS b, TIMESTAMP '2026-03-29 02:30:00' AS c`,
  );
  await lab.load({ pipeline: 'nanos', into, mode: 'append', from: raw('p/nanos.parquet') });
  expect(await lab.rows('SELECT a::text, b::text, c::text FROM nanos')).toEqual([
    { a: '2026-01-01 00:00:00.123457', b: '2026-01-01 00:00:00.123', c: '2026-03-29 02:30:00' },
  ]);
});

test('a value that does not fit its column is refused, not rounded into it', async () => {
  const into = lab.contract({ name: 'narrow', columns: { n: { type: 'smallint' } }, create: 'if-missing' });
  await writeParquet(lab.path('p/wide.parquet'), 'SELECT 32768 AS n');
  expect(await codeOf(lab.load({ pipeline: 'wide', into, mode: 'append', from: raw('p/wide.parquet') }))).toBe(
    'InvalidValue',
  );
  await writeParquet(lab.path('p/fraction.parquet'), 'SELECT 1.5::DOUBLE AS n');
  expect(await codeOf(lab.load({ pipeline: 'fraction', into, mode: 'append', from: raw('p/fraction.parquet') }))).toBe(
    'InvalidValue',
  );
});

test.each([
  ['a decimal with more digits', 'decimal(12,4)', 'numeric(12,2)'],
  ['an exact decimal in binary', 'decimal(16,2)', 'double precision'],
  ['an instant without its zone', 'timestamptz', 'timestamp'],
  ['microseconds', 'timestamptz', 'timestamptz(0)'],
  ['microseconds of a time', 'time', 'time(3)'],
  ['a double as a real', 'double', 'real'],
  ['a bigint as an integer', 'bigint', 'integer'],
])('a table whose column would change %s is refused before anything is read', async (what, type, column) => {
  const name = what.replaceAll(/\W/g, '_');
  await lab.rows(`CREATE TABLE ${name} (v ${column})`);
  const into = lab.contract({ name, columns: { v: { type } } });
  await lab.file(`${name}/a.csv`, 'v\n\n');
  expect(await codeOf(lab.load({ pipeline: name, into, mode: 'append', from: raw(`${name}/a.csv`) }))).toBe(
    'SchemaMismatch',
  );
});

test.each([
  ['decimal(12,2)', 'numeric'],
  ['decimal(12,2)', 'numeric(10,2)'],
  ['decimal(12,2)', 'double precision'],
  ['date', 'timestamptz'],
  ['decimal(12,2)', 'numeric(14,3)'],
  ['integer', 'numeric(10,0)'],
  ['timestamp', 'timestamp(6)'],
  ['text', 'varchar(10)'],
  ['uuid', 'text'],
])('a column of %s may be %s in the table', async (type, column) => {
  const name = `wider_${type}_${column}`.replaceAll(/\W/g, '_');
  await lab.rows(`CREATE TABLE ${name} (v ${column})`);
  const into = lab.contract({ name, columns: { v: { type } } });
  await lab.file(`${name}/a.csv`, 'v\n""\n'.replace('""', type === 'text' ? '""' : ''));
  expect((await lab.load({ pipeline: name, into, mode: 'append', from: raw(`${name}/a.csv`) })).tables[0]!.read).toBe(
    1,
  );
});

test('structs, lists and maps arrive as jsonb, with every digit and instants in ISO 8601', async () => {
  const nested = {
    tree: `{'at': TIMESTAMPTZ '2026-01-01 10:00:00.123456+05:30', 'local': TIMESTAMP '2026-01-01 10:00:00', 'day': DATE '2026-01-01',
            'nano': TIMESTAMP_NS '2026-01-01 00:00:00.123456789', 'q"u o''t(e), [x]': 'DECIMAL(9,2), TIMESTAMP', 'none': NULL::TIMESTAMP}`,
    numbers: `{'small': 123456789012345.123::DECIMAL(18,3), 'wide': 12345678901234567890123456789012345.678::DECIMAL(38,3),
               'big': 9007199254740993::BIGINT, 'least': 5e-324::DOUBLE, 'unsigned': 18446744073709551615::UBIGINT}`,
    list: `[{'_loadline_0': [TIMESTAMP '2026-01-01 10:00:00', NULL], 'd': [1.10::DECIMAL(9,2)]}, NULL]`,
    map: `MAP {'a b': {'at': TIMESTAMPTZ '2026-01-01 00:00:00+00', 'n': 1}, '2026-01-01 10:00:00': NULL}`,
    times: `MAP {TIMESTAMP '2026-01-01 10:00:00': [1.5::DECIMAL(3,1)]}`,
    nothing: `NULL::STRUCT(a TIMESTAMP, b DECIMAL(9,2)[])`,
    empty: `MAP([]::VARCHAR[], []::TIMESTAMP[])`,
    text: `[' \\u0041 ', '2026-01-01 10:00:00', 'line' || chr(10) || 'break', '😀']`,
  };
  const columns = Object.fromEntries(Object.keys(nested).map((name) => [name, { type: 'json' }]));
  const into = lab.contract({ name: 'nested', columns, create: 'if-missing' });
  const values = Object.entries(nested).map(([name, sql]) => `${sql} AS "${name}"`);
  await writeParquet(lab.path('p/nested.parquet'), `SELECT ${values.join(', ')}`);
  await lab.load({ pipeline: 'nested', into, mode: 'append', from: raw('p/nested.parquet') });
  const [row] = await lab.rows(
    `SELECT ${Object.keys(nested)
      .map((n) => `${n}::text`)
      .join(', ')} FROM nested`,
  );
  const least = `0.${'0'.repeat(323)}5`;
  expect(row).toEqual({
    tree: expect.anything() as string,
    numbers: `{"big": 9007199254740993, "wide": 12345678901234567890123456789012345.678, "least": ${least}, "small": 123456789012345.123, "unsigned": 18446744073709551615}`,
    list: '[{"d": [1.10], "_loadline_0": ["2026-01-01T10:00:00", null]}, null]',
    map: '{"a b": {"n": 1, "at": "2026-01-01T00:00:00Z"}, "2026-01-01 10:00:00": null}',
    times: '{"2026-01-01T10:00:00": [1.5]}',
    nothing: null,
    empty: '{}',
    text: JSON.stringify([' \\u0041 ', '2026-01-01 10:00:00', 'line\nbreak', '😀']).replaceAll('","', '", "'),
  });
  expect(JSON.parse(row!['tree'] as string)).toEqual({
    at: '2026-01-01T04:30:00.123456Z',
    local: '2026-01-01T10:00:00',
    day: '2026-01-01',
    nano: '2026-01-01T00:00:00.123456789',
    'q"u o\'t(e), [x]': 'DECIMAL(9,2), TIMESTAMP',
    none: null,
  });
});

test('a number that JSON has no word for is refused', async () => {
  const into = lab.contract({ name: 'no_number', columns: { v: { type: 'json' } }, create: 'if-missing' });
  await writeParquet(lab.path('p/nan.parquet'), `SELECT {'x': 'nan'::DOUBLE} AS v`);
  expect(await codeOf(lab.load({ pipeline: 'nan', into, mode: 'append', from: raw('p/nan.parquet') }))).toBe(
    'InvalidValue',
  );
});

test('json of text is kept to the last digit, and what is no json is refused', async () => {
  const columns = { id: { type: 'integer' }, j: { type: 'json' } } as const;
  const into = lab.contract({ name: 'json_csv', columns, key: ['id'], create: 'if-missing' });
  await lab.file(
    'json/a.csv',
    'id,j\n1,"{""n"": 1.000000000000000000001, ""b"": 9007199254740993, ""a"": [null, """"]}"\n2,\n3,null\n',
  );
  await lab.load({ pipeline: 'json', into, mode: 'merge', from: raw('json/a.csv') });
  expect(await lab.rows('SELECT j::text FROM json_csv ORDER BY id')).toEqual([
    { j: '{"a": [null, ""], "b": 9007199254740993, "n": 1.000000000000000000001}' },
    { j: null },
    { j: 'null' },
  ]);
  await lab.file('json/b.csv', 'id,j\n4,{no}\n');
  expect(await codeOf(lab.load({ pipeline: 'json', into, mode: 'merge', from: raw('json/b.csv') }))).toBe(
    'InvalidValue',
  );
});
