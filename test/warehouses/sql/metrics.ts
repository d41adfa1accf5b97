import type { LoadMetrics } from '../../../activities/quality/load-metrics';
import type { Dialect } from '../../../activities/warehouses/sql/port';
import { contextOf, day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** What is measured of each load, and which loads are unlike those before. */
export function testMetrics(openPlace: OpenPlace, dialect: Pick<Dialect, 'sampled'>): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'metrics');
  });
  afterEach(() => bench.close());

  const asked = { mode: 'append', files: 'a.csv', interval: day(20) } as const;
  const columns = { id: { type: 'bigint' }, v: { type: 'text', masked: true }, at: { type: 'timestamptz' } } as const;
  const metrics = (): Promise<LoadMetrics[]> => bench.warehouse().metrics({ table: `${bench.schema}.t`, limit: 100 });

  test('metrics hold counts, bounds and the spread of columns, and no value passes through the result of a step', async () => {
    bench.contract({ columns, key: undefined as never });
    const lines = Array.from({ length: 20 }, (_, i) => `${i < 5 ? '' : 1000 + i},secret,2026-01-02T03:04:${10 + i}.5Z`);
    bench.file('a', ...lines);
    const load = await bench.ready(bench.warehouse(), asked);
    expect(JSON.stringify(load.stages)).not.toMatch(/"(min|max|quantiles)"|1019/);
    const receipt = await load.publish();
    expect(await load.publish()).toEqual(receipt);
    const [row, ...more] = await metrics();
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      loadId: receipt.loadId,
      pipeline: 'p',
      at: day(20).start,
      publishedAt: receipt.publishedAt,
      rows: 20,
      bytes: receipt.batch.bytes,
      duplicates: 0,
      quarantined: 0,
      anomalies: [],
    });
    expect(row!.latencyMs).toBeGreaterThan(0);
    expect(row!.columns).toEqual({
      id: {
        type: expect.stringMatching(/INT64|NUMBER/) as string,
        nulls: 5,
        distinct: 15,
        of: 20,
        min: '1005',
        max: '1019',
        quantiles: ['1005', '1008', '1012', '1016', '1019'],
      },
      at: expect.objectContaining({ nulls: 0, min: '2026-01-02 03:04:10.5+00', max: '2026-01-02 03:04:29.5+00' }),
    });
    const [sampled] = await bench.rows<{ n: unknown }>(
      `SELECT COUNT(*) AS "n" FROM ${dialect.sampled(bench.relation('t'), 0.5)} s`,
    );
    expect([0, 20]).not.toContain(Number(sampled!.n));
  });

  /** Metrics of loads before, as their publishes would have written them. */
  async function before(
    loads: readonly { id: string; day: number; rows: number; more?: Partial<Record<string, string>> }[],
  ): Promise<void> {
    const selects = loads.map(({ id, day: d, rows, more }) => {
      const at = `CAST('${day(d).start.replace('T', ' ').replace('Z', '+00:00')}' AS TIMESTAMP_TZ)`;
      const row: Record<string, string> = {
        load_id: `'${id}'`,
        target: `'${target}'`,
        load_key: `'key ${d}'`,
        generation: '1',
        pipeline: `'p'`,
        interval_start: at,
        at,
        published_at: at,
        latency_ms: '1000',
        row_count: String(rows),
        bytes: '1',
        duplicates: '0',
        quarantined: '0',
        columns: `'{}'`,
        anomalies: `'[]'`,
        ...more,
      };
      return `SELECT ${Object.entries(row)
        .map(([name, value]) => `${value} AS "${name}"`)
        .join(', ')}`;
    });
    const names = `"load_id", "target", "load_key", "generation", "pipeline", "interval_start", "at", "published_at", "latency_ms", "row_count", "bytes", "duplicates", "quarantined", "columns", "anomalies"`;
    await bench.run(`INSERT INTO ${bench.ledger('metrics')} (${names}) ${selects.join(' UNION ALL ')}`);
  }
  let target = '';

  test('a load unlike those of its pipeline that stand is told, or refused, and noted with its metrics', async () => {
    const anomalies = { warmUp: 6 };
    bench.contract({ columns, anomalies: { ...anomalies, severity: 'fail' }, hold: false });
    bench.file('a', '1,x', '2,y', '3,z');
    const warehouse = bench.warehouse();
    const open = await bench.open(warehouse, asked);
    target = open.targets[0]!.target;
    const days = Array.from({ length: 10 }, (_, i) => i + 1);
    // Of each kind as many that do not count, of as many rows as the load has.
    await before([
      ...days.map((d) => ({ id: `good${d}`, day: d, rows: 20 + (d % 3), more: { generation: '2' } })),
      ...days.map((d) => ({ id: `replaced${d}`, day: d, rows: 3 })),
      ...days.map((d) => ({ id: `other${d}`, day: d, rows: 3, more: { pipeline: `'q'`, load_key: `'other ${d}'` } })),
      ...days.map((d) => ({ id: `undone${d}`, day: d, rows: 3, more: { load_key: `'undone ${d}'` } })),
      ...days.map((d) => ({ id: `later${d}`, day: d + 20, rows: 3 })),
    ]);
    await bench.run(
      `INSERT INTO ${bench.ledger('rollbacks')} ("load_id") ${days.map((d) => `SELECT 'undone${d}'`).join(' UNION ALL ')}`,
    );
    expect((await metrics()).filter((m) => /replaced|undone/.test(m.loadId))).toEqual([]);
    await expect(bench.ready(warehouse, asked)).rejects.toEqual(failure('CheckFailed'));
    expect((await metrics()).map((m) => m.loadKey)).not.toContain(open.loadKey);

    bench.contract({ columns, anomalies });
    const load = await bench.ready(warehouse, asked);
    await bench.run(
      `UPDATE ${bench.ledger('claims')} SET "claimed_at" = CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP_TZ) WHERE "load_key" = '${open.loadKey}'`,
    );
    const receipt = await warehouse.publish(load.open, load.stages, contextOf());
    expect(receipt.warnings.map((w) => w.message)).toEqual([
      expect.stringMatching(/^t, anomaly\.rows: expected \d+ to \d+ rows, by the loads before, got 3 rows$/),
      expect.stringMatching(/^t, anomaly\.latency: expected at most \d+\.\d s from claim to publish, .*got \d+\.\d s$/),
    ]);
    const { loadId, loadKey, pipeline } = receipt;
    const asOf = await warehouse.metrics({
      table: target,
      limit: 100,
      upTo: { loadId, loadKey, pipeline, at: day(20).start },
    });
    expect(asOf.map((m) => m.loadId)).toEqual([...days.map((d) => `good${d}`), loadId]);
    expect(asOf.at(-1)!.anomalies).toEqual(['anomaly.rows', 'anomaly.latency']);
  });
}
