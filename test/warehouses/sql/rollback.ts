import { actorOf, day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** A load that is undone leaves every table as it was before. */
export function testRollback(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'rollback');
  });
  afterEach(() => bench.close());

  const by = { by: 'me', reason: 'wrong file' };

  test('a rolled back replace-partition leaves the table as it was', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ partition: { column: 'at', by: 'day' } });
    const asked = { mode: 'replace-partition', files: 'a.csv', interval: day(1) } as const;
    bench.file('a', '1,x,2026-03-01T10:00:00Z', '2,,2026-03-01T11:00:00Z');
    await bench.load(warehouse, asked);
    const before = await bench.table();
    bench.file('b', '3,z,2026-03-01T12:00:00Z');
    const second = await bench.load(warehouse, { ...asked, files: 'b.csv', pipeline: 'q' });
    expect(await bench.table()).not.toBe(before);
    const receipt = await warehouse.rollback(second.loadId, by);
    expect(receipt).toMatchObject({ outcome: 'rolled-back', tables: [{ deleted: 1, restored: 2 }] });
    expect(await bench.table()).toBe(before);
  });

  test('a load that others have built on is not rolled back', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x');
    const one = await bench.load(warehouse, { mode: 'replace', files: 'a.csv', interval: day(2) });
    await bench.load(warehouse, { mode: 'replace', files: 'a.csv', interval: day(3) });
    await expect(warehouse.rollback(one.loadId, by)).rejects.toEqual(failure('NotReversible'));
    await expect(warehouse.rollback('nothing', by)).rejects.toEqual(failure('LoadNotFound'));
  });

  test('a load that is adopted counts as applied, and no row is touched', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x');
    const asked = { mode: 'replace', files: 'a.csv', interval: day(2) } as const;
    await bench.run(`CREATE TABLE ${bench.relation('t')} ("id" BIGINT, "v" VARCHAR, "at" TIMESTAMP_TZ)`);
    const open = await bench.open(warehouse, asked);
    await warehouse.abandon(open.loadKey);
    const { batch, manifest } = await bench.extract(open);
    const request = { ...open, batches: [{ batch, manifest }], sourceIdentity: 'i', actor: actorOf(), by };
    const receipt = await warehouse.adopt(request);
    expect(receipt).toMatchObject({ outcome: 'loaded', adopted: { by: 'me', rows: 0 }, tables: [{ inserted: 0 }] });
    expect(await warehouse.summary(open.loadKey)).toMatchObject({ state: 'applied', adopted: true });
    expect(await warehouse.appliedIdentity(open.loadKey)).toBe('i');
    await expect(warehouse.adopt(request)).rejects.toEqual(failure('LoadApplied'));
    await expect(warehouse.rollback(open.loadKey, by)).rejects.toEqual(failure('NotReversible'));
    await expect(bench.load(warehouse, { ...asked, interval: day(1) })).rejects.toEqual(failure('OutOfOrder'));
  });

  test('files of a load that was rolled back may be loaded again', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ key: undefined as never });
    bench.file('a', '1,x');
    const asked = { mode: 'append', files: 'a.csv' } as const;
    const receipt = await bench.load(warehouse, asked);
    expect(await warehouse.rollback(receipt.loadId, by)).toMatchObject({ files: 1 });
    expect(await bench.table()).toBe('');
    await bench.load(warehouse, { ...asked, onChanged: 'reprocess' });
    expect(await bench.table()).toBe('1:x');
  });
}
