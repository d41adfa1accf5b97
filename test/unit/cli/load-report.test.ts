import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { positionOf } from '../../../cli/load-report/columns';
import { htmlReport } from '../../../cli/load-report/html/page';
import { intervalOf, makeReport, receiptAsked, type KnownLoad } from '../../../cli/load-report/make-report';
import { markdownLoadReport } from '../../../cli/load-report/markdown';
import { maskedIn } from '../../../cli/load-report/read-report';
import type { LoadMetrics } from '../../../activities/quality/load-metrics';
import type { LoadDetails } from '../../../activities/warehouses/warehouse';
import type { LoadReceipt } from '../../../workflows/contract';
import { hostile, hostileReport, report, table } from './load-report';

/** The tags of a page with their attributes, and the text that is shown, as a parser of HTML reads them. */
function parsed(page: string): { readonly tags: readonly [string, Record<string, string>][]; readonly text: string } {
  const program = `
import html.parser, json, sys
class P(html.parser.HTMLParser):
    def __init__(self): super().__init__(); self.tags = []; self.text = ''; self.at = ''
    def handle_starttag(self, t, a): self.tags.append([t, dict(a)]); self.at = t; self.text += '' if t == 'wbr' else ' '
    def handle_endtag(self, t): self.at = ''
    def handle_data(self, d): self.text += '' if self.at in ('style', 'title') else d
p = P(); p.feed(sys.stdin.read()); print(json.dumps({'tags': p.tags, 'text': p.text}))`;
  return JSON.parse(execFileSync('python3', ['-c', program], { input: page, encoding: 'utf8' })) as never;
}
const words = (text: string): string => text.replace(/\s+/g, ' ');
const clean = words(hostile.replace('\u0000', '\ufffd').replace('\ud800', '\ufffd'));

