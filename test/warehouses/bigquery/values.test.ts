import fc from 'fast-check';
import { raw, sql, type SqlValue } from '../../../activities/warehouses/sql/port';
import { bulk, removeBatches } from './batches';
import { failureOf, openTestBackend, type TestBackend } from './support';

let backend: TestBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterAll(removeBatches);

/** A contract's type, a text of the source, and the text of the value in the table. */
const round: readonly [type: string, text: string, back?: string][] = [
  ['text', 'ünï 😀 \u0001 "\'`\\ \n'],
  ['text', ''],
  ['smallint', '-32768'],
  ['integer', ' +2147483647 ', '2147483647'],
  ['bigint', '9223372036854775807'],
  ['bigint', '-9223372036854775808'],
  ['decimal(38,9)', '-99999999999999999999999999999.999999999'],
  ['decimal(38,10)', '1234567890123456789012345678.0123456789'],
  ['decimal(12,2)', '1.005e1', '10.05'],
  ['decimal(12,2)', '-0.125', '-0.13'],
  ['real', '1.5'],
  ['double', '1.7976931348623157e308'],
  ['double', '0.1'],
  ['double', 'NaN', 'nan'],
  ['double', '-inf', '-inf'],
  ['boolean', 'yes', 'true'],
  ['boolean', 'F', 'false'],
  ['date', '2024-02-29'],
  ['date', '0001-01-01'],
  ['time', '23:59:59.999999'],
  ['timestamp', '2024-02-29T23:59:59.1234565', '2024-02-29 23:59:59.123457'],
  ['timestamptz', '2024-02-29 23:59:59.123456+02:00', '2024-02-29 21:59:59.123456+00'],
  ['timestamptz', '1969-12-31T23:59:59.5Z', '1969-12-31 23:59:59.5+00'],
  ['uuid', '6F9619FF-8B86-D011-B42D-00C04FC964FF', '6f9619ff-8b86-d011-b42d-00c04fc964ff'],
  ['json', '{"a":[1,null,"ü"],\n"b":{"c":1.5}}', '{"a":[1,null,"ü"],"b":{"c":1.5}}'],
  ['bytes', '\\x0001ff806200', 'AAH/gGIA'],
];

describe('A value of a source in a table of BigQuery', () => {
  const named = (i: number): string => `c${i}`;

  it('comes back as it was, whatever its type, and so does NULL', async () => {
    const columns = Object.fromEntries(round.map(([type], i) => [named(i), type]));
    const cells = round.map(([, text]) => `"${text.replaceAll('"', '""')}"`);
    const content = `${Object.keys(columns).join(',')}\n${cells.join(',')}\n${round.map(() => '').join(',')}\n`;
    const stage = Object.fromEntries(round.map(([type], i) => [named(i), backend.dialect.type(type)]));
    const input = await bulk(backend, { files: { '1.csv': content }, columns, stage });
    expect(await backend.bulkLoad(input)).toBe(2);
    const reads = round.map(([type], i) => {
      if (type === 'json') return `${backend.dialect.jsonText(named(i))} AS ${named(i)}`;
      if (type === 'bytes') return `TO_BASE64(${named(i)}) AS ${named(i)}`;
      return type === 'text' ? named(i) : `CAST(${named(i)} AS STRING) AS ${named(i)}`;
    });
    const rows = await backend.rows<Record<string, unknown>>(
      'get',
      sql`SELECT ${raw(reads.join(', '))} FROM ${raw(input.stage)}`,
    );
    const [values, nulls] = rows[0]!['c0'] === null ? [rows[1]!, rows[0]!] : [rows[0]!, rows[1]!];
    expect(new Set(round.flatMap(([type], i) => (type === 'json' ? [] : [nulls[named(i)]])))).toEqual(new Set([null]));
    const same = round.map(([type, text, back = text], i) => [
      type,
      text,
      back === String(values[named(i)]) || equal(back, values[named(i)]) || values[named(i)],
    ]);
    expect(same).toEqual(round.map(([type, text]) => [type, text, true]));
  });

  it.each([
    ['smallint', '40000'],
    ['integer', '1.0'],
    ['bigint', '9223372036854775808'],
    ['decimal(4,2)', '99.995'],
    ['double', '1e400'],
    ['boolean', 'maybe'],
    ['date', '2023-02-29'],
    ['time', '24:00:01'],
    ['timestamp', 'yesterday'],
    ['timestamptz', '2024-01-01 10:00 Europe/Berlin'],
    ['uuid', '6f9619ff'],
    ['json', '{"a":}'],
    ['bytes', '\\x0'],
  ])('that is no %s, such as %s, is refused by its file, column and line', async (type, text) => {
    const cell = `"${text.replaceAll('"', '""')}"`;
    const stage = { a: 'STRING', b: backend.dialect.type(type) };
    const input = await bulk(backend, {
      files: { '1.csv': `a,b\n1,\n2,${cell}\n` },
      columns: { a: 'text', b: type },
      stage,
    });
    const error = await failureOf(backend.bulkLoad(input));
    expect(error).toMatchObject({
      type: 'InvalidValue',
      details: [{ object: '1.csv, column b', expected: type, got: 'another value in line 3' }],
    });
    expect(await backend.count(raw(input.stage))).toBe(0);
  });
});

/** The same number, or the same moment, written otherwise. */
const equal = (a: string, b: unknown): boolean =>
  Number(a) === Number(b) && !/^-?\d{16,}/.test(a) ? true : a.toLowerCase() === String(b).toLowerCase();

