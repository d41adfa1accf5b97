import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { day, failure, openBench, type Bench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** What a contract expects of rows, what becomes of those that break it, and values to their last digit. */
export function testContracts(openPlace: OpenPlace): void {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(openPlace, 'contracts');
  });
  afterEach(() => bench.close());

  const asked = { mode: 'merge', files: 'a.csv', interval: day(1) } as const;
  const id = { type: 'bigint' };
  const at = { type: 'timestamptz' };

  test.each([
    [{ v: { type: 'text', accepted: ['x', "it's"] } }, ['1,x', "2,it's", '3,z']],
    [{ v: { type: 'text', pattern: '[a-c]+\\d' } }, ['1,a1', '2,d1']],
    [{ v: { type: 'text', length: { min: 2, max: 3 } } }, ['1,ab', '2,abcd']],
  ])('a batch that breaks a check is refused, and no row of it arrives: %j', async (columns, rows) => {
    const warehouse = bench.warehouse();
    bench.contract({ columns: { id, at, ...columns } as never });
    bench.file('a', ...rows);
    await expect(bench.ready(warehouse, asked)).rejects.toEqual(failure('CheckFailed'));
    expect(await bench.table()).toBe('');
  });

  test('bounds on the rows of a batch, its freshness and its sums are kept', async () => {
    const warehouse = bench.warehouse();
    bench.file('a', '1,x');
    bench.contract({ rows: { min: 2 } });
    await expect(bench.ready(warehouse, asked)).rejects.toEqual(failure('RowCount'));
    bench.contract({ checks: [{ name: 'fresh', freshness: { column: 'at', within: '2 days' } }] });
    await expect(bench.ready(warehouse, asked)).rejects.toEqual(failure('CheckFailed'));
    bench.contract({
      checks: [
        { name: 'total', sum: { column: 'id', min: 1, max: 1 } },
        { name: 'own', sql: 'length("v") = 1' },
      ],
    });
    const { checks } = (await bench.load(warehouse, asked)).tables[0]!;
    expect(checks?.map((v) => [v.id, v.verdict])).toEqual([
      ['id.key', 'pass'],
      ['checks.total', 'pass'],
      ['checks.own', 'pass'],
    ]);
  });

  test('a check in SQL that the warehouse does not understand is refused before anything is read', async () => {
    bench.contract({ checks: [{ name: 'own', sql: '"nowhere" = 1' }] });
    bench.file('a', '1,x');
    await expect(bench.ready(bench.warehouse(), asked)).rejects.toEqual(failure('InvalidCheck'));
  });

  test('rows that break a check are set aside with their reasons, and the others are loaded', async () => {
    const warehouse = bench.warehouse();
    const v = { type: 'text', accepted: ['x', 'y'], severity: 'quarantine', masked: true } as const;
    bench.contract({ columns: { id: { type: 'bigint', range: { max: 8 }, severity: 'quarantine' }, v, at } });
    bench.file('a', '1,x', '9,zz', '2,y', '2,y', '3,q');
    const receipt = await bench.load(warehouse, asked);
    expect(receipt.tables[0]).toMatchObject({ read: 5, quarantined: 2, duplicates: 1, inserted: 2 });
    expect(receipt.warnings.map((w) => w.code)).toEqual(['RowsQuarantined']);
    expect(await bench.table()).toBe('1:x 2:y');
    const rows = await bench.rows<{ reasons: string; row_json: string }>(
      `SELECT "reasons", "row_json" FROM ${bench.ledger('quarantine')} ORDER BY "row_json"`,
    );
    expect(rows.map((r) => r.reasons.trim().split('\n'))).toEqual([
      ['accepted of v'],
      ['range of id', 'accepted of v'],
    ]);
    expect(JSON.parse(rows[0]!.row_json)).toMatchObject({ id: 3, v: '***', _loadline_masked: 'v' });
  });

  test('NDJSON, and text in formats of its own, is read as anywhere', async () => {
    bench.contract({
      key: undefined as never,
      columns: {
        id,
        v: { type: 'decimal(12,2)', format: 'decimal-comma' },
        at: { type: 'timestamptz', format: 'dd.MM.yyyy HH:mm' },
      },
    });
    writeFileSync(join(bench.folder, 'raw', 'a.csv'), 'id,v,at\n1,"1.234,50",28.02.2026 10:30\n');
    await bench.load(bench.warehouse(), { mode: 'append', files: 'a.csv' });
    expect(await bench.table()).toBe('1:1234.50');
    writeFileSync(
      join(bench.folder, 'raw', 'b.ndjson'),
      '{"id":2,"v":"7,25","at":"01.03.2026 00:00"}\n{"id":3,"v":null,"at":null}\n',
    );
    await bench.load(bench.warehouse(), { mode: 'append', files: 'b.ndjson' });
    expect(await bench.table()).toBe('1:1234.50 2:7.25 3:null');
    writeFileSync(join(bench.folder, 'raw', 'c.csv'), 'id,v,at\n4,"1",31.02.2026 00:00\n');
    await expect(bench.load(bench.warehouse(), { mode: 'append', files: 'c.csv' })).rejects.toEqual(
      failure('InvalidValue'),
    );
  });
}
