import type { TableReceipt } from '../../../workflows/contract';
import { day, openBench, type Bench, type ReadyLoad } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** Events that come again within a window. */
export function testDedup(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'dedup');
    bench.contract({ columns, key: undefined as never });
  });
  afterEach(() => bench.close());

  const columns = {
    id: { type: 'bigint', notNull: true },
    v: { type: 'text' },
    at: { type: 'timestamptz', notNull: true },
  } as const;
  const dedup = { by: ['id'], time: 'at', window: '7 days' } as const;
  const at = (n: number, clock = '12:00:00'): string => `2026-03-${String(n).padStart(2, '0')}T${clock}Z`;

  let files = 0;
  function ready(rows: readonly string[], more: object = {}): Promise<ReadyLoad> {
    files += 1;
    const asked = { mode: 'append', files: bench.file(`f${files}`, ...rows), pipeline: `p${files}`, dedup } as const;
    return bench.ready(bench.warehouse(), { ...asked, ...more });
  }
  const publish = async (rows: readonly string[], more: object = {}): Promise<TableReceipt> =>
    (await (await ready(rows, more)).publish()).tables[0]!;

  test('the window is inclusive, reaches both ways, and what lies outside of it is a new event', async () => {
    await publish([`1,seed,${at(15)}`]);
    const rows = [`1,edge before,${at(8)}`, `1,edge after,${at(22)}`];
    expect(await publish(rows)).toMatchObject({ read: 2, unchanged: 2, inserted: 0, duplicates: 0 });
    const outside = [`1,long before,${at(8, '11:59:59.999999')}`, `1,long after,${at(22, '12:00:00.000001')}`];
    expect(await publish(outside)).toMatchObject({ read: 2, unchanged: 0, inserted: 2 });
    expect(await bench.table()).toBe('1:long after 1:long before 1:seed');
  });

  test('whatever comes in whatever batches, the table holds what rows taken one by one in order of time leave', async () => {
    const windowHours = 7 * 24;
    let state = 7;
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
    const instant = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
    type Event = { readonly id: number; readonly hour: number };
    const repeats = (among: readonly Event[], r: Event): boolean =>
      among.some((h) => h.id === r.id && Math.abs(h.hour - r.hour) <= windowHours);
    let held: Event[] = [];
    for (const [rows, hours] of [
      [3, 200],
      [120, 24 * 180],
      [60, 24 * 90],
    ] as const) {
      const batch = Array.from({ length: rows }, () => ({ id: 1 + random(3), hour: random(hours) }));
      const counts = await publish(batch.map(({ id, hour }) => `${id},batch ${files},${instant(hour)}`));
      const unknown = batch.filter((r) => !repeats(held, r)).sort((a, b) => a.hour - b.hour);
      const taken: Event[] = [];
      for (const r of unknown) if (!repeats(taken, r)) taken.push(r);
      held = [...held, ...taken];
      expect(counts).toMatchObject({
        read: rows,
        unchanged: rows - unknown.length,
        duplicates: unknown.length - taken.length,
        inserted: taken.length,
      });
    }
    // Chains of one event that are walked in several rounds.
    expect(held.length).toBeGreaterThan(40);
    const found = await bench.rows<{ id: unknown; at: unknown }>(`SELECT "id", "at" FROM ${bench.relation('t')}`);
    const text = (rows: readonly { id: unknown; at: unknown }[]): string[] =>
      rows.map((r) => `${String(r.id)} ${new Date(r.at as string).toISOString()}`).sort();
    expect(text(found)).toEqual(text(held.map((r) => ({ id: r.id, at: instant(r.hour) }))));
  });

  test('a generation takes its own former rows away before it asks, and rows that are set aside are no events', async () => {
    const v = { type: 'text', accepted: ['first', 'other', 'second'], severity: 'quarantine' } as const;
    bench.contract({ columns: { ...columns, v }, key: undefined as never });
    const asked = { interval: day(1), pipeline: 'p' };
    await publish([`1,first,${at(1)}`, `2,first,${at(1)}`], asked);
    await publish([`5,other,${at(1)}`], { interval: day(2) });
    const rows = [`1,second,${at(1)}`, `5,second,${at(1)}`, `6,bad,${at(1)}`, `6,second,${at(2)}`];
    const counts = await publish(rows, { ...asked, onChanged: 'reprocess' });
    expect(counts).toMatchObject({ read: 4, quarantined: 1, inserted: 2, unchanged: 1, removed: 2, duplicates: 0 });
    expect(await bench.table()).toBe('1:second 5:other 6:second');
  });

  test('two loads that bring one event beside each other insert it once', async () => {
    await publish([`9,seed,${at(1)}`]);
    const [one, two] = [await ready([`1,x,${at(2)}`, `2,x,${at(2)}`]), await ready([`1,x,${at(3)}`, `3,x,${at(2)}`])];
    const receipts = await Promise.all([one.publish(), two.publish()]);
    const counts = receipts.map(({ tables: [t] }) => [t!.inserted, t!.unchanged]).sort();
    expect(counts).toEqual([[1, 1], [2, 0]]); // prettier-ignore
    expect(await bench.table()).toBe('1:x 2:x 3:x 9:seed');
  });
}
