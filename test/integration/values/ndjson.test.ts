import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { zstd } from '../../unit/sources/zstd-data';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('ndjson');
});
afterAll(() => lab.stop());

const columns = {
  id: { type: 'bigint' },
  txt: { type: 'text' },
  num: { type: 'decimal(38,18)' },
  dbl: { type: 'double' },
  yes: { type: 'boolean' },
  day: { type: 'date', format: 'dd.MM.yyyy', from: 'Day' },
  at: { type: 'timestamptz', format: 'epoch-millis' },
  uid: { type: 'uuid' },
  tree: { type: 'json' },
  bin: { type: 'bytes' },
} as const;
type Values = readonly (string | null)[];

/** Values as CSV holds them; which of them JSON writes bare. */
const bare = new Set(['id', 'num', 'dbl', 'yes', 'at', 'tree']);
const rows: readonly Values[] = [
  ['123456789012345678', '', '12345678901234567890.123456789012345678', '0.1', 'true', '22.11.2026', '1764000000123', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": [1, null, "x"], "a": {"n": 1.10, "big": 123456789012345678901234567890.000000000001}}', '\\xdeadbeef'],
  ['-9223372036854775808', 'NULL', '-0.000000000000000001', '5e-324', 'false', '29.02.2024', '-1', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '\\x'],
  ['3', null, null, null, null, null, null, null, null, null],
  ['4', '\\N \\. \t "quoted", \n line \r\n \u{1F469}‍\u{1F4BB} 東京 \u0001\u2028', '1e10', '-1.7976931348623157e308', 'true', '01.01.0001', '0', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '"a\\tb\\\\c\\u00e9 \\" ☃"', '\\x00'],
  ['5', 'x'.repeat(300_000), '0', '1E+2', 'false', '31.12.9999', '1.5', '00000000-0000-0000-0000-000000000000', '12345678901234567890123456789', '\\x5c'],
]; // prettier-ignore

const names = Object.entries(columns).map(([name, c]) => ('from' in c ? c.from : name));
const field = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);
const csv = [names.join(','), ...rows.map((row) => row.map(field).join(','))].join('\n');
const member = (value: string | null, i: number): string =>
  `${JSON.stringify(names[i])}:${value === null ? 'null' : bare.has(names[i]!) ? value : JSON.stringify(value)}`;
const ndjson = rows.map((row) => `{${row.map(member).join(',')}}`).join('\n');
const sparse = rows
  .map((row) => `{${row.map(member).filter((_, i) => row[i] !== null).reverse().join(' , ')}}\r\n`)
  .join('\n'); // prettier-ignore

async function hashOf(table: string): Promise<string> {
  const found = await lab.rows<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY id`);
  return createHash('sha256').update(found.map(({ row }) => row).join('\n')).digest('hex');
} // prettier-ignore

test('NDJSON holds exactly what the same rows in CSV do, packed or not, in any order and with fields left out', async () => {
  const hashes: Record<string, string> = {};
  const files = {
    'a.csv': csv,
    'a.csv.zst': zstd(csv),
    'a.ndjson': ndjson,
    'a.jsonl.gz': gzipSync(ndjson),
    'a.ndjson.zst': Buffer.concat([zstd(ndjson.slice(0, 500)), zstd(ndjson.slice(500))]),
    'sparse.ndjson': sparse,
    'export.dat': ndjson,
  };
  for (const [name, content] of Object.entries(files)) {
    const table = `t_${name.replaceAll(/\W/g, '_')}`;
    const into = lab.contract({ name: table, columns, create: 'if-missing' });
    await lab.file(`all/${name}`, content);
    const from = raw(`all/${name}`, name.endsWith('.dat') ? { format: 'ndjson' } : {});
    const receipt = await lab.load({ pipeline: table, into, mode: 'replace', from });
    expect([name, receipt.tables[0]!.inserted]).toEqual([name, rows.length]);
    hashes[name] = await hashOf(table);
  }
  expect(new Set(Object.values(hashes)).size).toBe(1);
});

const refused: readonly (readonly [string, string, Parameters<typeof expectRefused>[2]])[] = [
  ['a value of another type', '{"id":1}\n\n{"id":"S3CRET"}\n', { code: 'InvalidValue', says: ['bad.ndjson, column id', 'bigint', 'line 3'] }],
  ['a nested value for a scalar', '{"id":{"x":"S3CRET"}}', { code: 'InvalidValue', says: ['bad.ndjson, column id', 'an object in line 1'] }],
  ['a line that is no JSON', '{"id":1}\n{"id":S3CRET}\n', { code: 'MalformedJson', says: ['bad.ndjson', 'line 2, byte 7'] }],
  ['JSON that only the database finds wrong', '{"id":1}\n{"id":2,"tree":{"S3CRET"}}', { code: 'InvalidValue', says: ['bad.ndjson, column tree', 'line 2'] }],
  ['a zero byte in JSON', '{"id":1,"tree":["S3CRET\\u0000"]}', { code: 'InvalidValue', says: ['zero byte', 'line 1'] }],
  ['a zero byte in text', '{"id":1,"txt":"S3CRET\\u0000"}', { code: 'InvalidValue', says: ['zero byte', 'line 1'] }],
  ['bytes that are no UTF-8', '{"id":1,"txt":"S3CRET\xff"}', { code: 'InvalidEncoding', says: ['bad.ndjson', 'UTF-8'] }],
  ['a field that the contract does not name', '{"id":1}\n{"id":2,"txd":"S3CRET"}', { code: 'UnknownColumn', says: ['bad.ndjson: txd', 'line 2', 'Did you mean "txt"'] }],
  ['a key that no row has', '{"txt":"S3CRET"}', { code: 'MissingColumn', says: ['bad.ndjson: id', 'No row'] }],
  ['a key that one row lacks', '{"id":1}\n{"txt":"S3CRET"}', { code: 'NullKey', says: ['.id', '1 of 2 rows'] }],
]; // prettier-ignore

test.each(refused)('%s is refused, and all is as before', async (what, content, expected) => {
  const name = `bad_${what.replaceAll(' ', '_')}`;
  const into = lab.contract({
    name,
    columns: { id: { type: 'bigint' }, txt: { type: 'text' }, tree: { type: 'json' } },
    key: ['id'],
    create: 'if-missing',
  });
  await lab.file(`${name}/bad.ndjson`, Buffer.from(content, 'latin1'));
  const request = { pipeline: name, into, mode: 'merge', from: raw(`${name}/*`) };
  await expectRefused(lab, request, { ...expected, hides: ['S3CRET'] });
});
