import { day, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** What a canary loads into, and that nothing of it stays. */
export function testScratch(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'scratch');
  });
  afterEach(() => bench.close());

  test('a canary loads into tables, a ledger and stages of its own, tells what they hold, and leaves nothing', async () => {
    const signal = new AbortController().signal;
    const asked = { mode: 'merge', files: 'a.csv', interval: day(1) } as const;
    const contract = bench.contracts.get('t')!;
    bench.file('a', '1,x', '2,y', '2,y');
    const real = await bench.load(bench.warehouse(), asked);
    const hashes: string[] = [];
    for (const canary of ['one', 'two']) {
      const scratch = bench.warehouse().scratch(canary);
      expect(await scratch.tables(signal)).toEqual([]);
      bench.contracts.set('t', scratch.contract(contract));
      expect((await bench.load(scratch, asked)).tables[0]).toMatchObject({ inserted: 2 });
      const [table, ...more] = await scratch.tables(signal);
      expect([table, more]).toMatchObject([{ table: 'main/t', rows: 2 }, []]);
      hashes.push(table!.sha256);
      if (canary === 'one') {
        bench.file('a', '2,y', '1,x', '3,z');
        await bench.load(scratch, { ...asked, interval: day(2) });
        expect((await scratch.tables(signal))[0]!.sha256).not.toBe(table!.sha256);
        bench.file('a', '2,y', '1,x', '2,y');
      }
      await scratch.remove();
      const after = bench.warehouse().scratch(canary);
      expect(await after.tables(signal)).toEqual([]);
      await after.remove();
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect((await bench.warehouse().list({ limit: 9 })).map((l) => l.loadKey)).toEqual([real.loadKey]);
    expect(await bench.table()).toBe('1:x 2:y');
  });
}
