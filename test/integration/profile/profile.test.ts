import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { profileFile, type Profile } from '../../../activities/profile';
import { openLab, type Lab } from '../support/lab';
import { rowsInFile, rowsInTable } from './support/expected';
import { samples } from './support/samples';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('profile');
});
afterAll(() => lab.stop());

let tables = 0;

/** Profiles a file of the store, loads it by the contract and returns what the table then holds, as text. */
async function roundTrip(path: string): Promise<{ profile: Profile; rows: Record<string, string | null>[] }> {
  const name = `t${++tables}`;
  const profile = await profileFile(lab.path(path), { name, table: `main/public.${name}` });
  lab.contract(profile.contract);
  const mode = profile.contract.key ? 'merge' : 'append';
  await lab.load({
    pipeline: name,
    into: name,
    mode,
    from: { kind: 'files', store: 'raw', glob: path, ...profile.source },
  });
  const columns = Object.keys(profile.contract.columns).map((column) => `"${column}"::text`);
  return { profile, rows: await lab.rows(`SELECT ${columns.join(', ')} FROM ${name}`) };
}

const typesOf = ({ contract }: Profile): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contract.columns).map(([name, { type, format }]) => [
      name,
      [type, format].filter(Boolean).join(' '),
    ]),
  );

test.each(samples)('$what: profiled, loaded, equal', async ({ path, content, types, key, newest }) => {
  await lab.file(path, content);
  const { profile, rows } = await roundTrip(path);
  expect(typesOf(profile)).toEqual(types);
  expect(profile.contract.key).toEqual(key);
  expect(profile.contract.newest).toBe(newest);
  const text = typeof content === 'string' ? content : gunzipSync(content).toString();
  const inTable = rowsInTable(rows, profile);
  expect(inTable).toEqual(rowsInFile(text, profile));
});

test('a key that repeats where a row has changed: the newest row is loaded', async () => {
  const head = 'Order No.,Customer No.,amount,Changed At\n';
  const rows = ['B1,7,1.50,2026-11-03T08:00:00Z', 'B2,7,2.00,2026-11-04T08:00:00Z', 'B1,7,9.50,2026-11-05T08:00:00Z'];
  await lab.file('orders.csv', head + rows.join('\n'));
  const { profile, rows: loaded } = await roundTrip('orders.csv');
  expect(profile).toMatchObject({ contract: { key: ['order_no'], newest: 'changed_at' }, rows: 3, keptRows: 2 });
  expect(profile.keyReason).toContain('changed_at tells which row is the newest');
  expect(loaded.map(({ order_no, amount }) => [order_no, amount]).sort()).toEqual([['B1', '9.50'], ['B2', '2.00']]); // prettier-ignore
  // What repeats beside another number is a part of something larger, not a version.
  const parts = ['B1,1,1.50,2026-11-03T08:00:00Z', 'B1,2,2.00,2026-11-04T08:00:00Z', 'B2,1,9.50,2026-11-05T08:00:00Z'];
  await lab.file('parts.csv', head.replace('Customer', 'Item') + parts.join('\n'));
  const { profile: apart } = await roundTrip('parts.csv');
  expect(apart).toMatchObject({ contract: { key: ['order_no', 'item_no'] }, rows: 3, keptRows: 3 });
});

const vega = join(dirname(require.resolve('vega-datasets')), '../data');
const unknown = readdirSync(vega).filter((file) => /\.[ct]sv$/.test(file));

test.each(unknown)('%s, which nobody here has written: profiled, loaded, equal', async (file) => {
  const content = readFileSync(join(vega, file));
  await lab.file(`vega/${file}`, content);
  const { profile, rows } = await roundTrip(`vega/${file}`);
  expect(rows.length).toBeGreaterThan(0);
  expect(rowsInTable(rows, profile)).toEqual(rowsInFile(content.toString(), profile));
});

