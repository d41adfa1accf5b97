import { loadErrorOf } from '../../../workflows/load-error';
import type { LoadRequest } from '../../../workflows/contract';
import { held } from '../holds/support/held';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';
import { amount, columns, corrected, deskOf, refusal, signed, type Desk } from './support';

let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  lab = await openLab('quarantine');
  desk = deskOf(lab);
});
afterAll(() => lab.stop());

describe('a retry', () => {
  test('loads the rows once, however often it is asked for', async () => {
    const into = lab.contract({ name: 'once', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,1', '2,-2', '3,-3', '4,4']);
    expect(first.tables[0]).toMatchObject({ read: 4, inserted: 2, quarantined: 2 });
    lab.contract({ name: 'once', columns: corrected });
    const again = await desk.retry(first.loadId);
    expect(again).toMatchObject({ outcome: 'loaded', tables: [{ read: 2, inserted: 2, quarantined: 0 }] });
    expect(again.loadKey).toContain(`/quarantine-${first.loadId}-`);
    expect(await desk.retry(first.loadId)).toMatchObject({ outcome: 'already-loaded', loadId: again.loadId });
    expect(await desk.retry(first.loadKey)).toMatchObject({ outcome: 'already-loaded', loadId: again.loadId });
    expect(await desk.table('once')).toBe('1:1.00 2:-2.00 3:-3.00 4:4.00');
    expect((await lab.warehouse.quarantine.show(first.loadId, { all: true })).rows).toEqual(
      Array(2).fill(
        expect.objectContaining({
          state: 'repaired',
          decision: { ...signed, at: expect.any(String), loadId: again.loadId },
        }),
      ),
    );
  });

  test('that several people ask for at once loads the rows once', async () => {
    const into = lab.contract({ name: 'crowd', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '1,-1', '2,2']);
    lab.contract({ name: 'crowd', columns: corrected });
    const done = await Promise.all([1, 2, 3].map(() => desk.retry(first.loadId)));
    expect(new Set(done.map((r) => r.loadId)).size).toBe(1);
    expect(done.map((r) => r.outcome).sort()).toEqual(['already-loaded', 'already-loaded', 'loaded']);
    // Equal rows are two rows.
    expect(await desk.table('crowd')).toBe('1:-1.00 1:-1.00 2:2.00');
  });

  test('loads a row once that two people have repaired differently', async () => {
    const into = lab.contract({ name: 'differently', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,-2', '3,3']);
    const ann = await desk.repair(first.loadId, (row) => ({ amount: (row['id'] as number) * 10 }));
    const bob = await desk.repair(first.loadId, () => ({ amount: 7 }));
    expect(await desk.retry(first.loadId, { repair: ann })).toMatchObject({
      outcome: 'loaded',
      tables: [{ inserted: 2 }],
    });
    expect(await refusal(desk.retry(first.loadId, { repair: bob }))).toMatch(
      /^RowDecided: row [0-9a-f]{16}-1, which is repaired/,
    );
    expect(await refusal(repairOf(first.loadId, '9'))).toMatch(/^InvalidRequest/);
    expect(await desk.table('differently')).toBe('1:10.00 2:20.00 3:3.00');
    expect(await desk.retry(first.loadId, { repair: ann })).toMatchObject({ outcome: 'already-loaded' });
    const [left] = await lab.rows<{ repair: string }>(
      `SELECT DISTINCT repair FROM _loadline.quarantine_repairs WHERE load_id = '${first.loadId}'`,
    );
    expect(left).toEqual({ repair: bob });
    await lab.warehouse.quarantine.discard(first.loadId, undefined, signed);
    expect(await lab.rows(`SELECT 1 FROM _loadline.quarantine_repairs WHERE load_id = '${first.loadId}'`)).toEqual([]);
  });

  test('sets rows that are bad again aside again, under its own load', async () => {
    const into = lab.contract({ name: 'chain', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,-200', '3,3']);
    lab.contract({ name: 'chain', columns: corrected });
    const second = await desk.retry(first.loadId);
    expect(second.tables[0]).toMatchObject({ read: 2, inserted: 1, quarantined: 1 });
    expect(await desk.states(first.loadId)).toEqual(['repaired', 'repaired']);
    expect(await desk.states(second.loadId)).toEqual(['open']);
    const third = await desk.retry(second.loadId, { repair: await desk.repair(second.loadId, () => ({ amount: 2 })) });
    expect(third.tables[0]).toMatchObject({ inserted: 1 });
    expect(await desk.table('chain')).toBe('1:-1.00 2:2.00 3:3.00');
  });

  test('of some rows leaves the others open', async () => {
    const into = lab.contract({ name: 'some', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,-2', '3,3']);
    const [row] = await desk.exported(first.loadId);
    const json = JSON.stringify({ ...row, amount: 5 });
    const { repair } = await lab.warehouse.quarantine.submit(first.loadId, undefined, [
      { id: row!['_loadline_row'] as string, json },
    ]);
    await desk.retry(first.loadId, { repair });
    expect(await desk.states(first.loadId)).toEqual(['open', 'repaired']);
    expect(await lab.warehouse.quarantine.list({ load: first.loadId, limit: 5 })).toMatchObject([
      { rows: 2, open: 1, repaired: 1, discarded: 0, reasons: [{ rows: 1 }] },
    ]);
  });

  test('whose publish fails leaves every row open', async () => {
    const into = lab.contract({ name: 'broken', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,2']);
    lab.contract({ name: 'broken', columns: corrected });
    await lab.rows(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON _loadline.ledger FOR EACH ROW EXECUTE FUNCTION refuse()`);
    try {
      expect(await refusal(desk.retry(first.loadId))).toMatch(/^ConstraintViolated/);
    } finally {
      await lab.rows('DROP TRIGGER refuse ON _loadline.ledger');
    }
    expect(await desk.states(first.loadId)).toEqual(['open']);
    expect(await desk.retry(first.loadId)).toMatchObject({ outcome: 'loaded' });
    expect(await desk.table('broken')).toBe('1:-1.00 2:2.00');
  });

  test('asks nothing of the rows that is asked of a whole batch', async () => {
    const lenient = { ...columns, amount: { ...columns.amount, failAbove: '50%' } };
    const into = lab.contract({ name: 'few', columns: lenient, create: 'if-missing', rows: { min: 3 } });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,2', '3,3']);
    expect(await desk.retry(first.loadId)).toMatchObject({ outcome: 'loaded', tables: [{ quarantined: 1 }] });
  });

  test('sets aside again what a person has set aside of a held load, and holds nothing up', async () => {
    const strict = { ...columns, amount: { ...amount, severity: 'fail' } } as const;
    const into = lab.contract({ name: 'judged', columns: strict, key: ['id'], create: 'if-missing' });
    await lab.file('judged/1.csv', 'id,amount\n1,-1\n2,-2\n3,3\n');
    const request = { pipeline: into, into, mode: 'append', from: raw('judged/1.csv') } as const;
    const load = await held(lab, request);
    await load.decide({ verdict: 'quarantine' });
    const first = await load.result();
    const repair = await desk.repair(first.loadId, ({ id }) => (id === 1 ? { amount: 1 } : {}));
    const second = await desk.retry(first.loadId, { repair });
    expect(second.tables[0]).toMatchObject({ read: 2, inserted: 1, quarantined: 1 });
    expect(second.verdict).toBeUndefined();
    expect(await desk.table('judged')).toBe('1:1.00 3:3.00');
    const keyless = await desk.repair(second.loadId, () => ({ id: null, amount: 2 }));
    const third = await desk.retry(second.loadId, { repair: keyless });
    expect(third.tables[0]).toMatchObject({ read: 1, inserted: 0, quarantined: 1 });
    expect(await desk.states(third.loadId)).toEqual(['open']);
  });

  test('is no load that others are compared with', async () => {
    const into = lab.contract({
      name: 'compared',
      columns,
      create: 'if-missing',
      rows: { change: '20%', severity: 'warn' },
      anomalies: { warmUp: 5 },
    });
    const ten = (day: number): string[] => Array.from({ length: 10 }, (_, i) => `${day}${i},${i === 0 ? -1 : 1}`);
    for (let day = 1; day <= 6; day++) {
      const { loadId } = await desk.loadDay(into, 'append', day, ten(day));
      const { warnings } = await desk.retry(loadId, { repair: await desk.repair(loadId, () => ({ amount: 1 })) });
      expect(warnings).toEqual([]);
    }
    const { warnings, tables } = await desk.loadDay(into, 'append', 7, ten(7));
    expect(warnings.map(({ code }) => code)).toEqual(['RowsQuarantined']);
    expect(tables[0]!.checks![0]).toMatchObject({ id: 'rows.change', got: '10 rows, median 10' });
    expect((await lab.warehouse.metrics({ table: into, limit: 20 })).map(({ rows }) => rows)).toEqual(
      Array(7).fill(10),
    );
  });

  test('loads rows of files without an interval, and of equal rows of two loads each', async () => {
    const into = lab.contract({ name: 'streams', columns, create: 'if-missing' });
    const request = (file: string): LoadRequest => ({ pipeline: 'streams', into, mode: 'append', from: raw(file) });
    await lab.file('streams/a.csv', 'id,amount\n1,-1\n5,5\n');
    await lab.file('streams/b.csv', 'id,amount\n1,-1\n6,6\n');
    const first = await lab.load(request('streams/a.csv'));
    const second = await lab.load(request('streams/b.csv'));
    lab.contract({ name: 'streams', columns: corrected });
    for (const { loadId } of [first, second])
      expect(await desk.retry(loadId)).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 1 }] });
    for (const { loadId } of [first, second])
      expect(await desk.retry(loadId)).toMatchObject({ outcome: 'already-loaded' });
    expect(await desk.table('streams')).toBe('1:-1.00 1:-1.00 5:5.00 6:6.00');
  });

  test('of a release that wrote down less goes by the contract of the table', async () => {
    const into = lab.contract({ name: 'older', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', '2,2']);
    await lab.rows(`DELETE FROM _loadline.quarantine_origins WHERE load_id = '${first.loadId}'`);
    lab.contract({ name: 'older', columns: corrected });
    expect(await desk.retry(first.loadId)).toMatchObject({ outcome: 'loaded' });
  });

  test('of events leaves out one that the table holds already', async () => {
    const into = lab.contract({
      name: 'clicks',
      columns: { id: { type: 'bigint', notNull: true }, amount, at: { type: 'timestamptz', notNull: true } },
      create: 'if-missing',
    });
    const dedup = { by: ['id'], time: 'at', window: '1 day' };
    await lab.file('clicks/1.csv', 'id,amount,at\n1,-1,2026-01-01T00:00:00Z\n1,1,2026-01-01T01:00:00Z\n');
    const first = await lab.load({ pipeline: 'clicks', into, mode: 'append', dedup, from: raw('clicks/1.csv') });
    const brought = await desk.retry(first.loadId, { repair: await desk.repair(first.loadId, () => ({ amount: 1 })) });
    expect(brought.tables[0]).toMatchObject({ read: 1, inserted: 0 });
    expect(await lab.rows('SELECT count(*)::int AS n FROM clicks')).toEqual([{ n: 1 }]);
  });
});

describe('a retry into keys', () => {
  test('merges, and does not change a row that a later load may have brought', async () => {
    const into = lab.contract({ name: 'keyed', columns, key: ['id'], create: 'if-missing' });
    const first = await desk.loadDay(into, 'merge', 1, ['1,-1', '2,-2', '3,3']);
    await desk.loadDay(into, 'merge', 2, ['1,11']);
    expect(
      await refusal(desk.retry(first.loadId, { repair: await desk.repair(first.loadId, () => ({ amount: 5 })) })),
    ).toMatch(/^OutOfOrder: 1 keys that it holds/);
    expect(await desk.table('keyed')).toBe('1:11.00 3:3.00');
    const allowed = { repair: await desk.repair(first.loadId, () => ({ amount: 6 })), outOfOrder: 'allow' } as const;
    expect((await desk.retry(first.loadId, allowed)).tables[0]).toMatchObject({ inserted: 1, updated: 1 });
    expect(await desk.table('keyed')).toBe('1:6.00 2:6.00 3:3.00');
  });

  test('brings keys that the table does not hold although later loads were published', async () => {
    const into = lab.contract({ name: 'fresh', columns, key: ['id'], create: 'if-missing' });
    const first = await desk.loadDay(into, 'merge', 1, ['1,-1', '3,3']);
    await desk.loadDay(into, 'merge', 2, ['2,2']);
    expect(
      await desk.retry(first.loadId, { repair: await desk.repair(first.loadId, () => ({ amount: 1 })) }),
    ).toMatchObject({
      tables: [{ inserted: 1 }],
    });
    expect(await desk.table('fresh')).toBe('1:1.00 2:2.00 3:3.00');
  });

  test('of what replaced a table is refused', async () => {
    const into = lab.contract({ name: 'whole', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'replace', 1, ['1,-1', '2,2']);
    expect(await refusal(desk.retry(first.loadId))).toMatch(/^NotRetryable: replace into/);
  });
});

describe('values', () => {
  test('come back to the digit, whatever the contract calls their format', async () => {
    const into = lab.contract({
      name: 'exact',
      columns: {
        id: { type: 'bigint' },
        amount,
        big: { type: 'decimal(30,10)' },
        on: { type: 'date', format: 'dd.MM.yyyy', from: 'On' },
        yes: { type: 'boolean', format: 'ja/nein' },
        doc: { type: 'json' },
        raw: { type: 'bytes' },
        note: { type: 'text' },
        real: { type: 'double' },
      },
      create: 'if-missing',
    });
    const row = (id: string, a: string): string =>
      `${id},${a},12345678901234567890.0123456789,24.12.2026,ja,"{""a"": [1, 12345678901234567890], ""s"": ""x""}",\\x00ff,"a ""quoted"", text",0.1`;
    await lab.file(
      'exact/1.csv',
      ['id,amount,big,On,yes,doc,raw,note,real', row('9007199254740993', '1'), row('9007199254740995', '-1'), ''].join(
        '\n',
      ),
    );
    const first = await lab.load({ pipeline: 'exact', into, mode: 'append', from: raw('exact/1.csv') });
    const lines: string[] = [];
    await lab.warehouse.quarantine.export(first.loadId, undefined, async (some) => void lines.push(...some));
    const [line] = lines;
    const { repair } = await lab.warehouse.quarantine.submit(first.loadId, undefined, [
      { id: (JSON.parse(line!) as Record<string, string>)['_loadline_row']!, json: line!.replace('-1.00', '1.00') },
    ]);
    await desk.retry(first.loadId, { repair });
    const rows = await lab.rows(
      `SELECT id::text, (to_jsonb(e) - 'id' - '_loadline_load_id')::text AS row FROM exact e ORDER BY id`,
    );
    expect(rows.map((r) => r['id'])).toEqual(['9007199254740993', '9007199254740995']);
    expect(rows[1]!['row']).toBe(rows[0]!['row']);
  });

  test('of a column that the contract no longer names are not lost in silence', async () => {
    const into = lab.contract({
      name: 'renamed',
      columns: { ...columns, note: { type: 'text' } },
      create: 'if-missing',
    });
    await lab.file('renamed/1.csv', 'id,amount,note\n1,-1,x\n');
    const first = await lab.load({ pipeline: into, into, mode: 'append', from: raw('renamed/1.csv') });
    lab.contract({ name: 'renamed', columns: corrected });
    const error = await desk.retry(first.loadId).catch((e: unknown) => loadErrorOf(e));
    expect(error).toMatchObject({ type: 'UnknownColumn', message: expect.stringContaining('note') });
  });
});

describe('the desk', () => {
  test('counts rows by load, table and reason, newest first', async () => {
    const into = lab.contract({
      name: 'counted',
      columns: { id: { type: 'bigint', notNull: true, severity: 'quarantine' }, amount },
      create: 'if-missing',
    });
    const first = await desk.loadDay(into, 'append', 1, ['1,-1', ',-2', ',3']);
    const second = await desk.loadDay(into, 'append', 2, ['4,-4']);
    const { quarantine } = lab.warehouse;
    const found = await quarantine.list({ table: 'public.counted', limit: 10 });
    expect(found.map((f) => [f.loadId, f.open])).toEqual([
      [second.loadId, 1],
      [first.loadId, 3],
    ]);
    expect(found[1]!.reasons.map((r) => r.rows)).toEqual([2, 2]);
    const [reason] = found[1]!.reasons.filter((r) => r.reason.includes('id'));
    expect(
      await quarantine.list({ table: 'public.counted', reason: reason!.reason.toUpperCase(), limit: 10 }),
    ).toHaveLength(1);
    expect(await quarantine.list({ table: 'counte', limit: 10 })).toEqual([]);
    expect(await quarantine.discard(first.loadId, undefined, signed)).toEqual({ loadId: first.loadId, rows: 3 });
    expect(await quarantine.discard(first.loadId, undefined, signed)).toEqual({ loadId: first.loadId, rows: 0 });
    expect(await quarantine.list({ table: 'public.counted', limit: 10 })).toHaveLength(1);
    expect(await quarantine.list({ load: first.loadId, all: true, limit: 10 })).toMatchObject([
      { open: 0, discarded: 3 },
    ]);
    expect(await refusal(desk.retry(first.loadId))).toBe('NotRetryable: no open row');
  });

  test('shows values only where they are asked for', async () => {
    const into = lab.contract({ name: 'shown', columns, create: 'if-missing' });
    const first = await desk.loadDay(into, 'append', 1, ['12345678901,-1']);
    const { rows } = await lab.warehouse.quarantine.show(first.loadId);
    expect(rows).toMatchObject([{ state: 'open', columns: ['id', 'amount'], masked: [] }]);
    expect(JSON.stringify(rows)).not.toContain('12345678901');
    expect((await lab.warehouse.quarantine.show(first.loadId, { values: true })).rows).toMatchObject([
      { values: { id: '12345678901', amount: '-1.00' } },
    ]);
  });
});

/** Hands in a row that the load has not set aside. */
async function repairOf(load: string, id: string): Promise<unknown> {
  return lab.warehouse.quarantine.submit(load, undefined, [{ id, json: '{}' }]);
}
