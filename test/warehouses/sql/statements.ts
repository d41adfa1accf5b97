import { actorOf, day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** What holds where the statements of a publish go over the wire one by one, and each of them may be the last. */
export function testStatements(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'statements');
    bench.file('a', '1,x', '2,y');
  });
  afterEach(async () => {
    await bench.release();
    await bench.close();
  });

  const asked = { mode: 'merge', files: 'a.csv', interval: day(1) } as const;
  const other = { workflowId: 'w2', runId: 'r2' };

  test('an attempt that froze in its unit before it took the locks is stopped by the fence that was taken meanwhile', async () => {
    const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
    const late = await bench.ready(one, asked);
    const held = await bench.hold('publish:lock', 'before');
    const frozen = late.publish();
    frozen.catch(() => undefined);
    await held.reached();
    const newer = await bench.ready(two, asked, other);
    expect((await newer.publish()).outcome).toBe('loaded');
    await bench.release();
    // Equal content under its key: what it set out to load is loaded.
    await expect(frozen).resolves.toMatchObject({ outcome: 'already-loaded', fence: newer.open.fence });
    expect(await bench.table()).toBe('1:x 2:y');
  });

  test('a claim is renewed by whoever holds its fence, also while its own publish is under way', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, asked);
    const held = await bench.hold('publish:ledger', 'before');
    const publishing = load.publish();
    await held.reached();
    expect(await warehouse.renew(load.open)).toBe(true);
    await bench.release();
    expect((await publishing).outcome).toBe('loaded');
    expect(await warehouse.renew({ ...load.open, fence: 99 })).toBe(false);
  });

  test('a commit that was lost before it arrived is settled by the ledger', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, asked);
    await bench.lose('publish */ COMMIT', 'before');
    await expect(load.publish()).rejects.toEqual(failure('CommitOutcomeUnknown'));
    expect(await warehouse.settle(load.open, null, actorOf())).toBeNull();
    expect(await load.publish()).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    expect(await bench.table()).toBe('1:x 2:y');
  });
}
