import type { AppliedProvision, ProvisionPlan, WantedProvision } from '../../../activities/warehouses/provision';
import type { TableContract } from '../../../workflows/table-contract';
import { day, failure, openBench, type Bench } from '../support/bench';
import type { Place } from '../support/place';

/** A place to provision, and whoever comes to it. `warehouse()` is the loader's. */
export interface ProvisionPlace extends Place {
  /** The loader, the reader and no table. */
  readonly wanted: WantedProvision;
  /** Objects that a plan always tells of. @default none */
  readonly always?: readonly string[];
  plan(wanted: WantedProvision): Promise<ProvisionPlan>;
  apply(wanted: WantedProvision, prune?: boolean): Promise<AppliedProvision>;
  /** Takes one right of the loader away, as somebody may by hand; resolves to the statement that gives it again. */
  takeAway(): Promise<string>;
  /** Gives the loader, the reader and everybody rights too many; resolves to whom, in the order of the plan. */
  giveTooMuch(): Promise<string[]>;
}

/** Statements of a plan, with a mark where only pruning makes them. */
export const changes = ({ steps }: Pick<ProvisionPlan, 'steps'>): string[] =>
  steps.flatMap(({ sql, prunes }) => sql.map((one) => (prunes ? `prune: ${one}` : one)));

/** What provisioning means on every warehouse that runs over the common engine. */
export function testProvision<P extends ProvisionPlace>(
  openPlace: (name: string) => Promise<P>,
  specific: (place: () => P, wanted: () => WantedProvision) => void,
): void {
  let place: P;
  let bench: Bench;
  let planned: ProvisionPlan;
  let both: AppliedProvision[];
  const wanted = (makeTables = true): WantedProvision => {
    const tables = [...bench.contracts.values()].map((contract: TableContract) => ({ contract, appends: false }));
    return { ...place.wanted, tables, makeTables };
  };
  const sqlOf = (steps: ProvisionPlan['steps']): unknown => steps.map(({ sql }) => sql);

  const told = <T extends ProvisionPlan>(plan: T): T => ({
    ...plan,
    notes: plan.notes.filter(({ object }) => !place.always?.includes(object)),
  });
  const differs = async (tables = true): Promise<ProvisionPlan> => told(await place.plan(wanted(tables)));

  // One place, which each test leaves as it should be, save for the last.
  beforeAll(async () => {
    place = await openPlace('provision');
    bench = await openBench(async () => place, 'provision');
    const v = { type: 'text', pattern: '^[a-z]+$', severity: 'quarantine' } as const;
    bench.contract({ columns: { id: { type: 'bigint' }, v, at: { type: 'timestamptz' } } });
    bench.contract({}, 'whole');
    planned = await differs();
    both = await Promise.all([place.apply(wanted()), place.apply(wanted())]);
  });
  afterAll(() => bench.close());

  test('a place that Loadline has never seen is planned without a change, and made by two at once as one would', async () => {
    expect(planned.steps.length).toBeGreaterThan(5);
    for (const { steps, applied } of both)
      expect({ steps, applied: applied.every(({ prunes }) => !prunes) }).toEqual({ steps: [], applied: true });
    expect(both.map(({ applied }) => sqlOf(applied))).toContainEqual(sqlOf(planned.steps));
    expect(await differs()).toMatchObject({ drift: false, steps: [], notes: [] });
    expect((await place.apply(wanted())).applied).toEqual([]);
  });

  test('a right that somebody has taken away is found and given again', async () => {
    const lacking = await place.takeAway();
    const { applied, steps } = await place.apply(wanted());
    expect({ applied: changes({ steps: applied }), steps }).toEqual({ applied: [lacking], steps: [] });
  });

  test('rights too many are told, left alone, and taken away by pruning', async () => {
    const whom = await place.giveTooMuch();
    const { steps, applied } = await place.apply(wanted());
    expect(applied).toEqual([]);
    expect(steps.map(({ role, prunes, change }) => [role, change, prunes])).toEqual(
      whom.map((role) => [role, 'revoke', true]),
    );
    expect(told(await place.apply(wanted(), true))).toMatchObject({ steps: [], notes: [] });
  });

  test('the loader merges, sets rows aside, replaces, rolls back and sweeps, and nothing is lacking or too much then', async () => {
    const loader = bench.warehouse();
    bench.file('a', '1,x', '2,y', '3,9');
    const merged = await bench.load(loader, { mode: 'merge', files: 'a.csv', interval: day(1) });
    expect(merged).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2, quarantined: 1 }] });
    const asked = { pipeline: 'whole', into: 'whole', mode: 'replace', files: 'b.csv' } as const;
    bench.file('b', '5,z');
    await bench.load(loader, { ...asked, interval: day(1) });
    bench.file('b', '6,z');
    const second = await bench.load(loader, { ...asked, interval: day(2) });
    const undone = await loader.rollback(second.loadId, { by: 'ann', reason: 'wrong' });
    expect(undone).toMatchObject({ outcome: 'rolled-back' });
    expect([await bench.table(), await bench.table('whole')]).toEqual(['1:x 2:y', '5:z']);
    await loader.sweep(async () => true);
    expect(await differs()).toMatchObject({ drift: false, notes: [] });
  });

  test('a table that is not there is told with what to do, and made only when asked for', async () => {
    bench.contract({}, 'later');
    const { notes } = await differs(false);
    expect(notes).toMatchObject([
      { object: `table ${place.schema}.later`, remedy: expect.stringContaining('--tables') },
    ]);
    bench.contracts.delete('later');
  });

  specific(() => place, wanted);

  test('a ledger of a later release is refused', async () => {
    await place.run(`INSERT INTO ${place.ledger('meta')} ("schema_version") SELECT 99`);
    await expect(differs()).rejects.toEqual(failure('LedgerTooNew'));
    await expect(place.apply(wanted())).rejects.toEqual(failure('LedgerTooNew'));
  });
}
