import { contextOf, day, failure, openBench, type Bench } from './support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('refusals');
});
afterEach(() => bench.stop());

test('a ledger of a newer release is left alone, before anything is claimed or staged', async () => {
  const asked = { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) } as const;
  await (await bench.ready(bench.warehouse(), asked)).publish();
  await bench.rows('UPDATE _loadline.meta SET schema_version = 99');
  const before = await bench.rows('SELECT * FROM _loadline.claims');
  // Another process: this one has looked at the ledger already.
  const later = bench.claim(bench.warehouse(), { ...asked, interval: day(2) });
  await expect(later).rejects.toEqual(failure('LedgerTooNew'));
  expect(await bench.rows('SELECT * FROM _loadline.claims')).toEqual(before);
});

test('stages of other targets than those that were opened are not published', async () => {
  const warehouse = bench.warehouse();
  const load = await bench.ready(warehouse, { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) });
  const [stage] = load.stages;
  await expect(warehouse.publish(load.open, [stage!, stage!], contextOf())).rejects.toEqual(
    failure('PublishSetChanged'),
  );
  await expect(warehouse.publish(load.open, [], contextOf())).rejects.toEqual(failure('PublishSetChanged'));
  expect(await bench.table()).toBe('');
});

test('a contract of a warehouse that is not configured is refused by its name', async () => {
  const asked = { mode: 'append', files: bench.file('a', '1,x'), interval: day(1) } as const;
  bench.contract = { ...bench.contract, table: 'nowhere/public.t' };
  await expect(bench.resolve(bench.warehouse(), asked)).rejects.toEqual(failure('UnknownWarehouse'));
});
