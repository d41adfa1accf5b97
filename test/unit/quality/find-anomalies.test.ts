import {
  defaultCompare as options,
  findAnomalies,
  latencyLimit,
  slowness,
} from '../../../activities/quality/find-anomalies';
import type { BatchMetrics, ColumnMetrics, LoadMetrics } from '../../../activities/quality/load-metrics';

const day = 86_400_000;
const monday = Date.UTC(2026, 0, 5, 5);
const usual: BatchMetrics = {
  rows: 1000,
  bytes: 50_000,
  duplicates: 2,
  quarantined: 1,
  columns: { id: { type: 'bigint', nulls: 0 }, amount: { type: 'numeric(12,2)', nulls: 20 } },
};
const before: LoadMetrics[] = Array.from({ length: 30 }, (_, i) => ({
  ...usual,
  rows: 980 + ((i * 17) % 40),
  loadId: `l${i}`,
  loadKey: `k${i}`,
  pipeline: 'p',
  table: 'db.public.t',
  generation: 1,
  at: new Date(monday + i * day).toISOString(),
  publishedAt: new Date(monday + i * day).toISOString(),
  latencyMs: 60_000 + ((i * 997) % 3000),
  anomalies: [],
}));
const now = monday + 30 * day;
const odd = (batch: Partial<BatchMetrics>, history = before) =>
  findAnomalies({ ...usual, ...batch }, now, history, options);
const amount = (column: Partial<ColumnMetrics>) => ({
  columns: { ...usual.columns, amount: { ...usual.columns['amount']!, ...column } },
});

test('nothing is odd about a load like the others', () => {
  expect(odd({})).toEqual([]);
});

test('a tenth of the rows is told with the rows that were expected', () => {
  expect(odd({ rows: 100, duplicates: 0, quarantined: 0, columns: {} })).toEqual([
    {
      id: 'anomaly.rows',
      expected: expect.stringMatching(/^\d{3} to 1,\d{3} rows, by the loads before$/) as string,
      got: '100 rows',
    },
  ]);
});

test('a column that suddenly lacks values is told by its name, with counts and no value', () => {
  expect(odd(amount({ nulls: 300, min: '17.25' }))).toEqual([
    {
      id: 'anomaly.amount.nullRate',
      column: 'amount',
      expected: expect.stringMatching(/^at most [\d.]+ % NULL, by the loads before$/) as string,
      got: '30 % NULL, 300 of 1,000 rows',
    },
  ]);
});

test('more duplicates and more quarantined rows are told, fewer are not', () => {
  expect(odd({ duplicates: 400 }).map((a) => a.id)).toEqual(['anomaly.duplicates']);
  expect(odd({ quarantined: 200 }).map((a) => a.id)).toEqual(['anomaly.quarantined']);
  expect(odd({ duplicates: 0, quarantined: 0 })).toEqual([]);
});

test('a type that is not that of the load before is told in words of its own, from the second load on', () => {
  const drifted = [
    {
      id: 'anomaly.amount.type',
      column: 'amount',
      expected: 'type numeric(12,2), as in the load before',
      got: 'type double precision',
    },
  ];
  expect(odd(amount({ type: 'double precision' }))).toEqual(drifted);
  expect(odd(amount({ type: 'double precision' }), before.slice(0, 1))).toEqual(drifted);
  expect(odd(amount({ type: 'double precision' }), [])).toEqual([]);
});

test('a column that is new, or named as a property of every object, is compared with nothing', () => {
  expect(odd({ columns: { constructor: { type: 'text', nulls: 999 } } })).toEqual([]);
});

test('an empty batch has no shares', () => {
  expect(odd({ rows: 0, duplicates: 0, quarantined: 0 }).map((a) => a.id)).toEqual(['anomaly.rows']);
});

test('a load is slow beyond what the loads before took, and never before there are enough', () => {
  const limit = latencyLimit(before, options)!;
  expect(slowness({ latencyMs: limit, latencyLimitMs: limit })).toEqual([]);
  expect(slowness({ latencyMs: 400_000, latencyLimitMs: limit })).toEqual([
    {
      id: 'anomaly.latency',
      expected: expect.stringMatching(/^at most \d+\.\d s from claim to publish, by the loads before$/) as string,
      got: '400.0 s',
    },
  ]);
  expect(latencyLimit(before.slice(0, 13), options)).toBeNull();
  const held = before.map((m) => ({ ...m, latencyMs: null }));
  expect(latencyLimit(held, options)).toBeNull();
});
