import { validateContract } from '../../../activities/contracts';
import type { TableContract } from '../../../workflows/table-contract';
import { baseContract, contextOf, day, failure, openBench, type Bench } from './support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('quarantine');
});
afterEach(() => bench.stop());

const contract = (more: Partial<TableContract>): TableContract =>
  validateContract({ ...baseContract, ...more }, 'the test');
const aside = async (): Promise<string> =>
  (await bench.rows<{ v: string }>(`SELECT row->>'v' AS v FROM _loadline.quarantine ORDER BY 1`))
    .map((r) => r.v)
    .join(' ');

describe('rows to set aside', () => {
  beforeEach(() => {
    bench.contract = contract({
      columns: { ...baseContract.columns, v: { type: 'text', length: { max: 3 }, severity: 'quarantine' } },
    });
  });

  test('are in the quarantine when the others are in the table, and not before', async () => {
    const warehouse = bench.warehouse();
    const load = await bench.ready(warehouse, {
      mode: 'merge',
      files: bench.file('a', '1,good', '2,ok', '3,worse'),
      interval: day(1),
    });
    expect(await aside()).toBe('');
    // The last statement of the transaction fails.
    await bench.rows('ALTER TABLE _loadline.ledger ADD CONSTRAINT no CHECK (pipeline IS NULL) NOT VALID');
    await expect(load.publish()).rejects.toThrow();
    expect(await aside()).toBe('');
    await bench.rows('ALTER TABLE _loadline.ledger DROP CONSTRAINT no');
    expect(await load.publish()).toMatchObject({ tables: [{ read: 3, quarantined: 2, inserted: 1 }] });
    expect(await bench.table()).toBe('2:ok');
    await load.publish();
    expect(await aside()).toBe('good worse');
  });

  test('are the same ones when an audit is made again', async () => {
    const warehouse = bench.warehouse();
    const open = await bench.open(warehouse, {
      mode: 'merge',
      files: bench.file('a', '1,good', '2,ok', '2,ok'),
      interval: day(1),
    });
    const stage = await bench.stage(warehouse, open);
    const first = await bench.audit(warehouse, open, stage);
    expect(await bench.audit(warehouse, open, stage)).toEqual(first);
    expect(first).toMatchObject({ audited: 2, duplicates: 1, quarantined: 1 });
  });

  test('are counted before they are published: a stage whose marks are gone is staged again', async () => {
    const load = await bench.ready(bench.warehouse(), {
      mode: 'merge',
      files: bench.file('a', '1,good', '2,ok'),
      interval: day(1),
    });
    const { stage } = load.stages[0]!.audited;
    await bench.rows(`UPDATE ${stage} SET _loadline_reasons = NULL`);
    await expect(load.publish()).rejects.toEqual(failure('StageLost'));
    await bench.rows(`ALTER TABLE ${stage} DROP COLUMN _loadline_reasons`);
    await expect(load.publish()).rejects.toEqual(failure('StageLost'));
    expect(
      await bench.rows(`SELECT to_regclass('public.t') IS NOT NULL AND EXISTS (SELECT 1 FROM public.t) AS any`),
    ).toEqual([{ any: false }]);
  });
});

describe('rows that refer to another table', () => {
  const referring = (severity: 'warn' | 'fail' | 'quarantine') =>
    contract({
      checks: [{ name: 'known', severity, references: { columns: ['v'], table: 'main/public.names', to: ['name'] } }],
    });
  const ready = () =>
    bench.ready(bench.warehouse(), { mode: 'merge', files: bench.file('a', '1,a', '2,b'), interval: day(1) });
  beforeEach(async () => {
    await bench.rows(`CREATE TABLE names (name text); INSERT INTO names VALUES ('a'), ('b')`);
  });

  test.each(['fail', 'quarantine'] as const)('are looked up again before they are published (%s)', async (severity) => {
    bench.contract = referring(severity);
    const load = await ready();
    await bench.rows(`DELETE FROM names WHERE name = 'b'`);
    await expect(load.publish()).rejects.toEqual(failure('StageLost'));
    await bench.rows(`INSERT INTO names VALUES ('b')`);
    await load.publish();
    expect(await bench.table()).toBe('1:a 2:b');
  });

  test('are not looked up again where they only warn', async () => {
    bench.contract = referring('warn');
    await bench.rows(`DELETE FROM names WHERE name = 'b'`);
    const load = await ready();
    await load.publish();
    expect(await bench.table()).toBe('1:a 2:b');
  });

  test('stay in the quarantine when the other table gets what they lacked', async () => {
    bench.contract = referring('quarantine');
    await bench.rows(`DELETE FROM names WHERE name = 'b'`);
    const load = await ready();
    await bench.rows(`INSERT INTO names VALUES ('b')`);
    expect(await load.publish()).toMatchObject({ tables: [{ read: 2, quarantined: 1, inserted: 1 }] });
    expect([await bench.table(), await aside()]).toEqual(['1:a', 'b']);
  });

  test('are set aside by the audit that came last', async () => {
    bench.contract = referring('quarantine');
    const warehouse = bench.warehouse();
    const open = await bench.open(warehouse, {
      mode: 'merge',
      files: bench.file('a', '1,a', '2,b'),
      interval: day(1),
    });
    const stage = await bench.stage(warehouse, open);
    await bench.rows(`DELETE FROM names WHERE name = 'b'`);
    await bench.audit(warehouse, open, stage);
    await bench.rows(`UPDATE names SET name = 'b'`);
    const audited = await bench.audit(warehouse, open, stage);
    expect(audited.quarantined).toBe(1);
    const { manifest } = await bench.extract(open);
    await warehouse.publish(open, [{ audited, manifest }], contextOf());
    expect([await bench.table(), await aside()]).toEqual(['2:b', 'a']);
  });

  test('are found lost by the audit that follows', async () => {
    bench.contract = referring('quarantine');
    const warehouse = bench.warehouse();
    const open = await bench.open(warehouse, { mode: 'merge', files: bench.file('a', '1,a', '2,b'), interval: day(1) });
    const stage = await bench.stage(warehouse, open);
    await bench.audit(warehouse, open, stage);
    await bench.rows(`DELETE FROM names WHERE name = 'b'`);
    expect(await bench.audit(warehouse, open, stage)).toMatchObject({
      quarantined: 1,
      verdicts: [{ id: 'id.key' }, { broken: 1, verdict: 'quarantine' }],
    });
    await bench.rows(`INSERT INTO names VALUES ('b')`);
    const third = await warehouse.audit(open, stage, contextOf());
    expect(third).toMatchObject({ quarantined: 0, verdicts: [{ id: 'id.key' }, { broken: 0, verdict: 'pass' }] });
  });
});
