import { day, failure, openBench, type Bench, type ReadyLoad } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** What holds however many are at it, and whatever is lost: locks, fences, stages, answers, processes. */
export function testProtocol(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'protocol');
    bench.file('a', '1,x', '2,y');
  });
  afterEach(async () => {
    await bench.release();
    await bench.close();
  });

  const asked = { mode: 'merge', files: 'a.csv', interval: day(1) } as const;
  const other = { workflowId: 'w2', runId: 'r2' };

  test('loads of several files that publish to one table at once all arrive, each once', async () => {
    bench.contract({ key: undefined as never });
    const loads: ReadyLoad[] = [];
    for (const n of [1, 2, 3, 4]) {
      bench.file(`f${n}`, `${n},x`);
      loads.push(await bench.ready(bench.warehouse(), { mode: 'append', files: `f${n}.csv`, pipeline: `p${n}` }));
    }
    const receipts = await Promise.all(loads.map((l) => l.publish()));
    expect(receipts.map((r) => r.tables[0]!.inserted)).toEqual([1, 1, 1, 1]);
    expect(await bench.table()).toBe('1:x 2:x 3:x 4:x');
  });

  test('a stage that lost rows, or is gone, is not published', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, asked);
    const { stage } = load.stages[0]!.audited;
    await bench.run(`DELETE FROM ${stage} WHERE "id" = 1`);
    await expect(load.publish()).rejects.toEqual(failure('StageLost'));
    await bench.run(`DROP TABLE ${stage}`);
    await expect(load.publish()).rejects.toEqual(failure('StageLost'));
    expect(await bench.table()).toBe('');
  });

  test('a failed statement in a publish leaves nothing behind, and no lock', async () => {
    const warehouse = bench.warehouse();
    await bench.run(`CREATE TABLE ${bench.relation('t')} ("id" BIGINT, "v" VARCHAR NOT NULL, "at" TIMESTAMP_TZ)`);
    bench.file('n', '1,x', '2,');
    const load = await bench.ready(warehouse, { ...asked, files: 'n.csv' });
    await expect(load.publish()).rejects.toEqual(failure('ConstraintViolated'));
    expect(await bench.table()).toBe('');
    expect((await warehouse.show(load.open.loadKey)).receipts).toEqual([]);
    await warehouse.discard(load.open);
    expect((await bench.load(warehouse, asked, other)).outcome).toBe('loaded');
  });

  test('stages that no load can need are swept, and those of others are not', async () => {
    const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
    const late = await bench.open(one, asked);
    const newer = await bench.ready(two, asked, other);
    const { ref } = await bench.stage(one, late);
    expect(await two.sweep(async () => false)).toEqual([ref.stage]);
    expect((await newer.publish()).outcome).toBe('loaded');
    expect(await two.sweep(async () => true)).toEqual([]);
  });
}
