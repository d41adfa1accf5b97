import { renderMetrics } from '../../../cli/metrics-output';
import { sparkline } from '../../../cli/sparkline';
import type { LoadMetrics } from '../../../activities/quality/load-metrics';
import { plain } from './streams';

test('a sparkline starts at 0, ends at the largest, and shows where there is no number', () => {
  expect(sparkline([0, 4, 8])).toBe('▁▅█');
  expect(sparkline([5, null, 5])).toBe('█·█');
  expect(sparkline([0, 0])).toBe('▁▁');
  expect(sparkline([])).toBe('');
});

const load = (n: number, more: Partial<LoadMetrics> = {}): LoadMetrics => ({
  loadId: `l${n}`,
  loadKey: `k${n}`,
  pipeline: 'orders',
  table: 'shop.public.orders',
  generation: 1,
  at: `2026-03-0${n}T00:00:00.000Z`,
  publishedAt: `2026-03-0${n}T05:00:00.000Z`,
  latencyMs: 12_300,
  rows: 20_000,
  bytes: 3_400_000,
  duplicates: 0,
  quarantined: 3,
  columns: {
    amount: { type: 'numeric(12,2)', nulls: 100 * n, distinct: 900, of: 10_000, min: '0.10', max: '99.00' },
    note: { type: 'text', nulls: 0 },
  },
  anomalies: [],
  ...more,
});

test('each load has a line, and an odd one a mark and what was odd', () => {
  const text = plain(renderMetrics('public.orders', [load(1), load(2, { anomalies: ['anomaly.amount.nullRate'] })]));
  expect(text).toMatch(/^shop\.public\.orders {2}rows ██\n\n/);
  expect(text).toMatch(/\n {2,}2026-03-01 05:00:00 UTC +20,000 +3\.4 MB +0 +3 +12\.3 s\n/);
  expect(text).toMatch(/\n! +2026-03-02 05:00:00 UTC .* amount\.nullRate\n/);
  expect(text).toMatch(/amount +1 % +▅█ +900 of 10,000 +0\.10 +99\.00/);
});

test('on a narrow terminal what is odd stays', () => {
  const text = plain(renderMetrics('orders', [load(1, { anomalies: ['anomaly.rows'], latencyMs: null })], 60));
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  expect(text).toContain('rows\n');
});

test('without loads it says when there will be some', () => {
  expect(renderMetrics('orders', [])).toBe('No metrics of orders yet: they are written with each load.');
});
