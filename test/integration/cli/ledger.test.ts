import { untilWaiting } from '../support/until-waiting';
import { mergeOrders, openProject, type CliProject } from './support/cli-project';
import type { LoadReceipt } from '../../../workflows/contract';

let project: CliProject;
/** Everything in the database that has a name. */
const relations = async (): Promise<unknown[]> =>
  (
    await project.db.query(
      "select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^(pg_|information)'",
    )
  ).rows;

beforeAll(async () => {
  project = await openProject('cli-ledger');
  await project.file('data/a/1.csv', 'id,amount\n1,9.50\n2,3\n');
});
afterAll(() => project.close());

test('a plan tells key, files, table, outcome and statements, and changes nothing', async () => {
  const { code, out } = await project.run('plan', ...mergeOrders('a/*.csv', '--day', '2026-11-22'));
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ would load {2}/);
  expect(out).toMatch(/load key {2}v1\/orders\/cli_ledger_\w+\.public\.orders\/2026-11-22\.\.2026-11-23\n/);
  expect(out).toContain('a/1.csv  21 B');
  expect(out).toMatch(/\.public\.orders {2}merge, would be created\n/);
  expect(out).toContain('INSERT INTO "public"."orders"');
  const refused = await project.run('plan', ...mergeOrders('nothing/*.csv'));
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(/^✗ would be refused .*raw:nothing/);
  expect(await relations()).toEqual([]);
  expect((await project.client.workflow.count(`TaskQueue = '${project.taskQueue}'`)).count).toBe(0);
});

describe('of a ledger with a load', () => {
  let receipt: LoadReceipt;
  beforeAll(async () => {
    await project.worker();
    receipt = await project.json<LoadReceipt>('run', ...mergeOrders('a/*.csv', '--day', '2026-11-22'));
  });

  test('a plan knows that it is loaded', async () => {
    const { out } = await project.run('plan', ...mergeOrders('a/*.csv', '--day', '2026-11-22'));
    expect(out).toMatch(/^✓ is loaded already {2}/);
  });

  test('list shows it, filtered by pipeline and target', async () => {
    const { out } = await project.run('loads', 'list');
    expect(out).toContain('applied');
    expect(out).toContain(receipt.loadKey);
    const listed = (...args: string[]) => project.json<{ loads: unknown[] }>('loads', 'list', ...args);
    expect((await listed()).loads).toMatchObject([{ loadKey: receipt.loadKey, state: 'applied', generation: 1 }]);
    expect((await listed('--pipeline', 'orders', '--target', receipt.tables[0]!.table)).loads).toHaveLength(1);
    expect((await listed('--pipeline', 'other')).loads).toEqual([]);
  });

  test('show finds it by its key and by its id, with its receipt', async () => {
    for (const name of [receipt.loadKey, receipt.loadId]) {
      const { code, out } = await project.run('loads', 'show', name);
      expect(code).toBe(0);
      expect(out).toMatch(/^state +applied\n/);
      expect(out).toMatch(/✓ loaded {2}orders → /);
    }
    const unknown = await project.run('loads', 'show', 'v1/nothing');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/^✗ LoadNotFound/) });
  });

  test('metrics of its table are found by contract and by table, with a line for each column', async () => {
    const { code, out } = await project.run('loads', 'metrics', 'orders');
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+\.public\.orders {2}rows █\n\n/);
    expect(out).toMatch(/\ncolumn +NULL +NULL by load +distinct +min +max\nid +0 % +▁ +2\n/);
    const table = receipt.tables[0]!.table;
    for (const name of ['orders', 'public.orders', table, 'main/public.orders']) {
      const { loads } = await project.json<{ loads: unknown[] }>('loads', 'metrics', name);
      expect(loads).toMatchObject([{ loadId: receipt.loadId, table, rows: 2, anomalies: [] }]);
    }
    const none = await project.run('loads', 'metrics', 'nothing');
    expect(none).toMatchObject({ code: 0, out: 'No metrics of nothing yet: they are written with each load.\n' });
  });

  test('an applied load is not abandoned, and nothing is without a yes', async () => {
    const applied = await project.run('loads', 'abandon', receipt.loadKey, '--yes');
    expect(applied).toMatchObject({ code: 1, err: expect.stringMatching(/^✗ LoadStillApplied/) });
    const unsaid = await project.run('loads', 'abandon', receipt.loadKey);
    expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
  });

  test('abandon takes the fence of a load under way; sweep drops what it leaves', async () => {
    await project.file('data/b/1.csv', 'id,amount\nb,1\n');
    await project.db.query('begin; lock table orders in share row exclusive mode');
    const run = project.start('run', ...mergeOrders('b/*.csv', '--day', '2026-11-23'));
    await run.until('publish');
    const { loads } = await project.json<{ loads: { loadKey: string; state: string }[] }>('loads', 'list');
    const open = loads.find(({ state }) => state === 'open');
    expect(open?.loadKey).toContain('2026-11-23');
    // Abandoning waits for the publish, which waits for us.
    const abandoned = project.start('loads', 'abandon', open!.loadKey, '--yes');
    await untilWaiting(async (sql) => (await project.db.query(sql)).rows, 2);
    await project.db.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))',
    );
    expect(await abandoned.ended).toMatchObject({ code: 0, out: `✓ abandoned  ${open!.loadKey}\n` });
    await project.db.query('rollback');
    const { code, err } = await run.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/\n✗ (Fenced|Rejected) /);
    expect((await project.db.query('select count(*)::int as n from orders')).rows).toEqual([{ n: 2 }]);
    await project.json('loads', 'sweep');
    expect((await relations()).filter((r) => (r as { nspname: string }).nspname === '_loadline_stage')).toEqual([]);
  });
});
