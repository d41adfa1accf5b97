import { loadErrorOf } from '../../../workflows/load-error';
import { day, failure, openBench, type Bench } from '../support/bench';
import { openDesk, signed, type BenchDesk } from '../support/desk';
import type { OpenPlace } from '../support/place';

/** What becomes of rows that were set aside. `retries`: only what a warehouse has statements of its own for. */
export function testQuarantine(openPlace: OpenPlace, only?: 'retries'): void {
  let bench: Bench;
  let desk: BenchDesk;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'quarantine');
    desk = openDesk(bench);
    use(['x']);
  });
  afterEach(async () => {
    desk.close();
    await bench.close();
  });

  /** A contract that takes these values of `v`, and sets others aside. */
  function use(accepted: readonly string[], more: object = {}): void {
    const v = { type: 'text', accepted, severity: 'quarantine' } as const;
    const columns = { id: { type: 'bigint' }, v, at: { type: 'timestamptz' } } as never;
    bench.contract({ columns, key: undefined as never, ...more });
  }
  const asked = (n: number, mode: 'append' | 'merge' = 'append') =>
    ({ mode, files: `d${n}.csv`, interval: day(n) }) as const;
  const refusal = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'nothing failed',
      (error: unknown) => `${loadErrorOf(error)?.type}: ${loadErrorOf(error)?.details[0].got}`,
    );

  test('a retry loads the rows once, however often and by however many it is asked for', async () => {
    const warehouse = bench.warehouse();
    bench.file('d1', '1,x', "9007199254740995,it's", '3,bad', '3,bad');
    const first = await bench.load(warehouse, asked(1));
    expect(first.tables[0]).toMatchObject({ read: 4, inserted: 1, quarantined: 3 });
    const { quarantine } = warehouse;
    expect(await quarantine.list({ table: `${bench.schema}.t`, reason: 'ACCEPTED', limit: 5 })).toMatchObject([
      { loadId: first.loadId, rows: 3, open: 3, reasons: [{ reason: 'accepted of v', rows: 3 }] },
    ]);
    const shown = await quarantine.show(first.loadKey, { values: true, limit: 2 });
    expect(shown).toMatchObject({ loadId: first.loadId, total: 3, rows: [{ columns: ['id', 'v', 'at'] }, {}] });
    expect(await refusal(bench.warehouse().quarantine.show('nowhere'))).toMatch(/^LoadNotFound/);

    use(['x', "it's", 'bad']);
    const done = await Promise.allSettled([
      desk.retry(warehouse, first.loadId),
      desk.retry(bench.warehouse(), first.loadId),
    ]);
    const told = [
      ...done.filter((d) => d.status === 'fulfilled').map((d) => d.value),
      await desk.retry(warehouse, first.loadKey),
    ];
    expect(new Set(told.map((r) => r.loadId)).size).toBe(1);
    expect(told.at(-1)).toMatchObject({
      outcome: 'already-loaded',
      tables: [{ read: 3, inserted: 3, quarantined: 0 }],
    });
    // Equal rows are two rows.
    expect(await bench.table()).toBe("1:x 3:bad 3:bad 9007199254740995:it's");
    const decision = { ...signed, at: expect.any(String) as string, loadId: told[0]!.loadId };
    expect((await quarantine.show(first.loadId, { all: true })).rows).toEqual(
      Array(3).fill(expect.objectContaining({ state: 'repaired', decision })),
    );
    expect(await quarantine.list({ limit: 5 })).toEqual([]);
    expect(await quarantine.list({ limit: 5, all: true })).toMatchObject([{ open: 0, repaired: 3, discarded: 0 }]);
  });

  test('rows of a retry that is rolled back are open again, and rows that are discarded never come', async () => {
    const warehouse = bench.warehouse();
    const { quarantine } = warehouse;
    bench.file('d1', '1,x', '3,bad');
    const first = await bench.load(warehouse, asked(1));
    use(['x', 'bad']);
    const brought = await desk.retry(warehouse, first.loadId);
    await expect(warehouse.rollback(first.loadId, signed)).rejects.toEqual(failure('NotReversible'));
    await warehouse.rollback(brought.loadId, signed);
    expect(await desk.states(warehouse, first.loadId)).toEqual(['open']);
    expect(await bench.table()).toBe('1:x');
    expect(await quarantine.discard(first.loadId, undefined, signed)).toEqual({ loadId: first.loadId, rows: 1 });
    expect(await quarantine.discard(first.loadId, undefined, signed)).toEqual({ loadId: first.loadId, rows: 0 });
    expect(await refusal(desk.retry(warehouse, first.loadId))).toBe('NotRetryable: no open row');
  });

  test('a row that two people have repaired differently is loaded once, as the first of them has it', async () => {
    const warehouse = bench.warehouse();
    bench.file('d1', '9007199254740993,bad', '2,worse', '3,x');
    const first = await bench.load(warehouse, asked(1));
    const ann = await desk.repair(warehouse, first.loadId, (line) => line.replace(/"(bad|worse)"/, '"x"'));
    const bob = await desk.repair(warehouse, first.loadId, (line) => line.replace(/"(bad|worse)"/, 'null'));
    const strange = { id: '0000-1', json: '{}' };
    expect(await refusal(warehouse.quarantine.submit(first.loadId, undefined, [strange]))).toBe(
      'InvalidRequest: 0000-1',
    );
    const late = await desk.retry(warehouse, first.loadId, { repair: ann });
    expect(late).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    expect(await refusal(desk.retry(warehouse, first.loadId, { repair: bob }))).toMatch(
      /^RowDecided: row [0-9a-f]{16}-1, which is repaired/,
    );
    expect(await bench.table()).toBe('2:x 3:x 9007199254740993:x');
    expect(await desk.retry(warehouse, first.loadId, { repair: ann })).toMatchObject({ outcome: 'already-loaded' });
  });

  if (only === 'retries') return;

  test('the next generation of a key takes away what was brought for the one before', async () => {
    const warehouse = bench.warehouse();
    bench.file('d1', '2,bad', '3,x');
    const first = await bench.load(warehouse, asked(1));
    use(['x', 'bad']);
    await desk.retry(warehouse, first.loadId);
    use(['x']);
    bench.file('d1', '7,x', '8,bad');
    const second = await bench.load(warehouse, { ...asked(1), onChanged: 'reprocess' });
    expect(second.tables[0]).toMatchObject({ inserted: 1, removed: 2, quarantined: 1 });
    expect(await bench.table()).toBe('7:x');
    expect(await refusal(desk.retry(warehouse, first.loadId))).toMatch(/^NotRetryable: a load that was rolled back/);
  });

  test('rows with a mask are neither exported nor retried', async () => {
    const warehouse = bench.warehouse();
    const v = { type: 'text', accepted: ['x'], severity: 'quarantine', masked: true } as const;
    bench.contract(
      { columns: { id: { type: 'bigint' }, v, at: { type: 'timestamptz' } }, key: undefined as never },
      'm',
    );
    bench.file('d9', '1,secret', '2,x');
    const masked = await bench.load(warehouse, { ...asked(9), into: 'm', pipeline: 'm' });
    expect(await desk.exported(warehouse, masked.loadId)).toEqual([]);
    expect((await warehouse.quarantine.show(masked.loadId, { values: true })).rows).toMatchObject([
      { masked: ['v'], values: { id: '1', v: '***' } },
    ]);
    expect(await refusal(desk.retry(warehouse, masked.loadId))).toMatch(/^NotRetryable: 1 rows with a mask/);
  });

  test('rows of keys do not change what later loads may have brought', async () => {
    const warehouse = bench.warehouse();
    use(['x'], { key: ['id'] });
    bench.file('d1', '1,bad', '2,x');
    bench.file('d2', '1,x');
    const first = await bench.load(warehouse, asked(1, 'merge'));
    await bench.load(warehouse, asked(2, 'merge'));
    use(['x', 'bad'], { key: ['id'] });
    expect(await refusal(desk.retry(warehouse, first.loadId))).toMatch(/^OutOfOrder: 1 keys that it holds/);
    expect(await bench.table()).toBe('1:x 2:x');
    await desk.retry(warehouse, first.loadId, { outOfOrder: 'allow' });
    expect(await bench.table()).toBe('1:bad 2:x');
  });
}
