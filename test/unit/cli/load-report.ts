import type { LoadReport, TableReport, TrendPoint } from '../../../cli/load-report/load-report';

/** What is mark-up in HTML, in Markdown, in a table of it, and nowhere. */
export const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)> "q" 'a' & | \`c\` [l](http://e.invalid) @all *b*\u0000\ud800\n# h`;

const point = (n: number, more: Partial<TrendPoint> = {}): TrendPoint => ({
  current: false,
  at: `2026-10-0${n}T00:00:00.000Z`,
  rows: 200 + n,
  bytes: 10_000,
  duplicates: 0,
  quarantined: n === 3 ? 8 : 1,
  latencyMs: 300,
  anomalies: [],
  ...more,
});

/** A table as a load with everything leaves it. */
export const table = (more: Partial<TableReport> = {}): TableReport => ({
  table: 'shop.public.orders',
  mode: 'merge',
  rows: 203,
  counts: { read: 203, inserted: 140, updated: 50, unchanged: 1, stale: 1, deleted: 0, duplicates: 3, quarantined: 8, removed: 0 }, // prettier-ignore
  checks: [
    { id: 'rows', kind: 'rows', severity: 'fail', broken: 0, of: 203, verdict: 'pass', expected: '1 or more rows', got: '203 rows', overruled: false },
    { id: 'amount.range', kind: 'range', column: 'amount', severity: 'quarantine', broken: 8, of: 203, verdict: 'quarantine', expected: '0 or more', got: '8 of 203 rows that break it', reason: 'refunds are elsewhere', overruled: false },
    { id: 'checks.paid', kind: 'sql', severity: 'warn', broken: 2, of: 203, verdict: 'warn', expected: 'paid_at >= ordered_at', got: '2 of 203 rows that break it', overruled: true },
  ],
  onlyFailed: false,
  quarantine: { quarantinedAt: '2026-10-03T05:00:00.000Z', rows: 8, open: 5, repaired: 2, discarded: 1, superseded: 0, reasons: [{ reason: 'range of amount', rows: 5 }] },
  anomalies: ['anomaly.quarantined'],
  trend: [point(1), point(2), point(3, { current: true, anomalies: ['anomaly.quarantined'] })],
  columns: [
    { name: 'amount', type: 'numeric(12,2)', nulls: 51, distinct: { values: 190, of: 200 }, span: { min: '-1.00', max: '99.00', median: '45.50' }, nullShares: [0, null, 0.25], spreads: [{ ends: [0, 90] }, null, { ends: [2, 95], middle: [20, 45.5, 70] }] },
    { name: 'note', type: 'text', nulls: 0, nullShares: [0, 0, 0], spreads: [null, null, null] },
  ],
  ...more,
}); // prettier-ignore

/** A load with everything. */
export const report = (more: Partial<LoadReport> = {}): LoadReport => ({
  version: 1,
  toolVersion: '1.2.3',
  at: '2026-10-03T06:00:00.000Z',
  state: 'loaded',
  pipeline: 'orders-daily',
  loadKey: 'v1/orders-daily/shop.public.orders/2026-10-03..2026-10-04',
  loadId: '30b748bc3b59',
  generation: 1,
  workflowId: 'orders-3',
  interval: { start: '2026-10-03T00:00:00.000Z', end: '2026-10-04T00:00:00.000Z' },
  publishedAt: '2026-10-03T05:00:00.000Z',
  latencyMs: 1234,
  batch: { sha256: 'ab'.repeat(32), files: 2, filesSkipped: 1, bytes: 12_345 },
  reversible: true,
  tables: [table()],
  warnings: [{ code: 'CheckFailed', message: 'orders, anomaly.latency: expected at most 1.0 s, got 1.2 s' }],
  ...more,
});

/** The same, with {@link hostile} wherever a person or a file may have chosen the words. */
export function hostileReport(): LoadReport {
  const [told] = [table()];
  return report({
    pipeline: hostile,
    loadKey: hostile,
    workflowId: hostile,
    verdict: { verdict: 'release', by: hostile, reason: hostile },
    rolledBack: { by: hostile, reason: hostile, at: '2026-10-04T05:00:00.000Z', tables: [] },
    adopted: { by: hostile, reason: hostile, rows: 1 },
    held: { until: '2026-10-05T05:00:00.000Z', then: 'reject', choices: ['release'], notOffered: [hostile] },
    warnings: [{ code: 'X', message: hostile }],
    tables: [
      table({
        table: hostile,
        checks: told.checks.map((c) => ({ ...c, id: hostile, expected: hostile, got: hostile, reason: hostile })),
        quarantine: { ...told.quarantine!, reasons: [{ reason: hostile, rows: 5 }] },
        columns: told.columns.map((c) => ({
          ...c,
          name: hostile,
          type: hostile,
          span: { min: hostile, max: hostile },
        })),
      }),
    ],
  });
}
