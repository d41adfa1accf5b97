import type { Warehouse } from '../../../activities/warehouses/warehouse';
import { day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

const by = { by: 'ann', reason: 'the file was wrong' };

/** What the conformance suite cannot see of an archive: what is deleted by its age, and a ledger of the version before. */
export function testArchive(openPlace: OpenPlace): void {
  let bench: Bench;
  let warehouse: Warehouse;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'archive');
    warehouse = bench.warehouse();
  });
  afterEach(() => bench.close());

  const load = (n: number, ...rows: readonly string[]) => {
    bench.file(`f${n}`, ...rows);
    return bench.load(warehouse, { mode: 'replace', files: `f${n}.csv`, interval: day(n) });
  };
  const receipts = (table: string) =>
    bench.rows(`SELECT "load_id" FROM ${bench.ledger(table)}`).then((rows) => rows.length);

  test('what was set aside, kept and measured goes by its age, and only where that is asked for', async () => {
    expect(await warehouse.archive({ olderThanMs: 0 })).toMatchObject({ archived: 0 });
    bench.contract({
      columns: {
        id: { type: 'bigint' },
        v: { type: 'text', notNull: true, severity: 'quarantine' },
        at: { type: 'timestamptz' },
      },
    });
    await load(1, '1,one', '7,');
    const second = await load(2, '2,two');
    const nothing = { quarantineDeleted: 0, keptDeleted: 0, metricsDeleted: 0 };
    const hour = 3_600_000;
    const young = { olderThanMs: hour, quarantineOlderThanMs: hour, keptOlderThanMs: hour, metricsOlderThanMs: hour };
    expect(await warehouse.archive(young)).toMatchObject({ archived: 0, ...nothing });
    expect(await warehouse.archive({ olderThanMs: 0 })).toMatchObject({ archived: 2, ...nothing });
    expect([await receipts('ledger'), await receipts('ledger_archive')]).toEqual([0, 2]);
    const all = { olderThanMs: 0, quarantineOlderThanMs: 0, keptOlderThanMs: 0, metricsOlderThanMs: 0 };
    const deleted = { archived: 0, quarantineDeleted: 1, keptDeleted: 1, metricsDeleted: 2 };
    expect(await warehouse.archive(all, { dryRun: true })).toMatchObject({ ...deleted, dryRun: true });
    expect(await warehouse.archive(all)).toMatchObject({ ...deleted, dryRun: false });
    expect(await warehouse.archive(all)).toMatchObject({ archived: 0, ...nothing });
    await expect(warehouse.rollback(second.loadId, by)).rejects.toEqual(failure('NotReversible'));
    expect(await bench.table()).toBe('2:two');
  });

  test('a ledger of the version before is brought to this one by whoever asks it first, and its receipts are known', async () => {
    const receipt = await load(1, '1,one');
    await bench.run(`DROP TABLE ${bench.ledger('ledger_archive')}`);
    await bench.run(`UPDATE ${bench.ledger('meta')} SET "schema_version" = 1 WHERE TRUE`);
    warehouse = bench.warehouse();
    expect(await warehouse.receipt(receipt.loadId)).toEqual(receipt);
    expect(await warehouse.archive({ olderThanMs: 0 })).toMatchObject({ archived: 1 });
    expect(await bench.warehouse().receipt(receipt.loadId)).toEqual(receipt);
  });
}
