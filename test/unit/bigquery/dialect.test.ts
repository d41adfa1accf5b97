import fc from 'fast-check';
import { bigQueryDialect, ident, literal, relation } from '../../../activities/warehouses/bigquery/dialect';
import { bigQueryType, columnsOf, holds, loadField } from '../../../activities/warehouses/bigquery/types';
import { partsOfQuoted } from '../../../activities/warehouses/bigquery/unit-script';
import { sql } from '../../../activities/warehouses/sql/port';

const text = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => !s.includes('\0'));

describe('A name in BigQuery', () => {
  it('cannot end its quotes, whatever is in it', () => {
    fc.assert(
      fc.property(text, (name) => {
        const quoted = ident(name);
        expect(quoted.slice(1, -1).replace(/\\./gs, '')).not.toMatch(/[`\n\r]/);
        expect(partsOfQuoted(quoted)).toEqual([name]);
      }),
    );
  });

  it('of a table is found again in its quoted parts', () => {
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const identity = [a, b, c].map((s) => encodeURIComponent(s).replaceAll('.', '%2E'));
        expect(partsOfQuoted(relation(identity.join('.')))).toEqual([a, b, c]);
      }),
    );
    expect(relation('my-project.d.t%2Ex')).toBe('`my-project`.`d`.`t.x`');
  });

  it('may not be empty nor hold a zero byte', () => {
    expect(() => ident('')).toThrow(TypeError);
    expect(() => ident('a\0')).toThrow(TypeError);
    expect(() => partsOfQuoted('`a`; DROP TABLE `b`')).toThrow(TypeError);
  });
});

describe('A text in BigQuery', () => {
  it('cannot end its quotes, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        expect(literal(given).slice(1, -1).replace(/\\./gs, '')).not.toMatch(/['\\\n\r]/);
      }),
    );
  });
});

describe('Types of BigQuery', () => {
  it.each([
    ['decimal(12,2)', 'NUMERIC(12, 2)'],
    ['decimal(38,9)', 'NUMERIC(38, 9)'],
    ['decimal(38,10)', 'BIGNUMERIC(38, 10)'],
    ['decimal(30,0)', 'BIGNUMERIC(30, 0)'],
    ['decimal(38,38)', 'BIGNUMERIC(38, 38)'],
    ['timestamp', 'DATETIME'],
    ['timestamptz', 'TIMESTAMP'],
    ['real', 'FLOAT64'],
    ['json', 'JSON'],
    ['bytes', 'BYTES'],
  ])('write %s as %s', (type, expected) => expect(bigQueryType(type)).toBe(expected));

  it.each([
    ['integer', 'INT64', true],
    ['bigint', 'NUMERIC(10, 0)', false],
    ['bigint', 'NUMERIC', true],
    ['decimal(12,2)', 'NUMERIC(12, 2)', true],
    ['decimal(12,2)', 'NUMERIC(12, 1)', false],
    ['decimal(12,2)', 'NUMERIC(11, 2)', false],
    ['decimal(38,10)', 'NUMERIC', false],
    ['decimal(38,10)', 'BIGNUMERIC', true],
    ['decimal(15,2)', 'FLOAT64', true],
    ['decimal(16,2)', 'FLOAT64', false],
    ['timestamptz', 'DATETIME', false],
    ['timestamp', 'TIMESTAMP', false],
    ['date', 'DATETIME', true],
    ['text', 'STRING', true],
    ['text', 'STRING(10)', false],
    ['text', 'JSON', false],
    ['json', 'STRING', true],
    ['uuid', 'STRING', true],
    ['text', 'ARRAY<STRING>', false],
  ])('tell whether %s is held by %s: %s', (type, column, expected) => expect(holds(type, column)).toBe(expected));

  it('hold what they write', () => {
    const decimal = fc
      .integer({ min: 1, max: 38 })
      .chain((p) => fc.integer({ min: 0, max: p }).map((s) => `decimal(${p},${s})`));
    fc.assert(fc.property(decimal, (type) => holds(type, bigQueryType(type))));
    for (const type of [
      'text',
      'smallint',
      'bigint',
      'real',
      'double',
      'boolean',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'uuid',
      'json',
      'bytes',
    ])
      expect([type, holds(type, bigQueryType(type))]).toEqual([type, true]);
  });

  it('are read from what the API tells, and told to a load job', () => {
    const fields = [
      { name: 'a', type: 'INTEGER', mode: 'REQUIRED' },
      { name: 'b', type: 'NUMERIC', precision: '12', scale: '2' },
      { name: 'c', type: 'STRING', mode: 'REPEATED' },
      { name: 'd', type: 'RECORD', fields: [{ name: 'x', type: 'FLOAT' }] },
      { name: 'e', type: 'STRING', maxLength: '10' },
    ];
    expect(columnsOf(fields).map(({ type, nullable }) => [type, nullable])).toEqual([
      ['INT64', false],
      ['NUMERIC(12, 2)', true],
      ['ARRAY<STRING>', true],
      ['STRUCT<x FLOAT64>', true],
      ['STRING(10)', true],
    ]);
    expect(loadField('b', 'NUMERIC(12, 2)')).toEqual({ name: 'b', type: 'NUMERIC', precision: '12', scale: '2' });
    expect(loadField('c', 'ARRAY<STRING>')).toEqual({ name: 'c', type: 'STRING', mode: 'REPEATED' });
    expect(loadField('e', 'STRING(10)')).toEqual({ name: 'e', type: 'STRING', maxLength: '10' });
  });
});

describe('The dialect of BigQuery', () => {
  it('binds what comes from outside', () => {
    expect(bigQueryDialect.timestamp('2026-01-01T00:00:00.000Z').values).toEqual(['2026-01-01T00:00:00.000Z']);
    expect(bigQueryDialect.matches('`a`', sql`${'x'}`)).toEqual({
      text: ["REGEXP_CONTAINS(`a`, CONCAT('(?s)', ", '))'],
      values: ['x'],
    });
  });

  it('compares by text what has no equality of its own', () => {
    expect(bigQueryDialect.same('a', 'b', 'NUMERIC(12, 2)')).toBe('(a IS NOT DISTINCT FROM b)');
    for (const type of ['JSON', 'ARRAY<STRING>', 'STRUCT<a INT64>', 'GEOGRAPHY'])
      expect(bigQueryDialect.same('a', 'b', type)).toContain('TO_JSON_STRING(a)');
  });
});

describe('The layout of a table in BigQuery', () => {
  const columns = Object.fromEntries(
    ['date', 'timestamp', 'timestamptz', 'text', 'double', 'json', 'bigint'].map((type) => [type, { type }]),
  );
  const layout = (more: object): string => bigQueryDialect.tableOptions!({ columns, ...more });

  it.each([
    ['date', 'day', ' PARTITION BY `date`'],
    ['date', 'month', ' PARTITION BY DATE_TRUNC(`date`, MONTH)'],
    ['timestamp', 'year', ' PARTITION BY DATETIME_TRUNC(`timestamp`, YEAR)'],
    ['timestamptz', 'day', ' PARTITION BY TIMESTAMP_TRUNC(`timestamptz`, DAY)'],
    ['timestamptz', 'hour', ' PARTITION BY TIMESTAMP_TRUNC(`timestamptz`, DAY)'],
    ['date', 'week', ' PARTITION BY `date`'],
  ])('divided by %s and %s is%s', (column, by, expected) =>
    expect(layout({ partition: { column, by } })).toBe(expected),
  );

  it('clusters by at most four columns of the key that it can cluster by', () => {
    expect(layout({ key: ['double', 'text', 'bigint'] })).toBe(' CLUSTER BY `text`, `bigint`');
    const many = ['date', 'timestamp', 'timestamptz', 'text', 'bigint'];
    expect(layout({ key: many })).toBe(' CLUSTER BY `date`, `timestamp`, `timestamptz`, `text`');
    expect(layout({ key: ['json'] })).toBe('');
    expect(layout({})).toBe('');
  });

  it('writes numbers of a row to their last digit', () => {
    const members = [
      { name: 'it\'s "n"', sql: 'a', type: 'NUMERIC(12, 2)' },
      { name: 'b', sql: 'b', type: 'STRING' },
    ];
    expect(bigQueryDialect.jsonObject!(members)).toBe(
      `CONCAT('{', '"it\\'s \\\\"n\\\\"":', COALESCE(CAST(a AS STRING), 'null'), ',"b":', COALESCE(TO_JSON_STRING(b), 'null'), '}')`,
    );
  });
});
