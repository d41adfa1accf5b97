import { Readable } from 'node:stream';
import { maxLineBytes } from '../../../activities/sources/ndjson-limits';
import { openNdjsonText } from '../../../activities/sources/ndjson-rows';
import type { WantedColumn } from '../../../activities/sources/row-stream';
import { ofCode, textOf } from './files';

const wanted: WantedColumn[] = [{ from: 'a' }, { from: 'b' }, { from: 'tree', nested: true }];

interface Reading {
  readonly columns?: readonly WantedColumn[];
  readonly extraColumns?: 'refuse' | 'ignore';
  readonly chunk?: number;
}

function open(text: string | Buffer, { columns = wanted, extraColumns = 'refuse', chunk = 7 }: Reading = {}) {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
    bytes.subarray(i * chunk, (i + 1) * chunk),
  );
  return openNdjsonText(Readable.from(chunks, { objectMode: false }), {
    columns,
    extraColumns,
    object: 'raw/x.ndjson',
  });
}
const read = (text: string | Buffer, reading?: Reading) => textOf(open(text, reading).stream);

test.each<[string, string, string]>([
  ['every digit of a number', '{"a":12345678901234567890.123456789012345678901234567890,"b":-0.10e+400}', '12345678901234567890.123456789012345678901234567890\t-0.10e+400\t\\N'],
  ['true, false and null', '{"a":true,"b":false,"tree":null}', 'true\tfalse\t\\N'],
  ['the empty text, which is no NULL', '{"a":"","b":null}', '\t\\N\t\\N'],
  ['words that COPY might take for its own', '{"a":"\\\\N","b":"\\\\.","tree":"\\\\N"}', '\\\\N\t\\\\.\t"\\\\\\\\N"'],
  ['every escape', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\\u005c\\u000a\\u0009\\u0001"}', '"\\\\/\\b\\f\\n\\r\\té€😀\\\\\\n\\t\u0001\t\\N\t\\N'],
  ['characters as they are', '{"a":"Grüße, 東京 ☃ 😀 \u2028\u007f"}', 'Grüße, 東京 ☃ 😀 \u2028\u007f\t\\N\t\\N'],
  ['objects and arrays unchanged', '{"tree":{"x": [1.10, {"y":"\\"{[\\\\"}],\t"z":12345678901234567890}}', '\\N\t\\N\t{"x": [1.10, {"y":"\\\\"{[\\\\\\\\"}],\\t"z":12345678901234567890}'],
  ['a text for a column of JSON as JSON', '{"tree":"a\\"b"}', '\\N\t\\N\t"a\\\\"b"'],
  ['fields in any order, with space around', ' \t{ "tree" : [ ] ,\r"b" : 2 , "a" : "1" } \r', '1\t2\t[ ]'],
  ['names with escapes', '{"\\u0061":1,"\\u0062":2}', '1\t2\t\\N'],
  ['an object without fields', '{}', '\\N\t\\N\t\\N'],
])('a row keeps %s', async (_what, line, text) => {
  for (const chunk of [1, 3, 1000]) {
    expect(await read(`${line}\n`, { chunk })).toBe(`${text}\n`);
    expect(await read(`{"a":0}\n${line}`, { chunk })).toBe(`0\t\\N\t\\N\n${text}\n`);
  }
}); // prettier-ignore

test.each<[string, string, string, RegExp]>([
  ['an object for a scalar', '{"a":{"S3CRET":1}}', 'InvalidValue', /x\.ndjson, column a\].+an object in line 2/],
  ['an array for a scalar', '{"b":["S3CRET"]}', 'InvalidValue', /column b\].+an array in line 2/],
  ['a zero byte', '{"a":"S3CRET\\u0000"}', 'InvalidValue', /column a\].+zero bytes.+line 2/],
  ['half a character', '{"a":"S3CRET\\ud800"}', 'InvalidValue', /half a surrogate pair in line 2/],
  ['the other half', '{"a":"S3CRET\\udc00\\ud800"}', 'InvalidValue', /half a surrogate pair in line 2/],
  ['an escape that is none', '{"a":"S3CRET\\x"}', 'InvalidValue', /another escape in line 2/],
  ['a field twice', '{"a":"S3CRET","a":null}', 'InvalidValue', /column a\].+twice in line 2/],
  ['an unknown field', '{"a":1,"S3":"S3CRET"}', 'UnknownColumn', /x\.ndjson: S3\].+line 2/],
  ['no JSON', 'S3CRET', 'MalformedJson', /line 2, byte 1\./],
  ['an array', '["S3CRET"]', 'UnsupportedFormat', /jq -c/],
  ['a line that ends early', '{"a":"S3CRET"', 'MalformedJson', /line 2, byte 14\./],
  ['a text that ends early', '{"a":"S3CRET', 'MalformedJson', /line 2/],
  ['a text that ends in an escape', '{"a":"S3CRET\\', 'MalformedJson', /line 2/],
  ['a nested value that ends early', '{"tree":{"a":["S3CRET"]', 'MalformedJson', /line 2/],
  ['a bare control character', '{"a":"S3CRET\u0001"}', 'MalformedJson', /line 2/],
  ['two objects in a line', '{"a":"S3CRET"} {"a":1}', 'MalformedJson', /line 2/],
  ['a comma too many', '{"a":"S3CRET",}', 'MalformedJson', /line 2/],
  ['a number with a zero before it', '{"a":01}', 'MalformedJson', /line 2/],
  ['a number without digits', '{"a":-}', 'MalformedJson', /line 2/],
  ['a point without digits', '{"a":1.}', 'MalformedJson', /line 2/],
  ['a word that is none', '{"a":nul}', 'MalformedJson', /line 2/],
  ['NaN', '{"a":NaN}', 'MalformedJson', /line 2/],
])('%s is refused with its line and no value', async (_what, line, code, says) => {
  for (const end of ['', '\n', '\n{"a":1}\n']) {
    const refused = read(`{"a":0}\n${line}${end}`);
    await expect(refused).rejects.toEqual(ofCode(code));
    await expect(refused).rejects.toThrow(says);
    await expect(refused).rejects.not.toThrow('S3CRET');
  }
}); // prettier-ignore

