import { defineConfig, env, isLoadError, localFiles, postgres, type LoadReceipt } from '../../../workflows/root';
import { createTestEnvironment, expectLoaded, type TestEnvironment } from '../../../testing';
import type { daily } from './support/workflows';

const config = defineConfig({
  // Whatever it says, tests have a database of their own.
  warehouses: { main: postgres({ url: env('LOADLINE_NEVER_SET') }) },
  stores: { raw: localFiles({ root: '/nowhere' }) },
  contracts: [
    {
      name: 'orders',
      table: 'main/public.orders',
      columns: { id: { type: 'text' } },
      key: ['id'],
      create: 'if-missing',
    },
  ],
});

describe('an environment for tests of pipelines', () => {
  let kit: TestEnvironment;
  beforeAll(async () => {
    kit = await createTestEnvironment(config, { workflowsPath: require.resolve('./support/workflows') });
  });
  afterAll(() => kit?.close());

  test('loads files of its own into a database of its own', async () => {
    await kit.file('raw', 'a.csv', 'id\n1\n2\n');
    expectLoaded(await kit.run<typeof daily>('daily', { day: '2026-11-22' }), { inserted: 2 });
    expectLoaded(await kit.run<typeof daily>('daily', { day: '2026-11-22' }), { outcome: 'already-loaded' });
    const from = { kind: 'files', store: 'raw', glob: 'a.csv' } as const;
    expectLoaded(await kit.load({ pipeline: 'other', into: 'orders', mode: 'merge', from }), {
      unchanged: 2,
      inserted: 0,
    });
    expect(await kit.rows('select id from orders where id = $1', ['2'])).toEqual([{ id: '2' }]);
  });

  test('tells what a load failed with', async () => {
    const failed = await kit.run<typeof daily>('daily', { day: 'someday' }).catch((error: unknown) => error);
    expect(isLoadError(failed, 'InvalidRequest')).toBe(true);
  });

  test('tells of a workflow whose code fails, for which Temporal would wait', async () => {
    await expect(kit.run('daily')).rejects.toThrow(
      "The code of the workflow fails: Cannot read properties of undefined (reading 'day')",
    );
    await expect(kit.run('dialy')).rejects.toThrow('no such function is exported by the workflow bundle');
  });

  test('refuses a store that the configuration does not have', async () => {
    await expect(kit.file('rwa', 'a.csv', '')).rejects.toMatchObject({ type: 'UnknownStore' });
  });
});

test('expectLoaded names every difference, and rows that no count accounts for', () => {
  const counts = {
    read: 3,
    duplicates: 0,
    quarantined: 1,
    inserted: 1,
    updated: 0,
    unchanged: 0,
    stale: 0,
    deleted: 0,
    removed: 0,
  };
  const receipt = {
    outcome: 'loaded',
    tables: [{ table: 'orders', mode: 'merge', ...counts }],
  } as unknown as LoadReceipt;
  expect(() => expectLoaded(receipt, { outcome: 'already-loaded', inserted: 2, quarantined: 1 })).toThrow(
    [
      'outcome: expected already-loaded, got loaded',
      'inserted: expected 2, got 1',
      'orders: 3 rows read, 2 accounted for',
    ].join('\n  '),
  );
});
