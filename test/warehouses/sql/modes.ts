import { day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** Every mode, its counts and its refusals. */
export function testModes(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'modes');
  });
  afterEach(() => bench.close());

  test('append adds rows, and the same files are not added again', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ key: undefined as never });
    bench.file('a', '1,x', '1,x', '2,y');
    const receipt = await bench.load(warehouse, { mode: 'append', files: 'a.csv' });
    expect(receipt).toMatchObject({
      outcome: 'loaded',
      tables: [{ read: 3, inserted: 3, duplicates: 0, unchanged: 0 }],
    });
    expect(await bench.table()).toBe('1:x 1:x 2:y');
    await expect(bench.load(warehouse, { mode: 'append', files: 'a.csv' })).rejects.toEqual(failure('SourceOverlap'));
    expect(await bench.table()).toBe('1:x 1:x 2:y');
    bench.file('b', '3,z');
    await bench.load(warehouse, { mode: 'append', files: 'b.csv' });
    expect(await bench.table()).toBe('1:x 1:x 2:y 3:z');
  });

  test('append of an interval that is reprocessed takes the place of its rows', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ key: undefined as never });
    bench.file('a', '1,x', '2,y');
    const asked = { mode: 'append', files: 'a.csv', interval: day(1) } as const;
    await bench.load(warehouse, asked);
    bench.file('a', '1,x2');
    const again = await bench.load(warehouse, { ...asked, onChanged: 'reprocess' });
    expect(again).toMatchObject({ generation: 2, tables: [{ inserted: 1, removed: 2 }] });
    expect(await bench.table()).toBe('1:x2');
  });

  test('merge inserts unknown keys, changes those that differ, and tells what stays', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x', '2,y', '2,y');
    const first = await bench.load(warehouse, { mode: 'merge', files: 'a.csv', interval: day(1) });
    expect(first.tables[0]).toMatchObject({ read: 3, duplicates: 1, inserted: 2, updated: 0 });
    bench.file('b', '2,y2', '3,z', '1,x');
    const second = await bench.load(warehouse, { mode: 'merge', files: 'b.csv', interval: day(2) });
    expect(second.tables[0]).toMatchObject({ read: 3, duplicates: 0, inserted: 1, updated: 1, unchanged: 1, stale: 0 });
    expect(await bench.table()).toBe('1:x 2:y2 3:z');
  });

  test('merge by the newest leaves newer rows alone', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ newest: 'at' });
    bench.file('a', '1,new,2026-02-02T00:00:00Z', '1,older,2026-01-01T00:00:00Z', '2,y,2026-02-01T00:00:00Z');
    const first = await bench.load(warehouse, { mode: 'merge', files: 'a.csv', interval: day(2) });
    expect(first.tables[0]).toMatchObject({ read: 3, duplicates: 1, inserted: 2 });
    bench.file('b', '1,late,2026-01-15T00:00:00Z', '2,y3,2026-02-03T00:00:00Z');
    const late = await bench.load(warehouse, { mode: 'merge', files: 'b.csv', interval: day(1) });
    expect(late.tables[0]).toMatchObject({ updated: 1, stale: 1, unchanged: 0 });
    expect(await bench.table()).toBe('1:new 2:y3');
  });

  test('without a newest column an older interval is out of order', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x');
    await bench.load(warehouse, { mode: 'merge', files: 'a.csv', interval: day(2) });
    const late = await bench.ready(warehouse, { mode: 'merge', files: 'a.csv', interval: day(1) });
    await expect(late.publish()).rejects.toEqual(failure('OutOfOrder'));
  });

  test('insert-only leaves known keys alone', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x');
    await bench.load(warehouse, { mode: 'insert-only', files: 'a.csv', interval: day(1) });
    bench.file('b', '1,x2', '2,y');
    const receipt = await bench.load(warehouse, { mode: 'insert-only', files: 'b.csv', interval: day(2) });
    expect(receipt.tables[0]).toMatchObject({ inserted: 1, unchanged: 1 });
    expect(await bench.table()).toBe('1:x 2:y');
  });

  test('replace puts the batch in the place of all rows, and an empty one only where that is asked for', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x', '2,y');
    await bench.load(warehouse, { mode: 'replace', files: 'a.csv', interval: day(1) });
    bench.file('b', '3,z');
    const receipt = await bench.load(warehouse, { mode: 'replace', files: 'b.csv', interval: day(2) });
    expect(receipt.tables[0]).toMatchObject({ inserted: 1, removed: 2 });
    expect(await bench.table()).toBe('3:z');
    bench.file('c');
    const empty = { mode: 'replace', files: 'c.csv', interval: day(3) } as const;
    await expect(bench.load(warehouse, empty)).rejects.toEqual(failure('EmptyReplace'));
    const allowed = await bench.load(warehouse, { ...empty, interval: day(4), allowEmpty: true });
    expect(allowed.tables[0]).toMatchObject({ inserted: 0, removed: 1 });
    expect(await bench.table()).toBe('');
  });

  test('replace-partition replaces the days that were asked for, and refuses rows of others', async () => {
    const warehouse = bench.warehouse();
    bench.contract({ partition: { column: 'at', by: 'day' } });
    bench.file('a', '1,x,2026-03-01T10:00:00Z', '2,y,2026-03-01T23:59:59Z');
    const asked = (n: number, files: string) => ({ mode: 'replace-partition', files, interval: day(n) }) as const;
    await bench.load(warehouse, asked(1, 'a.csv'));
    bench.file('b', '3,z,2026-03-02T00:00:00Z');
    await bench.load(warehouse, asked(2, 'b.csv'));
    expect(await bench.table()).toBe('1:x 2:y 3:z');
    bench.file('a', '9,new,2026-03-01T10:00:00Z');
    const again = await bench.load(warehouse, { ...asked(1, 'a.csv'), onChanged: 'reprocess' });
    expect(again.tables[0]).toMatchObject({ inserted: 1, removed: 2 });
    expect(await bench.table()).toBe('3:z 9:new');
    await expect(bench.load(warehouse, asked(3, 'b.csv'))).rejects.toEqual(failure('RowsOutsidePartition'));
  });
}