describe('the page', () => {
  test('tells the numbers, the checks, what was set aside and why', () => {
    const text = words(parsed(htmlReport(report())).text);
    for (const told of [
      'orders-daily',
      'loaded',
      'Rows read 203',
      '1 passed, 1 set aside, 1 failed and released',
      '2026-10-03 to 2026-10-04',
      '2 files, 12.3 kB, 1 file loaded before',
      'inserted 140 69 %',
      'quarantined 8 3.94 %',
      '⚑ set aside amount.range refunds are elsewhere 0 or more 8 of 203 rows that break it',
      '✗ failed, released checks.paid',
      '✓ passed rows',
      '8 rows set aside: 5 open, 2 repaired, 1 discarded.',
      'range of amount 5',
      'median before 202',
      'amount numeric(12,2) 25 %',
      '190 of 200',
      '-1.00 to 99.00',
      'orders, anomaly.latency: expected at most 1.0 s',
    ])
      // prettier-ignore
      expect(text).toContain(told);
    expect(text).not.toMatch(/undefined|NaN|null|\[object/);
  });

  test('tells of every state what has to be known first', () => {
    const by = { by: 'ann', reason: 'the old shop' };
    const bare = { counts: undefined, columns: [], checks: [], quarantine: undefined, trend: [] } as never;
    const told = (more: Parameters<typeof report>[0]): string => words(parsed(htmlReport(report(more))).text);
    expect(told({ state: 'held', held: { until: '2026-10-05T05:00:00.000Z', then: 'reject', choices: ['release', 'reject'], notOffered: [] } })).toMatch(
      /It waits until 2026-10-05 05:00:00 UTC; then it is: reject\. loadline held release 'v1\/\S+' --reason 'why' loadline held reject/,
    ); // prettier-ignore
    expect(told({ state: 'rejected', verdict: { verdict: 'reject', ...by } })).toContain('rejected: nothing was published. By ann: the old shop'); // prettier-ignore
    expect(told({ verdict: { verdict: 'quarantine', ...by } })).toContain(
      'published without the rows that broke a check',
    );
    expect(told({ state: 'adopted', adopted: { rows: 7, ...by }, tables: [table(bare)] })).toMatch(/recorded as loaded\. The table held 7 rows\. By ann.* no metrics of this load/); // prettier-ignore
    const tables = [{ table: 'a.b.c', mode: 'append', deleted: 2, restored: 1 }] as const;
    expect(told({ state: 'rolled-back', rolledBack: { at: '2026-10-04T05:00:00.000Z', tables, ...by } })).toContain('a.b.c lost 2 rows and got 1 back'); // prettier-ignore
    expect(told({ state: 'held', tables: [table(), table(bare)] })).toContain('None of its checks failed.');
    expect(told({ state: 'open', tables: [table(bare)], warnings: [] })).toContain('nothing is published yet');
  });

  test('shows whatever somebody has written as text, and never as mark-up', () => {
    const [friendly, unfriendly] = [parsed(htmlReport(report())), parsed(htmlReport(hostileReport()))];
    const names = new Set(unfriendly.tags.map(([name]) => name));
    for (const name of ['script', 'img', 'b']) expect(names).not.toContain(name);
    expect(words(unfriendly.text).split(clean).length).toBeGreaterThan(15);
    const attributes = new Set(friendly.tags.flatMap(([, all]) => Object.keys(all)));
    expect([...new Set(unfriendly.tags.flatMap(([, all]) => Object.keys(all)))].filter((name) => !attributes.has(name))).toEqual([]); // prettier-ignore
  });

  test('needs nothing beside itself, and lets nothing else in', () => {
    const page = htmlReport(report());
    const style = /<style>([^]*?)<\/style>/.exec(page)![1]!;
    const { tags } = parsed(page);
    const policy = tags.find(([, all]) => all['http-equiv'] === 'Content-Security-Policy')![1]['content'];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(style).not.toMatch(/url\(|@import/);
    for (const [name, all] of tags) {
      expect(['script', 'iframe', 'object', 'embed', 'form', 'a']).not.toContain(name);
      expect(Object.keys(all).filter((one) => one === 'style' || one === 'src' || one.startsWith('on'))).toEqual([]);
      if ('href' in all) expect(all['href']).toBe('data:,');
    }
  });

  test('names every plot for those who do not see it', () => {
    const { tags } = parsed(htmlReport(report()));
    const plots = tags.filter(([name]) => name === 'svg');
    for (const [, all] of plots) expect(all['aria-hidden'] ?? all['aria-label']).toBeTruthy();
    expect(plots.map(([, all]) => all['aria-label'])).toContain('Rows of 3 loads, the last one 203, median before 202');
  });
});

describe('Markdown', () => {
  test('tells the same', () => {
    const text = markdownLoadReport(report());
    for (const told of [
      '## ✅ orders-daily: loaded',
      '- Rows read: 203',
      '| inserted | 140 | 69 % | new in the table |',
      String.raw`| ⚠️ set aside | amount.range \(refunds are elsewhere\) | 0 or more | 8 of 203 rows that break it |`,
      '| ❌ failed, released | checks.paid |',
      '8 rows set aside: 5 open, 2 repaired, 1 discarded.',
      '| range of amount | 5 |',
      '| Rows set aside | 8 | 1 | ▂▂█ |',
      String.raw`| amount | numeric\(12,2\) | 25 % | ▁·█ | 190 of 200 | -1.00 to 99.00, median 45.50 |`,
    ])
      // prettier-ignore
      expect(text).toContain(told);
    expect(text).not.toMatch(/undefined|NaN|null|\[object/);
  });

  test('shows whatever somebody has written as text, in its cell', () => {
    const text = markdownLoadReport(hostileReport());
    const prose = text.replace(/^> ~~~~sh\n[^]*?\n> ~~~~$/m, '');
    expect(prose).not.toMatch(/<|(?<!\\)`|(?<!\\)\*b|\]\(|@all/);
    const cells = (line: string): number => line.split(/(?<!\\)\|/).length;
    const tables = prose.split('\n\n').map((part) => part.split('\n').filter((line) => line.startsWith('|')));
    for (const lines of tables) expect(new Set(lines.map(cells)).size).toBeLessThanOrEqual(1);
    expect(text.split('\n').filter((line) => line.startsWith('# '))).toEqual([]);
  });
});

const metrics = (n: number, more: Partial<LoadMetrics> = {}): LoadMetrics => ({
  loadId: `l${n}`, loadKey: `k${n}`, pipeline: 'p', table: 'a.b.c', generation: 1, at: `2026-10-0${n}T00:00:00.000Z`,
  publishedAt: `2026-10-0${n}T05:00:00.000Z`, latencyMs: 100 * n, rows: 10 * n, bytes: n, duplicates: 0, quarantined: 0,
  columns: { v: { type: 'integer', nulls: n, min: String(n), max: '9' }, secret: { type: 'date', nulls: 0, min: '2026-01-01', max: '2026-01-02' } },
  anomalies: [], ...more,
}); // prettier-ignore
const receipt = (more: Partial<LoadReceipt> = {}): LoadReceipt => ({
  outcome: 'loaded', loadId: 'l3', loadKey: 'v1/p/a.b.c/2026-10-03..2026-10-04', pipeline: 'p', generation: 1, fence: 3, protocol: 1, reversible: false,
  tables: [{ table: 'a.b.c', mode: 'merge', read: 30, duplicates: 0, quarantined: 0, inserted: 30, updated: 0, unchanged: 0, stale: 0, deleted: 0, removed: 0,
    checks: [{ id: 'v.range', kind: 'range', severity: 'warn', broken: 1, of: 30, verdict: 'warn', expected: '0 or more', got: '1 of 30 rows' }] }],
  batch: { sha256: 'x', files: 1, filesSkipped: 0, bytes: 3 }, publishedAt: '2026-10-03T05:00:00.000Z', workflowId: 'w', runId: 'r', buildId: 'b',
  warnings: [
    { code: 'RowsQuarantined', message: '1 row was set aside' }, { code: 'OutOfRange', message: 'c, v: expected 0 or more, got 1 of 30 rows' },
    { code: 'CheckFailed', message: 'c, anomaly.latency: expected at most 1.0 s, got 2.0 s' },
  ], ...more,
}); // prettier-ignore
const failed = [{ table: 'a.b.c', sha256: 'x', rows: 31, whole: [], checks: [{ id: 'v.range', kind: 'range', broken: 1, of: 31, expected: '0 or more', got: '1 of 31 rows', scope: 'row' }] }] as const; // prettier-ignore
const details = (more: Partial<LoadDetails> = {}): LoadDetails => ({
  loadKey: 'v1/p/a.b.c/2026-10-03..2026-10-04', pipeline: 'p', targets: ['a.b.c'], state: 'applied', generation: 1, fence: 3, workflowId: 'w', runId: 'r',
  claimedAt: '2026-10-03T04:00:00.000Z', renewedAt: '2026-10-03T04:01:00.000Z', live: false, adopted: false, receipts: [receipt()], rollbacks: [],
  rejections: [], held: null, stages: [], ...more,
}); // prettier-ignore
const made = (more: Partial<KnownLoad> = {}) =>
  makeReport(
    { details: details(), receipt: receipt(), quarantined: [], masked: new Map(), metrics: new Map([['a.b.c', [1, 2, 3].map((n) => metrics(n))]]), ...more }, // prettier-ignore
    '1.2.3',
    '2026-10-03T06:00:00.000Z',
  );

test('masked columns are those of the contracts of the table, however it is spelled', () => {
  const columns = { id: { type: 'integer' }, card: { type: 'text', masked: true } } as const;
  const masked = (spelled: string, target: string): string[] => [...maskedIn([{ name: 'c', table: spelled, columns }], target)]; // prettier-ignore
  expect(masked('main/public.orders', 'shop.public.orders')).toEqual(['card']);
  expect(masked('main/orders', 'shop.sales.orders')).toEqual(['card']);
  expect(masked('main/public.my%20orders%2Enew', 'shop.public.my%20orders%2Enew')).toEqual(['card']);
  expect(masked('main/public.orders', 'shop.sales.orders')).toEqual([]);
  expect(masked('main/orders', 'shop.public.old_orders')).toEqual([]);
});

describe('what is told of a load', () => {
  test('comes from its receipt and its metrics, and no warning is told twice', () => {
    const told = made();
    expect(told).toMatchObject({ state: 'loaded', loadId: 'l3', latencyMs: 300, interval: { start: '2026-10-03T00:00:00.000Z' } }); // prettier-ignore
    expect(told.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('anomaly.latency')]);
    const [{ trend, columns, counts, checks }] = told.tables as [(typeof told.tables)[0]];
    expect(trend.map(({ current, rows }) => [current, rows])).toEqual([[false, 10], [false, 20], [true, 30]]); // prettier-ignore
    expect(columns[0]).toEqual({ name: 'v', type: 'integer', nulls: 3, span: { min: '3', max: '9' }, nullShares: [0.1, 0.1, 0.1], spreads: [{ ends: [1, 9] }, { ends: [2, 9] }, { ends: [3, 9] }] }); // prettier-ignore
    expect(counts).toMatchObject({ read: 30, inserted: 30 });
    expect(checks).toMatchObject([{ id: 'v.range', verdict: 'warn', overruled: false }]);
  });

  test('leaves out what the contract masks today', () => {
    const names = (told: ReturnType<typeof made>): string[] => told.tables[0]!.columns.map(({ name }) => name);
    expect(names(made())).toEqual(['v', 'secret']);
    const masked = made({ masked: new Map([['a.b.c', new Set(['secret'])]]) });
    expect(names(masked)).toEqual(['v']);
    expect(JSON.stringify(masked)).not.toContain('2026-01-02');
  });

  test('of a held load are the checks that failed, and its rows beside those before', () => {
    const held = {
      loadKey: 'k',
      failed,
      choices: ['release'],
      until: '2026-10-05T05:00:00.000Z',
      then: 'reject',
    } as const;
    const known = {
      details: details({ state: 'held', receipts: [], held }),
      metrics: new Map([['a.b.c', [metrics(1)]]]),
    };
    const told = makeReport({ ...known, quarantined: [], masked: new Map() }, '1', '2026-10-03T06:00:00.000Z');
    expect(told).toMatchObject({ state: 'held', held: { until: held.until }, interval: { end: '2026-10-04T00:00:00.000Z' }, workflowId: 'w' }); // prettier-ignore
    expect(told.loadId).toBeUndefined();
    expect(told.tables).toMatchObject([{ rows: 31, onlyFailed: true, checks: [{ id: 'v.range', verdict: 'fail' }], columns: [] }]); // prettier-ignore
    expect(told.tables[0]!.trend).toMatchObject([
      { current: false },
      { current: true, rows: 31, at: '2026-10-03T00:00:00.000Z' },
    ]);
  });

  test('of a rejected, an adopted and a rolled back load says who and why, and counts nothing that was not loaded', () => {
    const verdict = { verdict: 'reject', by: 'ann', reason: 'wrong file', failed } as const;
    const rejected = made({ receipt: receipt({ outcome: 'rejected', verdict }), metrics: new Map() });
    expect(rejected).toMatchObject({ state: 'rejected', verdict: { by: 'ann', reason: 'wrong file' } });
    expect(rejected.tables[0]).toMatchObject({ onlyFailed: true, checks: [{ verdict: 'fail' }] });
    expect(rejected.tables[0]!.counts).toBeUndefined();
    const adopted = made({
      receipt: receipt({ adopted: { by: 'ann', reason: 'by hand', rows: 7 } }),
      metrics: new Map(),
    });
    expect(adopted).toMatchObject({ state: 'adopted', adopted: { rows: 7 }, tables: [{ trend: [] }] });
    expect(adopted.tables[0]!.counts).toBeUndefined();
    const rollback = { outcome: 'rolled-back', loadId: 'l3', loadKey: 'k', pipeline: 'p', generation: 1, fence: 4, tables: [], files: 0, at: '2026-10-04T00:00:00.000Z', by: 'ann', reason: 'wrong' } as const; // prettier-ignore
    expect(made({ details: details({ state: 'rolled-back', rollbacks: [rollback] }) })).toMatchObject({ state: 'rolled-back', rolledBack: { by: 'ann' } }); // prettier-ignore
  });

  test('of a load that has left no metrics, as repaired rows do not, compares nothing', () => {
    const told = made({ metrics: new Map([['a.b.c', [1, 2].map((n) => metrics(n))]]) });
    expect(told.tables[0]).toMatchObject({ columns: [], trend: [{ current: false }, { current: false }] });
    const text = words(parsed(htmlReport(told)).text);
    expect(text).toContain('The ledger has no metrics of this load.');
    expect(text).not.toContain('Load by load');
  });

  test('of a released load names the checks that were overruled', () => {
    const verdict = { verdict: 'release', by: 'ann', reason: 'known', failed } as const;
    expect(made({ receipt: receipt({ verdict }) }).tables[0]!.checks).toMatchObject([
      { id: 'v.range', overruled: true },
    ]);
  });
});

test('a key stands for what happened last under it, an id for that load', () => {
  const [first, second] = [receipt({ loadId: 'l1', fence: 1 }), receipt({ loadId: 'l2', fence: 4 })];
  const rejected = receipt({ loadId: 'l3', fence: 2, outcome: 'rejected' });
  const known = details({ receipts: [second, first], rejections: [rejected] });
  expect(receiptAsked(known, known.loadKey)).toBe(second);
  expect(receiptAsked(known, 'l1')).toBe(first);
  expect(receiptAsked(known, 'l3')).toBe(rejected);
  const held = details({ receipts: [first], held: {} as never });
  expect(receiptAsked(held, held.loadKey)).toBeUndefined();
  expect(receiptAsked(held, 'l1')).toBe(first);
});

test('values stand where they belong, and what cannot be drawn stands nowhere', () => {
  expect(positionOf('numeric(12,2)', '-1.50')).toBe(-1.5);
  expect(positionOf('date', '2026-10-03')).toBe(Date.UTC(2026, 9, 3));
  expect(positionOf('timestamp with time zone', '2026-10-03 05:30:00.25+05:30')).toBe(Date.UTC(2026, 9, 3));
  expect(positionOf('timestamp without time zone', '2026-10-03 05:00:00')).toBe(Date.UTC(2026, 9, 3, 5));
  expect(positionOf('time without time zone', '01:00:01.5')).toBe(3601.5);
  expect(positionOf('TIMESTAMP_NTZ', '2026-10-03 05:00:00')).toBe(Date.UTC(2026, 9, 3, 5));
  expect(positionOf('TIME(6)', '01:00:01.5')).toBe(3601.5);
  for (const [type, text] of [
    ['date', 'infinity'],
    ['date', '0044-03-15 BC'],
    ['double precision', 'NaN'],
    ['numeric', 'Infinity'],
  ] as const)
    // prettier-ignore
    expect(positionOf(type, text)).toBeNull();
});

test('an interval is read from a load key that names one', () => {
  expect(intervalOf('v1/p/a.b.c/2026-10-03..2026-10-04')).toEqual({ start: '2026-10-03T00:00:00.000Z', end: '2026-10-04T00:00:00.000Z' }); // prettier-ignore
  expect(intervalOf('v1/p/a.b.c/2026-10-03T05:00:00.000Z..2026-10-03T06:00:00.000Z/part')?.end).toBe('2026-10-03T06:00:00.000Z'); // prettier-ignore
  for (const key of ['v1/p/a.b.c/files', 'v1/p/a.b.c/partitions:2026-10-03', 'x']) expect(intervalOf(key)).toBeUndefined(); // prettier-ignore
});
