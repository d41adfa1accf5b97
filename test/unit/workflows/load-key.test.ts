import fc from 'fast-check';
import { encodePart, identityOf, loadKeyOf, targetIdentity, type LoadKeyParts } from '../../../workflows/load-key';
import { interval } from '../../../workflows/interval';
import type { LoadRequest } from '../../../workflows/contract';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((s) => !/\p{Surrogate}/u.test(s));
const tricky = fc.constantFrom(
  '/',
  '.',
  '+',
  '%',
  '..',
  '%2F',
  'files',
  'content',
  'partitions:',
  'a/b',
  'a.b',
  'a+b',
  '2026-01-01..2026-01-02',
);
const part = fc.oneof(name, tricky);
const instant = fc.date({
  min: new Date('0100-01-01T00:00:00Z'),
  max: new Date('9000-01-01T00:00:00Z'),
  noInvalidDate: true,
});
const midnight = instant.map((d) => new Date(Math.floor(d.getTime() / 86_400_000) * 86_400_000));
const span = fc
  .tuple(fc.oneof(instant, midnight), fc.oneof(instant, midnight))
  .filter(([a, b]) => a < b)
  .map(([a, b]) => interval(a.toISOString(), b.toISOString()));
const target = fc.tuple(part, part, part).map(([d, s, t]) => targetIdentity(d, s, t));
const targets = fc.uniqueArray(target, { minLength: 1, maxLength: 3 });
const partOf = fc.option(part, { nil: undefined });
const parts: fc.Arbitrary<LoadKeyParts> = fc.oneof(
  fc.record({ pipeline: part, targets, identity: fc.constant('interval' as const), interval: span, part: partOf }),
  fc.record({ pipeline: part, targets, identity: fc.constantFrom('files' as const, 'content' as const), part: partOf }),
  fc.record({
    pipeline: part,
    targets,
    identity: fc.constant('content' as const),
    partitions: fc.uniqueArray(
      midnight.map((d) => d.toISOString()),
      { minLength: 1, maxLength: 3 },
    ),
    part: partOf,
  }),
);

/** A load as it is meant: sets have no order. */
function meaning({ pipeline, targets: of, identity, interval: at, partitions, part: p }: LoadKeyParts): string {
  return JSON.stringify([
    pipeline,
    [...of].sort(),
    identity,
    at ?? null,
    partitions ? [...partitions].sort() : null,
    p ?? null,
  ]);
}

test('two loads share a key only if they are one load', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => (loadKeyOf(a) === loadKeyOf(b)) === (meaning(a) === meaning(b))),
    { numRuns: 5_000 },
  );
});

test('two loads that differ in one part have two keys', () => {
  fc.assert(
    fc.property(parts, part, part, (a, p, q) => {
      fc.pre(p !== q);
      for (const field of ['pipeline', 'part'] as const)
        expect(loadKeyOf({ ...a, [field]: p })).not.toBe(loadKeyOf({ ...a, [field]: q }));
      expect(loadKeyOf({ ...a, part: p })).not.toBe(loadKeyOf({ ...a, part: undefined }));
    }),
    { numRuns: 2_000 },
  );
});

test('a catalogue identity tells database, schema and table apart, and can be read back', () => {
  fc.assert(
    fc.property(part, part, part, (d, s, t) => {
      expect(targetIdentity(d, s, t).split('.').map(decodeURIComponent)).toEqual([d, s, t]);
    }),
  );
});

test('keys do not depend on the order in which a set or its partitions are listed, nor on repetition', () => {
  const base = { pipeline: 'p', identity: 'content', targets: ['d.s.b', 'd.s.a'] } as const;
  const partitions = ['2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
  const key = loadKeyOf({ ...base, partitions });
  expect(key).toBe('v1/p/d.s.a+d.s.b/partitions:2026-01-01+2026-01-02');
  expect(loadKeyOf({ ...base, targets: ['d.s.a', 'd.s.b'], partitions: partitions.slice(0, 2).reverse() })).toBe(key);
});

// A changed key loads everything again. These are in ledgers.
test.each([
  ['v1/orders-daily/shop.public.orders/2026-11-22..2026-11-23', { interval: interval('2026-11-22', '2026-11-23') }],
  [
    'v1/orders-daily/shop.public.orders/2026-11-22T05:00:00.000Z..2026-11-22T06:00:00.000Z',
    { interval: interval('2026-11-22T05:00Z', '2026-11-22T06:00Z') },
  ],
  ['v1/orders-daily/shop.public.orders/files', { identity: 'files' }],
  ['v1/orders-daily/shop.public.orders/content/north%2Feast', { identity: 'content', part: 'north/east' }],
  ['v1/orders%20%26%20more/shop.public.orders/files', { pipeline: 'orders & more', identity: 'files' }],
  [
    'v1/orders-daily/shop.My%20Schema.a%2Eb/files',
    { identity: 'files', targets: [targetIdentity('shop', 'My Schema', 'a.b')] },
  ],
] as const)('the key %s stays what it is', (key, more) => {
  expect(loadKeyOf({ pipeline: 'orders-daily', targets: ['shop.public.orders'], identity: 'interval', ...more })).toBe(
    key,
  );
});

test('what decides that content is the same follows from mode and interval', () => {
  const of = (mode: LoadRequest['mode'], more: object = {}) =>
    identityOf({ pipeline: 'p', into: 't', mode, from: {} as never, ...more } as LoadRequest);
  expect(
    ['append', 'merge', 'insert-only', 'replace', 'replace-partition'].map((mode) => of(mode as 'append')),
  ).toEqual(['files', 'files', 'files', 'content', 'content']);
  expect(of('replace', { interval: { grain: 'day' } })).toBe('interval');
  expect(encodePart('10:30/x')).toBe('10:30%2Fx');
});
