import { openLab, type Lab } from '../support/lab';
import { columns, corrected, deskOf, refusal, signed, type Desk } from './support';

let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  lab = await openLab('quarantine-undo');
  desk = deskOf(lab);
});
afterAll(() => lab.stop());

/** A load that has set two rows aside, and the load that has brought them. */
async function repaired(name: string) {
  lab.contract({ name, columns, create: 'if-missing' });
  const first = await desk.loadDay(name, 'append', 1, ['1,-1', '2,-2', '3,3']);
  lab.contract({ name, columns: corrected });
  return { first, second: await desk.retry(first.loadId) };
}

describe('a rollback', () => {
  test('of a load whose rows another has brought is refused until that one is rolled back', async () => {
    const { first, second } = await repaired('ordered');
    expect(await refusal(lab.warehouse.rollback(first.loadId, signed))).toBe(
      `NotReversible: rows that it had set aside were brought by ${second.loadId}`,
    );
    expect(await desk.table('ordered')).toBe('1:-1.00 2:-2.00 3:3.00');
    await lab.warehouse.rollback(second.loadId, signed);
    expect(await desk.table('ordered')).toBe('3:3.00');
    expect(await desk.states(first.loadId)).toEqual(['open', 'open']);
    await lab.warehouse.rollback(first.loadId, signed);
    expect(await desk.table('ordered')).toBeNull();
    expect(await refusal(desk.retry(first.loadId))).toMatch(/^NotRetryable: no row that it set aside/);
  });

  test('of a retry opens its rows, and their next retry has to be asked for', async () => {
    const { first, second } = await repaired('reopened');
    await lab.warehouse.rollback(second.loadId, signed);
    expect(await refusal(desk.retry(first.loadId))).toMatch(/^RolledBack/);
    const third = await desk.retry(first.loadId, { onChanged: 'reprocess' });
    expect(third).toMatchObject({ outcome: 'loaded', generation: 2, loadKey: second.loadKey });
    expect(await desk.table('reopened')).toBe('1:-1.00 2:-2.00 3:3.00');
    expect(await desk.states(first.loadId)).toEqual(['repaired', 'repaired']);
  });

  test('of rows that nobody has decided about takes them away, with what was handed in for them', async () => {
    lab.contract({ name: 'handed', columns, create: 'if-missing' });
    const first = await desk.loadDay('handed', 'append', 1, ['1,-1', '3,3']);
    const repair = await desk.repair(first.loadId, () => ({ amount: 1 }));
    await lab.warehouse.rollback(first.loadId, signed);
    expect(await refusal(desk.retry(first.loadId, { repair }))).toMatch(/^NotRetryable/);
    expect(await lab.rows(`SELECT 1 FROM _loadline.quarantine_repairs WHERE load_id = '${first.loadId}'`)).toEqual([]);
  });
});

describe('the next generation of a load', () => {
  test('takes the place of the rows that its quarantine has brought, so that none comes twice', async () => {
    const { first, second } = await repaired('again');
    const third = await desk.retry(second.loadId).catch((error: unknown) => error);
    expect(third).toBeInstanceOf(Error);
    const next = await desk.loadDay('again', 'append', 1, ['1,1', '2,2', '3,3'], { onChanged: 'reprocess' });
    expect(next.tables[0]).toMatchObject({ inserted: 3, removed: 3 });
    expect(await desk.table('again')).toBe('1:1.00 2:2.00 3:3.00');
    await lab.warehouse.rollback(next.loadId, signed);
    expect(await desk.table('again')).toBe('1:-1.00 2:-2.00 3:3.00');
    expect(first.generation).toBe(1);
  });

  test('takes the place of rows that are still open, which are not loaded any more', async () => {
    lab.contract({ name: 'stale', columns, create: 'if-missing' });
    const first = await desk.loadDay('stale', 'append', 1, ['1,-1', '3,3']);
    const repair = await desk.repair(first.loadId, () => ({ amount: 1 }));
    await desk.loadDay('stale', 'append', 1, ['1,1', '3,3'], { onChanged: 'reprocess' });
    expect(await desk.states(first.loadId)).toEqual(['superseded']);
    for (const more of [{}, { repair }])
      expect(await refusal(desk.retry(first.loadId, more))).toMatch(/^NotRetryable: a load that was rolled back, or/);
    expect(await desk.table('stale')).toBe('1:1.00 3:3.00');
    expect(await lab.warehouse.quarantine.list({ load: first.loadId, limit: 5 })).toEqual([]);
    expect(await lab.warehouse.quarantine.list({ load: first.loadId, all: true, limit: 5 })).toMatchObject([
      { open: 0, superseded: 1 },
    ]);
  });
});

describe('archiving', () => {
  test('deletes old rows whatever became of them, and forgets no decision', async () => {
    const { first, second } = await repaired('aged');
    await lab.rows(
      `UPDATE _loadline.quarantine SET quarantined_at = now() - interval '10 days' WHERE load_id = '${first.loadId}'`,
    );
    const deleted = await lab.warehouse.archive({ olderThanMs: 1e12, quarantineOlderThanMs: 86_400_000 });
    expect(deleted).toMatchObject({ quarantineDeleted: 2 });
    expect(await refusal(lab.warehouse.rollback(first.loadId, signed))).toContain(second.loadId);
  });
});
