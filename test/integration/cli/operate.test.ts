import { untilWaiting } from '../support/until-waiting';
import { mergeOrders, openProject, type CliProject } from './support/cli-project';
import type { LoadReceipt } from '../../../workflows/contract';
import type { RollbackReceipt } from '../../../activities/warehouses/warehouse';

let project: CliProject;
const request = (glob: string, day: string, ...more: string[]): string[] => [
  ...['--load', 'orders', '--mode', 'replace', '--from', `raw:${glob}`, '--day', day],
  ...more,
];
const ids = async (): Promise<string[]> =>
  (await project.db.query<{ id: string }>('select id from orders order by 1')).rows.map(({ id }) => id);

beforeAll(async () => {
  project = await openProject('cli-operate');
  await project.file('data/a/1.csv', 'id,amount\na,1\n');
  await project.file('data/b/1.csv', 'id,amount\nb,2\n');
  await project.worker();
});
afterAll(() => project.close());

describe('loads rollback', () => {
  let second: LoadReceipt;
  beforeAll(async () => {
    await project.json('run', ...request('a/*.csv', '2026-11-01'));
    second = await project.json('run', ...request('b/*.csv', '2026-11-02'));
  });

  test('wants a reason and a yes', async () => {
    const unreasoned = await project.run('loads', 'rollback', second.loadKey, '--yes');
    expect(unreasoned).toMatchObject({ code: 2, err: expect.stringContaining("Add --reason 'why'") });
    const unsaid = await project.run('loads', 'rollback', second.loadKey, '--reason', 'wrong');
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(await ids()).toEqual(['b']);
  });

  test('killed in the middle it has changed nothing', async () => {
    await project.db.query('begin; lock table orders in share row exclusive mode');
    const rollback = project.start('loads', 'rollback', second.loadKey, '--reason', 'wrong', '--yes');
    await untilWaiting(async (sql) => (await project.db.query(sql)).rows, 1, '%rollback:table-lock%');
    rollback.child.kill('SIGKILL');
    await rollback.ended;
    await project.db.query('rollback');
    // The dead client's session notices when it gets the lock.
    while (
      (
        await project.db.query(
          "select 1 from pg_stat_activity where datname = current_database() and query like '%loadline:rollback%' and pid <> pg_backend_pid()",
        )
      ).rowCount
    );
    expect(await ids()).toEqual(['b']);
    expect(await project.json('loads', 'show', second.loadKey)).toMatchObject({ state: 'applied', rollbacks: [] });
  });

  test('brings back what the table held, and says who did it and why', async () => {
    const { code, out } = await project.run(
      'loads',
      'rollback',
      second.loadId,
      '--reason',
      'wrong file',
      '--by',
      'ann',
      '--yes',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ rolled back {2}orders\n/);
    expect(out).toMatch(/by +ann\n +reason +wrong file\n/);
    expect(await ids()).toEqual(['a']);
    expect(
      await project.json<RollbackReceipt>('loads', 'rollback', second.loadKey, '--reason', 'again', '--yes'),
    ).toMatchObject({
      outcome: 'already-rolled-back',
      by: 'ann',
      reason: 'wrong file',
    });
  });

  test('is seen in list and show, above the load that it undid', async () => {
    expect((await project.run('loads', 'list')).out).toContain('rolled-back');
    const { out } = await project.run('loads', 'show', second.loadKey);
    expect(out).toMatch(/^state +rolled-back\n/);
    expect(out.indexOf('✓ rolled back  orders')).toBeLessThan(out.indexOf('✓ loaded  orders'));
  });

  test('closes the key to a run that does not ask for it', async () => {
    const refused = await project.run('run', ...request('b/*.csv', '2026-11-02'));
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('✗ RolledBack') });
    const asked = await project.json<LoadReceipt>(
      'run',
      ...request('b/*.csv', '2026-11-02', '--on-changed', 'reprocess'),
    );
    expect(asked).toMatchObject({ outcome: 'loaded', generation: 2 });
    expect(await ids()).toEqual(['b']);
  });

  test('of a load that cannot be undone says why', async () => {
    await project.file('data/c/1.csv', 'id,amount\nb,3\n');
    const merged = await project.json<LoadReceipt>('run', ...mergeOrders('c/*.csv', '--day', '2026-11-03'));
    const { code, err } = await project.run('loads', 'rollback', merged.loadKey, '--reason', 'no', '--yes');
    expect(code).toBe(1);
    expect(err).toMatch(/^✗ NotReversible .*merge into/s);
  });
});

