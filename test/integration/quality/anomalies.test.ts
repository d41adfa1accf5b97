import { validateContract } from '../../../activities/contracts';
import type { LoadMetrics } from '../../../activities/quality/load-metrics';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { LoadReceipt } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { baseContract, day, failure, openBench, type Asked, type Bench } from '../protocol/support/bench';

let bench: Bench;
let main: Warehouse;
beforeEach(async () => {
  bench = await openBench('anomalies');
  main = bench.warehouse();
});
afterEach(() => bench.stop());

const columns = {
  id: { type: 'bigint' },
  v: { type: 'decimal(12,2)' },
  at: { type: 'timestamptz', masked: true },
} as const;
const use = (more: Partial<TableContract> = {}): void => {
  const anomalies = { warmUp: 6 };
  bench.contract = validateContract({ ...baseContract, columns, anomalies, ...more }, 'the test');
};

/** The file of a day: so many rows, the first so many of them without a `v`. */
function delivery(d: number, rows = 20 + (d % 3), withoutV = 0): Asked {
  const lines = Array.from({ length: rows }, (_, i) => `${d * 1000 + i},${i < withoutV ? '' : `${d}.${i}`}`);
  return { mode: 'append', interval: day(d), files: bench.file(`d${d}-${rows}-${withoutV}`, ...lines) };
}

const load = async (asked: Asked): Promise<LoadReceipt> => (await bench.ready(main, asked)).publish();
const days = async (from: number, to: number): Promise<LoadReceipt[]> => {
  const receipts: LoadReceipt[] = [];
  for (let d = from; d <= to; d++) receipts.push(await load(delivery(d)));
  return receipts;
};
const metrics = (limit = 100): Promise<LoadMetrics[]> => main.metrics({ table: 'public.t', limit });

test('a load of five times the rows is a warning once there are enough to compare with', async () => {
  use();
  const early = [...(await days(1, 4)), await load(delivery(5, 110)), ...(await days(6, 7))];
  expect(early.flatMap((r) => r.warnings)).toEqual([]);
  const { warnings, outcome } = await load(delivery(8, 120));
  expect(outcome).toBe('loaded');
  expect(warnings).toEqual([
    {
      code: 'CheckFailed',
      message: expect.stringMatching(
        /^t, anomaly\.rows: expected \d+ to \d+ rows, by the loads before, got 120 rows$/,
      ) as string,
    },
  ]);
  expect((await metrics()).map((m) => m.anomalies)).toEqual([...Array<string[]>(7).fill([]), ['anomaly.rows']]);
});

test('values that are suddenly missing are told by the name of their column', async () => {
  use();
  await days(1, 7);
  const { warnings } = await load(delivery(8, 21, 15));
  expect(warnings.map((w) => w.message)).toEqual([
    expect.stringMatching(
      /^t, anomaly\.v\.nullRate: expected at most [\d.]+ % NULL, .*got 71\.4 % NULL, 15 of 21 rows$/,
    ),
  ]);
});

test('with severity fail nothing of such a load is published', async () => {
  use({ anomalies: { warmUp: 6, severity: 'fail' }, hold: false });
  await days(1, 7);
  await expect(load(delivery(8, 200))).rejects.toEqual(failure('CheckFailed'));
  expect(await bench.rows('SELECT 1 FROM public.t WHERE id >= 8000')).toEqual([]);
  expect(await metrics()).toHaveLength(7);
});

test('a contract may turn it off, and its metrics are written all the same', async () => {
  use({ anomalies: false });
  await days(1, 7);
  expect((await load(delivery(8, 200))).warnings).toEqual([]);
  expect(await metrics()).toHaveLength(8);
});

test('metrics hold counts of every column, bounds of numbers and how they are spread, and nothing of a masked one', async () => {
  use();
  const receipt = await load(delivery(1, 20, 5));
  const [row] = await metrics();
  expect(row).toMatchObject({
    loadId: receipt.loadId,
    pipeline: 'p',
    at: day(1).start,
    rows: 20,
    bytes: receipt.batch.bytes,
    duplicates: 0,
    quarantined: 0,
    columns: {
      id: {
        type: 'bigint',
        nulls: 0,
        distinct: 20,
        of: 20,
        min: '1000',
        max: '1019',
        quantiles: ['1000', '1004', '1009', '1014', '1018'],
      },
      v: { type: 'numeric(12,2)', nulls: 5, distinct: 15, of: 20, min: '1.10', max: '1.90' },
    },
  });
  expect(Object.keys(row!.columns)).toEqual(['id', 'v']);
  expect(row!.latencyMs).toBeGreaterThan(0);
});

