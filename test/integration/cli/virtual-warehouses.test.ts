import type { LoadReceipt } from '../../../workflows/contract';
import { SnowflakeClient } from '../../../activities/warehouses/snowflake/client';
import { startSnowflake } from '../../services/snowflake/start';
import { snowflakeAt } from '../../warehouses/support/snowflake-place';
import { openProject } from './support/cli-project';

test('what one virtual warehouse of Snowflake has loaded is already loaded to another of its database', async () => {
  const { url, stop } = await startSnowflake();
  const client = new SnowflakeClient(snowflakeAt(url, 'SHOP'));
  const project = await openProject('virtual-warehouses');
  try {
    for (const sql of [
      'CREATE DATABASE IF NOT EXISTS SHOP',
      'CREATE SCHEMA IF NOT EXISTS SHOP.PUBLIC',
      'CREATE WAREHOUSE IF NOT EXISTS LOAD_WH',
      'CREATE WAREHOUSE IF NOT EXISTS LARGE_WH',
    ])
      await client.session((s) => s.run('test', sql));
    await project.file(
      'loadline.config.ts',
      `import { defineConfig, env, localFiles, snowflake } from 'loadline';
       const shop = { account: 'a', user: 'u', password: env('SECRET'), database: 'SHOP', endpoint: '${url}' };
       const orders = { columns: { ORDER_ID: { type: 'text' } }, key: ['ORDER_ID'], create: 'if-missing' } as const;
       export default defineConfig({
         warehouses: {
           analytics: snowflake({ ...shop, warehouse: 'LOAD_WH' }),
           backfill: snowflake({ ...shop, warehouse: 'LARGE_WH' }),
         },
         stores: { raw: localFiles({ root: './data' }) },
         contracts: [
           { ...orders, name: 'orders', table: 'analytics/PUBLIC.ORDERS' },
           { ...orders, name: 'orders-backfill', table: 'backfill/PUBLIC.ORDERS' },
         ],
         worker: { taskQueue: '${project.taskQueue}' },
       });`,
    );
    // The driver's client of S3 warns of Node 20.
    Object.assign(project.env, { SECRET: 'anything', NODE_NO_WARNINGS: '1' });
    await project.file('data/a.csv', 'ORDER_ID\n1\n2\n');
    await project.worker();
    const asked = ['--mode', 'merge', '--from', 'raw:a.csv', '--day', '2026-11-01', '--pipeline', 'orders'];
    const first = await project.json<LoadReceipt>('run', '--load', 'orders', ...asked);
    expect(first).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    const again = await project.json<LoadReceipt>('run', '--load', 'orders-backfill', ...asked);
    expect(again).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });
  } finally {
    await Promise.all([project.close(), client.close()]);
    await stop();
  }
});