test('unknown fields are left out where that is asked, nested and repeated ones too', async () => {
  const text = '{"x":{"a":1},"a":1,"x":[2],"b":2,"tree":3}\n{"a":4,"y":"\\u0000"}\n';
  expect(await read(text, { extraColumns: 'ignore' })).toBe('1\t2\t3\n4\t\\N\t\\N\n');
});

test('a field that no row has is NULL, unless it must have a value or may be misspelt', async () => {
  expect(await read('{"a":1}\n')).toBe('1\t\\N\t\\N\n');
  const required = read('{"a":1}\n', { columns: [{ from: 'a' }, { from: 'id', required: true }] });
  await expect(required).rejects.toThrow(/raw\/x\.ndjson: id\]/);
  await expect(required).rejects.toEqual(ofCode('MissingColumn'));
  const misspelt = read('{"amuont":1}\n', { columns: [{ from: 'amount' }], extraColumns: 'ignore' });
  await expect(misspelt).rejects.toThrow(/Did you mean "amuont"/);
  await expect(read('{"amuont":1}\n', { columns: [{ from: 'amount' }] })).rejects.toThrow(/Did you mean "amount"/);
  expect(await read('', { columns: [{ from: 'id', required: true }] })).toBe('');
});

test('rows know their lines across blank ones', async () => {
  const rows = open('\n{"a":1}\n\n \r\n{"a":"x\\ny"}\n{"a":3}');
  expect(await textOf(rows.stream)).toBe('1\t\\N\t\\N\nx\\ny\t\\N\t\\N\n3\t\\N\t\\N\n');
  expect([1, 2, 3].map((row) => rows.lineOf(row))).toEqual([2, 5, 6]);
});

test('rows of very different fields, and many columns of few bytes, are written whole', async () => {
  const columns = Array.from({ length: 1600 }, (_, i) => ({ from: `c${i}` }));
  const lines = Array.from({ length: 300 }, (_, i) => JSON.stringify({ [`c${(i * 31) % 1600}`]: i, c0: 'x' }));
  const rows = (await read(lines.join('\n'), { columns, chunk: 65_536 })).trimEnd().split('\n');
  expect(rows).toHaveLength(300);
  rows.forEach((row, i) => {
    const values = row.split('\t');
    expect([values.length, values[0], values[(i * 31) % 1600]]).toEqual([
      1600,
      i === 0 ? expect.anything() : 'x',
      expect.stringMatching(/x|\d+/),
    ]);
  });
});

test('a line longer than the limit is refused before it is held whole', async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      yield Buffer.from('{"a":1}\n{"a":"');
      for (; given < 4 * maxLineBytes; given += 262_144) yield Buffer.alloc(262_144, 'x');
    })(),
  );
  const { stream } = openNdjsonText(endless, { columns: wanted, extraColumns: 'refuse', object: 'raw/x.ndjson' });
  const refused = textOf(stream);
  await expect(refused).rejects.toThrow(/at most 67108864 bytes, got a longer one in line 2/);
  await expect(refused).rejects.toEqual(ofCode('RowTooLong'));
  expect(given).toBeLessThan(maxLineBytes + 1_000_000);
});