describe('The dialect of BigQuery', () => {
  const one = async (expression: string | ReturnType<typeof sql>): Promise<unknown> => {
    const [row] = await backend.rows<{ v: unknown }>(
      'one',
      sql`SELECT ${typeof expression === 'string' ? raw(expression) : expression} AS v`,
    );
    return row!.v;
  };

  it('counts time in milliseconds and writes it in UTC', async () => {
    const { dialect } = backend;
    const at = raw(`(SELECT t FROM (SELECT CAST('2026-03-29T01:59:59.9996+01:00' AS TIMESTAMP) AS t))`);
    expect(await one(dialect.isoText(at.raw))).toBe('2026-03-29T00:59:59.999Z');
    expect(await one(dialect.isoText(dialect.plusMs(at.raw, 86_400_001)))).toBe('2026-03-30T01:00:00.000Z');
    expect(await one(dialect.msBetween(at.raw, dialect.plusMs(at.raw, -1500)))).toBe(-1500);
    expect(await one(sql`${raw('FORMAT_TIMESTAMP')}('%Y', ${dialect.timestamp('2026-01-01T00:00:00.000Z')})`)).toBe(
      '2026',
    );
  });

  it('tells equal values from others, NULL being equal to NULL', async () => {
    const { same } = backend.dialect;
    expect(await one(same('1', '1', 'INT64'))).toBe(true);
    expect(await one(same('1', 'NULL', 'INT64'))).toBe(false);
    expect(await one(same('CAST(NULL AS STRING)', 'NULL', 'STRING'))).toBe(true);
    expect(await one(same(`PARSE_JSON('{"a":1}')`, `PARSE_JSON('{ "a": 1 }')`, 'JSON'))).toBe(true);
    expect(await one(same(`PARSE_JSON('{"a":1}')`, `PARSE_JSON('{"a":2}')`, 'JSON'))).toBe(false);
  });

  it('has one key for equal rows and another for any other', async () => {
    const { rowKey } = backend.dialect;
    const key = (...values: string[]): Promise<unknown> =>
      one(rowKey(values.map((value) => ({ sql: value, type: 'STRING' }))));
    expect(await key(`'a'`, `'b'`)).toBe(await key(`'a'`, `'b'`));
    const others = await Promise.all([
      key(`'ab'`, `''`),
      key(`'a'`, `'b'`),
      key(`'a'`, 'NULL'),
      key(`'a'`, `'-'`),
      key(`'1:a'`, `'b'`),
    ]);
    expect(new Set(others).size).toBe(others.length);
  });

  it('matches as PostgreSQL does: a point is any character', async () => {
    const matches = (text: string, pattern: string): Promise<unknown> =>
      one(backend.dialect.matches(`'${text}'`, sql`${pattern}`));
    expect(await matches('a\\nb', '^a.b$')).toBe(true);
    expect(await matches('ab', '^[A-Z]+$')).toBe(false);
    expect(await matches('x1', '\\d')).toBe(true);
  });
});

describe('Whatever is in a value', () => {
  const values: fc.Arbitrary<SqlValue> = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    fc.constantFrom("'", '`', '\\', '@p0', '@@row_count', '--', '/*', ';', '${x}', '%E3S', "\\'", '"""', '$1', '?'),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
  );

  it('it is bound, and comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 5 }), async (given) => {
        const fields = given.map((value, i) => sql`${value} AS ${raw(`v${i}`)}`);
        const statement = fields.reduce((all, field) => sql`${all}, ${field}`);
        const [row] = await backend.rows<Record<string, unknown>>('any', sql`SELECT ${statement}`);
        expect(given.map((_, i) => row![`v${i}`])).toEqual(given);
      }),
      { numRuns: 60 },
    );
  });

  it('a script binds it as well', async () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom("';", '@p0', '@@row_count', '`', '\\')),
      { minLength: 1, maxLength: 4 },
    );
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        texts.filter((all) => all.every((t) => !t.includes('\0'))),
        async (given) => {
          const { table } = backend;
          const id = `any ${++n}`;
          const statements = [
            {
              name: 'put',
              kind: 'change' as const,
              sql: sql`INSERT INTO ${table} (text, n) SELECT t, ${n} FROM UNNEST(${given}) AS t`,
            },
          ];
          expect(await backend.unit(backend.puts(id, { statements }))).toEqual({ put: given.length });
          const rows = await backend.rows<{ text: string }>('got', sql`SELECT text FROM ${table} WHERE n = ${n}`);
          expect(rows.map(({ text }) => text).sort()).toEqual([...given].sort());
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('Whatever is in a name', () => {
  it('of a column, it is quoted', async () => {
    // What BigQuery takes for a column: letters, digits and signs of any script; what it does not, it refuses.
    const names = fc.string({
      unit: fc.constantFrom(
        'a',
        'Z',
        'ü',
        '名',
        '_',
        '9',
        '-',
        '&',
        '%',
        '=',
        '+',
        ':',
        "'",
        '<',
        '>',
        '#',
        '|',
        ' ',
        'select',
      ),
      minLength: 1,
      maxLength: 12,
    });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        names.filter((name) => /^[A-Za-z_ü名]/.test(name) && name.trim() === name),
        async (name) => {
          const { dialect } = backend;
          const table = raw(`${backend.ledgerSchema}.${dialect.ident(`names_${++n}`)}`);
          const column = raw(dialect.ident(name));
          await backend.run('make', sql`CREATE TABLE ${table} (${column} STRING)`);
          await backend.run('put', sql`INSERT INTO ${table} (${column}) VALUES (${name})`);
          expect(await backend.rows('get', sql`SELECT ${column} FROM ${table}`)).toEqual([{ [name]: name }]);
          const found = await backend.findTable(`w/names_${n}`);
          expect(found!.columns).toEqual([{ name, type: 'STRING', nullable: true }]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
