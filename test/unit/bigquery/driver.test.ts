import { openBigQuery } from '../../../activities/warehouses/bigquery';
import { bigQueryDefaults } from '../../../activities/warehouses/bigquery/config';

jest.mock('@google-cloud/bigquery', () => {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
});

test('without its package a BigQuery warehouse says which one to install', async () => {
  const config = { ...bigQueryDefaults, kind: 'bigquery', project: 'my-project', jobProject: 'my-project' } as const;
  const failing = openBigQuery('main', config).health();
  await expect(failing).rejects.toMatchObject({ type: 'ToolUnavailable' });
  await expect(failing).rejects.toThrow(/npm install @google-cloud\/bigquery/);
});
