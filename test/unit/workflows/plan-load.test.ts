import fc from 'fast-check';
import { joinRanges } from '../../../activities/warehouses/publish-policy';
import { floorUtc, interval, nextUtc } from '../../../workflows/interval';
import { checkRequest, partitionRanges } from '../../../workflows/plan-load';
import type { Grain, LoadRequest } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';

const contract = (by: Grain): TableContract => ({
  name: 't',
  table: 'w/t',
  columns: { at: { type: 'timestamptz' } },
  key: ['at'],
  partition: { column: 'at', by },
});
const grains: readonly Grain[] = ['day', 'week', 'month', 'year'];

test('the partitions of an interval cover it, each once and in order', () => {
  const date = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('2003-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(fc.constantFrom(...grains), date, date, (by, a, b) => {
      const start = floorUtc(new Date(Math.min(+a, +b)).toISOString(), by);
      const end = nextUtc(floorUtc(new Date(Math.max(+a, +b)).toISOString(), by), by);
      const ranges = partitionRanges(contract(by), interval(start, end), undefined);
      expect(joinRanges(ranges)).toEqual([{ start, end }]);
      for (const range of ranges)
        expect(range).toEqual({ start: floorUtc(range.start, by), end: nextUtc(range.start, by) });
      // Listed one by one, in any order and spelling, they are the same.
      const listed = ranges.map((r) => (r.start.endsWith('T00:00:00.000Z') ? r.start.slice(0, 10) : r.start)).reverse();
      expect(partitionRanges(contract(by), undefined, [...listed, ...listed.slice(0, 1), ranges[0]!.start])).toEqual(
        ranges,
      );
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['day', interval('2026-01-01', '2026-01-02T12:00:00Z'), undefined],
  ['day', interval('2026-01-01T12:00:00Z', '2026-01-03'), undefined],
  ['month', interval('2026-01-01', '2026-02-02'), undefined],
  ['week', undefined, ['2026-01-06']],
  ['year', undefined, ['2026-02-01']],
  ['hour', interval('2026-01-01', '2028-01-01'), undefined],
] as const)('partitions by %s refuse %j %j', (by, at, listed) => {
  expect(() => partitionRanges(contract(by), at, listed)).toThrow(
    expect.objectContaining({ type: 'InvalidRequest' }) as Error,
  );
});

const request = (more: object): LoadRequest =>
  ({
    pipeline: 'p',
    into: 't',
    mode: 'append',
    from: { kind: 'files', store: 's', glob: '*' },
    ...more,
  }) as LoadRequest;

test.each([
  ['mode', { mode: 'upsert' }],
  ['pipeline', { pipeline: '' }],
  ['pipeline', { pipeline: 'x'.repeat(201) }],
  ['part', { part: '' }],
  ['from', { from: { kind: 'table' } }],
  ['partitions', { mode: 'replace-partition' }],
  ['partitions', { mode: 'replace-partition', partitions: [] }],
  ['partitions', { mode: 'replace-partition', partitions: ['2026-01-01'], interval: { grain: 'day' } }],
])('a request is refused for its %s: %j', (field, more) => {
  expect(() => checkRequest(request(more), contract('day'))).toThrow(
    expect.objectContaining({
      type: 'InvalidRequest',
      nonRetryable: true,
      message: expect.stringContaining(`.${field}]`) as string,
    }) as Error,
  );
});

test('a merge is refused without a key', () => {
  const { key: _, ...keyless } = contract('day');
  for (const mode of ['merge', 'insert-only'])
    expect(() => checkRequest(request({ mode }), keyless)).toThrow(
      expect.objectContaining({ type: 'InvalidRequest' }) as Error,
    );
  for (const mode of ['append', 'replace']) expect(() => checkRequest(request({ mode }), keyless)).not.toThrow();
});