describe('loads adopt', () => {
  const monthly = ['--load', 'orders', '--mode', 'merge', '--month', '2026-12'];
  const signed = ['--reason', 'loaded by psql', '--by', 'ann', '--yes'];

  test('wants a reason and a yes, and takes no option that would change a load', async () => {
    const unreasoned = await project.run('loads', 'adopt', ...monthly, '--yes');
    expect(unreasoned).toMatchObject({ code: 2, err: expect.stringContaining("Add --reason 'why'") });
    const unsaid = await project.run('loads', 'adopt', ...monthly, '--reason', 'old');
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    for (const wrong of [['--on-changed', 'reprocess'], ['--allow-out-of-order'], ['--format', 'csv']])
      expect(await project.run('loads', 'adopt', ...monthly, ...signed, ...wrong)).toMatchObject({
        code: 2,
        err: expect.stringContaining(`${wrong[0]} means nothing here`),
      });
    expect((await project.run('loads', 'list')).out).not.toContain('adopted');
  });

  test('says what it has recorded, and the same run is then already loaded', async () => {
    await project.file('data/old/1.csv', 'id,amount\nold,1\n');
    const before = await ids();
    const { code, out } = await project.run('loads', 'adopt', ...monthly, '--from', 'raw:old/*.csv', ...signed);
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ adopted {2}orders → .*\.public\.orders\n/);
    expect(out).toMatch(/batch +1 file, 16 B\n/);
    expect(out).toMatch(/by +ann\n +reason +loaded by psql\n/);
    const again = await project.run('run', ...monthly, '--from', 'raw:old/*.csv');
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ already loaded .*\n.*by hand, and adopted/),
    });
    expect(await ids()).toEqual(before);
    expect((await project.run('loads', 'list')).out).toContain('applied (adopted)');
  });

  test('without files says so in the plan of a run', async () => {
    await project.json('loads', 'adopt', '--load', 'orders', '--mode', 'merge', '--month', '2026-10', ...signed);
    const plan = await project.run('plan', ...mergeOrders('a/*.csv', '--month', '2026-10'));
    expect(plan).toMatchObject({ code: 1, out: expect.stringContaining('Adopted without its files') });
  });
});

describe('loads sweep as a schedule', () => {
  test('is made, changed, seen by doctor, and removed', async () => {
    const scheduleId = `loadline-sweep-${project.taskQueue}`;
    const sweeper = async (): Promise<unknown> =>
      (JSON.parse((await project.run('doctor', '--json')).out) as { findings: { check: string }[] }).findings.find(
        ({ check }) => check === 'sweeper',
      );
    expect(await sweeper()).toMatchObject({ ok: false, optional: true, remedy: expect.stringContaining('--every 1h') });
    expect(await project.json('loads', 'sweep', '--every', '1h')).toEqual({
      outcome: 'created',
      scheduleId,
      everyMs: 3_600_000,
    });
    const { code, out } = await project.run('loads', 'sweep', '--every', '30 minutes');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^✓ updated .*\n\n {2}every {2}30 min/),
    });
    expect(await sweeper()).toEqual({
      check: 'sweeper',
      ok: true,
      found: `${scheduleId}, every 30 min, not run yet`,
    });
    expect(await project.json('loads', 'sweep', '--remove')).toEqual({ removed: true, scheduleId });
    expect(await project.json('loads', 'sweep', '--remove')).toEqual({ removed: false, scheduleId });
  });

  test('takes a duration with a unit, and sweeps every warehouse', async () => {
    for (const wrong of ['1', '10s', '31d', 'often'])
      expect(await project.run('loads', 'sweep', '--every', wrong)).toMatchObject({
        code: 2,
        err: expect.stringContaining('no duration from 1m to 30d'),
      });
    expect((await project.run('loads', 'sweep', '--every', '1h', '--warehouse', 'main')).code).toBe(2);
    expect((await project.run('loads', 'sweep', '--every', '1h', '--remove')).code).toBe(2);
  });
});

describe('loads archive', () => {
  test('moves old receipts where every answer still finds them', async () => {
    await project.db.query("update _loadline.ledger set published_at = published_at - interval '500 days'");
    const { loads } = await project.json<{ loads: { loadKey: string }[] }>('loads', 'list');
    const before = await project.json('loads', 'show', loads[0]!.loadKey);
    const dry = await project.json<{ archived: number }>('loads', 'archive', '--older-than', '400d', '--dry-run');
    expect(dry.archived).toBeGreaterThan(0);
    const { code, out } = await project.run('loads', 'archive', '--older-than', '400d');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining(`✓ archived  ${dry.archived} receipts`),
    });
    expect((await project.db.query('select 1 from _loadline.ledger')).rowCount).toBe(0);
    expect(await project.json('loads', 'show', loads[0]!.loadKey)).toEqual(before);
  });

  test('asks before it deletes, and takes an age with a unit', async () => {
    const unsaid = await project.run('loads', 'archive', '--older-than', '400d', '--quarantine-older-than', '90d');
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(
      await project.json('loads', 'archive', '--older-than', '400d', '--quarantine-older-than', '90d', '--yes'),
    ).toMatchObject({ quarantineDeleted: 0 });
    for (const wrong of ['400', '1h', 'old'])
      expect((await project.run('loads', 'archive', '--older-than', wrong)).code).toBe(2);
    expect((await project.run('loads', 'archive')).code).toBe(2);
    expect((await project.run('loads', 'sweep', '--archive-older-than', '400d')).code).toBe(2);
    expect((await project.run('loads', 'sweep', '--every', '1h', '--kept-older-than', '90d')).code).toBe(2);
  });
});
