import fc from 'fast-check';
import { timestampOf } from '../../../activities/warehouses/sql/moments';
import { valueReader } from '../../../activities/warehouses/sql/values';
import { bigQueryType } from '../../../activities/warehouses/bigquery/types';

const read = (type: string, text: string): unknown => {
  const json = valueReader(type, bigQueryType(type))!(text);
  return json === null ? null : JSON.parse(json);
};

describe('A text as a value of BigQuery', () => {
  it.each([
    ['decimal(5,2)', '123.454', '123.45'],
    ['decimal(5,2)', '123.455', '123.46'],
    ['decimal(5,2)', '-123.455', '-123.46'],
    ['decimal(5,2)', '999.994', '999.99'],
    ['decimal(5,2)', '999.995', null],
    ['decimal(5,2)', '.5', '0.50'],
    ['decimal(5,2)', '5.', '5.00'],
    ['decimal(5,2)', '1e2', '100.00'],
    ['decimal(5,2)', '12345e-3', '12.35'],
    ['decimal(5,2)', '0e999999', '0'],
    ['decimal(5,2)', '1e999999', null],
    ['decimal(5,2)', '1e-999999', '0.00'],
    ['decimal(5,2)', '-0.001', '0.00'],
    ['decimal(5,0)', '0.5', '1'],
    ['decimal(2,2)', '0.994', '0.99'],
    ['decimal(2,2)', '1', null],
    ['decimal(5,2)', '', null],
    ['decimal(5,2)', '.', null],
    ['decimal(5,2)', 'NaN', null],
    ['decimal(5,2)', '1,5', null],
    ['integer', '-2147483649', null],
    ['integer', '007', '7'],
    ['double', '1e-400', null],
    ['double', '0e5', '0'],
    ['real', '1e39', null],
    ['boolean', 'tr', true],
    ['boolean', 'of', false],
    ['boolean', 'o', null],
    ['boolean', '', null],
    ['boolean', '2', null],
    ['date', '20240229', '2024-02-29'],
    ['date', '2024-02-29 23:00', '2024-02-29'],
    ['date', '0000-01-01', null],
    ['date', '10000-01-01', null],
    ['date', '2024-13-01', null],
    ['time', '9:05', '09:05:00.000000'],
    ['time', '23:59:59.9999996', null],
    ['timestamp', '2024-12-31 24:00', '2025-01-01 00:00:00.000000'],
    ['timestamp', '9999-12-31 23:59:59.9999996', null],
    ['timestamptz', '2024-01-01', '2024-01-01 00:00:00.000000+00:00'],
    ['timestamptz', '2024-01-01 00:00:00+0530', '2023-12-31 18:30:00.000000+00:00'],
    ['timestamptz', '2024-01-01 00:00:00+02', '2023-12-31 22:00:00.000000+00:00'],
    ['timestamptz', '0001-01-01 00:00:00+01', null],
    ['timestamptz', '1969-12-31T23:59:59.999999Z', '1969-12-31 23:59:59.999999+00:00'],
    ['timestamptz', 'infinity', null],
    ['uuid', '{6f9619ff8b86d011b42d00c04fc964ff}', '6f9619ff-8b86-d011-b42d-00c04fc964ff'],
    ['uuid', '{6f9619ff8b86d011b42d00c04fc964ff', null],
    ['json', '[1,\r\n2]', [1, 2]],
    ['json', '', null],
    ['bytes', '', ''],
    ['bytes', 'a\\\\b\\001', Buffer.from('a\\b\x01').toString('base64')],
    ['bytes', 'a\\b', null],
    ['bytes', '\\xzz', null],
  ])('of type %s: %j is %j', (type, text, value) => expect(read(type, text)).toEqual(value));

  it('keeps any decimal of the type to its last digit', () => {
    const digits = fc.tuple(fc.bigInt(0n, 10n ** 38n - 1n), fc.integer({ min: 0, max: 38 }), fc.boolean());
    fc.assert(
      fc.property(digits, ([value, scale, negative]) => {
        const text = String(value).padStart(scale + 1, '0');
        const unsigned = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
        const written = negative && value > 0n ? `-${unsigned}` : unsigned;
        expect(read(`decimal(38,${scale})`, written)).toBe(written);
      }),
    );
  });

  it('keeps any moment to the microsecond', () => {
    const moments = fc.tuple(
      fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
      fc.integer({ min: 0, max: 999 }),
    );
    fc.assert(
      fc.property(moments, ([date, micros]) => {
        const iso = date.toISOString().slice(0, -1) + String(micros).padStart(3, '0');
        expect(timestampOf(`${iso}Z`)).toBe(`${iso.replace('T', ' ')}+00:00`);
      }),
    );
  });

  it('is JSON on one line, or no value, whatever it is', () => {
    const types = fc.constantFrom(
      'smallint',
      'bigint',
      'decimal(12,2)',
      'double',
      'boolean',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'uuid',
      'json',
      'bytes',
    );
    fc.assert(
      fc.property(
        types,
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.string({ unit: fc.constantFrom(...'0123456789-+:.eTZ \\x') }),
        ),
        (type, text) => {
          const json = valueReader(type, bigQueryType(type))!(text);
          if (json === null) return;
          expect(json).not.toMatch(/[\r\n]/);
          JSON.parse(json);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('Text as programs write it', () => {
  const two = (most: number, least = 0): fc.Arbitrary<string> =>
    fc.integer({ min: least, max: most }).map((n) => String(n).padStart(2, '0'));
  const year = fc.integer({ min: 0, max: 9999 }).map((n) => String(n).padStart(4, '0'));
  const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,7}$/));
  const zone = fc.constantFrom('', 'Z', '+00', '+00:00', '-0000', '+01:00');
  const moment = fc
    .tuple(year, two(13), two(32), fc.constantFrom('T', ' '), two(24), two(60), two(60), fraction, zone)
    .map(([y, m, d, between, h, min, s, f, z]) => `${y}-${m}-${d}${between}${h}:${min}:${s}${f}${z}`);

  it.each([
    ['timestamptz', moment],
    ['timestamp', moment],
    ['date', moment],
    ['smallint', fc.integer({ min: -40_000, max: 40_000 }).map(String)],
    ['bigint', fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String)],
    ['decimal(5,2)', fc.stringMatching(/^-?\d{1,4}(\.\d{1,3})?$/)],
    ['decimal(5,0)', fc.stringMatching(/^-?\d{1,6}$/)],
    ['decimal(2,2)', fc.stringMatching(/^-?0\.\d{1,3}$/)],
  ] as const)('is the same %s as with white space before it, which is read the long way', (type, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(read(type, text)).toEqual(read(type, ` ${text}`));
      }),
      { numRuns: 2_000 },
    );
  });
});
