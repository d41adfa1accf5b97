import { isLoadError } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import { contextOf, day, failure, openBench, type Bench, type ReadyLoad } from '../support/bench';
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

  test('of four workflows that claim one key at once, one has it', async () => {
    await bench.warehouse().prepare();
    const claims = [1, 2, 3, 4].map((n) =>
      bench.claim(bench.warehouse(), [asked], { workflowId: `w${n}`, runId: `r${n}` }),
    );
    const results = await Promise.allSettled(claims);
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toEqual(failure('LoadInProgress'));
  });

  test('of four attempts that publish one load at once, one does, and all have its receipt', async () => {
    const load = await bench.ready(bench.warehouse(), asked);
    const attempts = [1, 2, 3, 4].map(() => bench.warehouse().publish(load.open, load.stages, contextOf()));
    const results = await Promise.allSettled(attempts);
    const receipts = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
    // Whoever comes when the stage is tidied away has nothing to publish, and settles.
    for (const r of results) if (r.status === 'rejected') expect(r.reason).toEqual(failure('StageLost'));
    expect(new Set(receipts.map((r) => r.publishedAt)).size).toBe(1);
    expect(receipts[0]).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    expect(await bench.table()).toBe('1:x 2:y');
    expect((await load.warehouse.show(load.open.loadKey)).receipts).toHaveLength(1);
  });

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

  test('an attempt whose load key has a newer fence cannot publish', async () => {
    const [one, two] = [bench.warehouse({ claimLeaseMs: 0 }), bench.warehouse()];
    const late = await bench.ready(one, asked);
    const newer = await bench.ready(two, asked, other);
    expect(newer.open.fence).toBeGreaterThan(late.open.fence);
    await expect(late.publish()).rejects.toEqual(failure('Fenced'));
    expect((await newer.publish()).outcome).toBe('loaded');
    expect(await bench.table()).toBe('1:x 2:y');
  });

  test('a load that failed gives its claim and its stages back, and cannot publish any more', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, asked);
    await warehouse.discard(load.open);
    await warehouse.discard(load.open);
    await expect(load.publish()).rejects.toEqual(failure('Fenced'));
    expect((await bench.load(warehouse, asked, other)).outcome).toBe('loaded');
    await warehouse.discard(load.open);
    expect((await warehouse.summary(load.open.loadKey))?.state).toBe('applied');
  });

  test('an abandoned load cannot publish, and an applied one cannot be abandoned', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, asked);
    await warehouse.abandon(load.open.loadKey);
    await expect(load.publish()).rejects.toEqual(failure('Fenced'));
    await bench.load(warehouse, asked, other);
    await expect(warehouse.abandon(load.open.loadKey)).rejects.toEqual(failure('LoadStillApplied'));
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

  test('of a set of tables nobody ever sees one without the other', async () => {
    bench.contract({}, 'u');
    const warehouse = bench.warehouse();
    const set = (n: number) =>
      [
        { mode: 'replace', files: 'a.csv', interval: day(n), into: 't' },
        { mode: 'replace', files: 'b.csv', interval: day(n), into: 'u' },
      ] as const;
    bench.file('b', '1,x', '2,y');
    await bench.load(warehouse, set(1));
    let over = false;
    const seen = new Set<string>();
    const reading = (async () => {
      while (!over) {
        const [row] = await bench.rows<{ s: string }>(
          `SELECT (SELECT MAX("v") FROM ${bench.relation('t')}) || ' ' || (SELECT MAX("v") FROM ${bench.relation('u')}) AS "s"`,
        );
        seen.add(row!.s);
      }
    })();
    bench.file('a', '1,new');
    bench.file('b', '1,new');
    const receipt: LoadReceipt = await bench.load(warehouse, set(2));
    over = true;
    await reading;
    expect(receipt.tables).toHaveLength(2);
    expect([...seen].filter((s) => s !== 'y y' && s !== 'new new')).toEqual([]);
    expect([await bench.table('t'), await bench.table('u')]).toEqual(['1:new', '1:new']);
    await expect(
      warehouse
        .publish(await bench.open(warehouse, set(3)), [], contextOf())
        .catch((e: unknown) => isLoadError(e, 'PublishSetChanged')),
    ).resolves.toBe(true);
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