test('no value of a row passes through the results of a step', async () => {
  use();
  const open = await bench.open(main, delivery(1, 3));
  const audited = await bench.audit(main, open, await bench.stage(main, open));
  expect(JSON.stringify(audited)).not.toMatch(/"(min|max|quantiles)"|1\.2/);
});

test('a publish that fails leaves no metrics, and its retry leaves them once', async () => {
  use();
  await load(delivery(1));
  await bench.rows(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE SQLSTATE ''53300''; END';
    CREATE TRIGGER refuse BEFORE INSERT ON _loadline.ledger EXECUTE FUNCTION refuse()`);
  const ready = await bench.ready(main, delivery(2));
  await expect(ready.publish()).rejects.toBeDefined();
  expect(await metrics()).toHaveLength(1);
  await bench.rows('DROP TRIGGER refuse ON _loadline.ledger');
  await ready.publish();
  await ready.publish();
  expect(await metrics()).toHaveLength(2);
});

test('content that a later generation replaced, or that was rolled back, is compared with nothing', async () => {
  use();
  await days(1, 5);
  const again = await load({ ...delivery(5, 24), onChanged: 'reprocess' });
  expect((await metrics()).map((m) => m.loadId)).toHaveLength(5);
  expect((await metrics()).at(-1)).toMatchObject({ loadId: again.loadId, rows: 24 });
  const six = await load(delivery(6));
  expect((await load(delivery(7, 200))).warnings).toHaveLength(1);
  await main.rollback(six.loadKey, { by: 'the test', reason: 'too few are left to compare with' });
  await main.rollback(again.loadKey, { by: 'the test', reason: 'too few are left to compare with' });
  expect((await load(delivery(8, 200))).warnings).toEqual([]);
});

test('loads of another pipeline into the table are not compared with', async () => {
  use();
  await days(1, 7);
  expect((await load({ ...delivery(8, 200), pipeline: 'other' })).warnings).toEqual([]);
});

test('a load that took far longer than the others is a warning of its publish', async () => {
  use();
  await days(1, 7);
  const ready = await bench.ready(main, delivery(8));
  await bench.rows(
    `UPDATE _loadline.claims SET claimed_at = clock_timestamp() - interval '1 hour' WHERE load_key = $1`,
    [ready.open.loadKey],
  );
  const { warnings } = await ready.publish();
  expect(warnings.map((w) => w.message)).toEqual([
    expect.stringMatching(/^t, anomaly\.latency: expected at most \d+\.\d s from claim to publish, .*got 3600\.\d s$/),
  ]);
  expect((await metrics()).at(-1)!.anomalies).toEqual(['anomaly.latency']);
});

test('a column whose type has changed is told once', async () => {
  use();
  await days(1, 2);
  await bench.rows('ALTER TABLE public.t ALTER v TYPE numeric(20,2)');
  expect((await load(delivery(3))).warnings.map((w) => w.message)).toEqual([
    't, anomaly.v.type: expected type numeric(12,2), as in the load before, got type numeric(20,2)',
  ]);
  expect((await load(delivery(4))).warnings).toEqual([]);
});

test('metrics of old loads are deleted when archiving is asked to', async () => {
  use();
  await days(1, 2);
  const limits = { olderThanMs: 1e12, metricsOlderThanMs: 0 };
  expect(await main.archive(limits, { dryRun: true })).toMatchObject({ metricsDeleted: 2 });
  expect(await metrics()).toHaveLength(2);
  expect(await main.archive({ olderThanMs: 1e12 })).toMatchObject({ metricsDeleted: 0 });
  expect(await main.archive(limits)).toMatchObject({ metricsDeleted: 2, archived: 0 });
  expect(await metrics()).toEqual([]);
});