test('Parquet: its own types, and text that is more than text; profiled, loaded, equal', async () => {
  await lab.file('types.parquet', '');
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const select = `SELECT i::BIGINT AS id, i::UTINYINT AS tiny, i::UINTEGER AS "Unsigned Int", (i / 8)::DECIMAL(9, 3) AS amount, i / 3.0::DOUBLE AS ratio,
      DATE '2026-11-01' + i::INTEGER AS day, TIMESTAMP '2026-11-22 08:00:00' + INTERVAL (i) HOUR AS at_hour, i % 2 = 0 AS even,
      [i, i + 1] AS list, 'a' || i AS word, '00' || i AS digits, '2026-11-' || (10 + i) AS written_day, NULL::INTEGER AS nothing FROM range(5) t(i)`;
  await duck.run(`COPY (${select}) TO '${lab.path('types.parquet')}' (FORMAT parquet)`);
  const { profile, rows } = await roundTrip('types.parquet');
  expect(typesOf(profile)).toEqual({
    id: 'bigint', tiny: 'smallint', unsigned_int: 'bigint', amount: 'decimal(9,3)', ratio: 'double', day: 'date', at_hour: 'timestamp',
    even: 'boolean', list: 'json', word: 'text', digits: 'text', written_day: 'date', nothing: 'integer',
  }); // prettier-ignore
  expect(profile.contract.key).toEqual(['id']);
  expect(profile.contract.columns['nothing']!.notNull).toBeUndefined();
  const columns = [
    'id',
    'tiny',
    '"Unsigned Int"',
    'amount',
    'ratio',
    'day',
    'at_hour',
    'even',
    'list::JSON',
    'word',
    'digits',
    'written_day',
    'nothing',
  ];
  const found = await duck.runAndReadAll(
    `SELECT ${columns.map((column) => `${column}::VARCHAR`).join(', ')} FROM '${lab.path('types.parquet')}'`,
  );
  const names = Object.keys(profile.contract.columns);
  const inFile = found
    .getRows()
    .map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] as string | null])));
  expect(rowsInTable(rows, profile)).toEqual(rowsInTable(inFile, profile));
  duck.closeSync();
});

test('NDJSON: fields of all lines, objects as JSON, digits in texts; profiled, loaded, equal', async () => {
  const rows = [
    {
      id: 1,
      'Zip Code': '01067',
      price: 1.5,
      at: '2026-11-22T08:00:00Z',
      ok: true,
      'a/b~c': null,
      tags: ['x', 'y'],
      note: '',
    },
    { id: 2, 'Zip Code': '80331', price: 20, at: '2026-11-22T09:00:00+02:00', ok: false, 'a/b~c': 'q', tags: [] },
    { id: 3, price: -0.25, at: '2026-11-23T00:00:00Z', late: { deep: [1, { er: null }] }, note: 'line\nbreak\ttab' },
  ];
  await lab.file('things.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
  const { profile, rows: loaded } = await roundTrip('things.ndjson');
  expect(typesOf(profile)).toEqual({
    id: 'bigint', zip_code: 'text', price: 'decimal(12,2)', at: 'timestamptz', ok: 'boolean', a_b_c: 'text', tags: 'json', note: 'text',
    late: 'json',
  }); // prettier-ignore
  expect(profile.contract.key).toEqual(['id']);
  expect(profile.contract.columns['tags']!.notNull).toBeUndefined();
  const expected = rows.map((row) =>
    Object.fromEntries(
      Object.entries(profile.contract.columns).map(([name, { from = name }]) => {
        const value = (row as Record<string, unknown>)[from] ?? null;
        return [name, value === null || typeof value === 'string' ? value : JSON.stringify(value)];
      }),
    ),
  );
  expect(rowsInTable(loaded, profile)).toEqual(rowsInTable(expected, profile));
});

test.each([
  ['a line that is no object', 'list.ndjson', '{"a":1}\n["secret"]\n', 'MalformedJson', 'list.ndjson'],
  ['a line that is not JSON', 'broken.ndjson', '{"a":1}\n{"a": secret}\n', 'MalformedJson', 'broken.ndjson'],
  ['lines of another width', 'wide.csv', 'a,b\n1,2\n3,secret,5\n', 'RaggedRow', 'line 3'],
  ['words above the header', 'above.csv', 'Report of today\na,b\n1,2\n3,secret\n', 'RaggedRow', 'line 2'],
  [
    'text that is not UTF-8',
    'latin1.csv',
    Buffer.from('a,b\nsecret,\xe4\n', 'latin1'),
    'InvalidEncoding',
    'latin1.csv',
  ],
  [
    'a quote in the middle of a name',
    'quote.csv',
    'a,secret "b"\n1,2\n',
    'RaggedRow',
    'a quote inside an unquoted name',
  ],
  ['an empty file', 'void.csv', '', 'UnsupportedFormat', 'void.csv'],
  ['columns named alike', 'twice.csv', 'a,a\n1,secret\n', 'InvalidValue', '"a" twice'],
  ['a file that is no Parquet', 'not.parquet', 'secret', 'CorruptFile', 'not.parquet'],
])('%s is refused in the words of a load, without a value', async (_, path, content, code, told) => {
  await lab.file(path, content);
  const failure = await profileFile(lab.path(path)).then(
    () => null,
    (error: Error) => error,
  );
  expect(failure).toMatchObject({ type: code });
  expect(failure!.message).toContain(told);
  expect(failure!.message).not.toContain('secret');
});
