import { z } from 'zod';
import { bigQueryDefaults, bigQueryShape, resolveBigQuery } from '../../../activities/warehouses/bigquery';

const schema = z.strictObject(bigQueryShape);
const given = { kind: 'bigquery', project: 'my-project' } as const;

describe('The configuration of BigQuery', () => {
  it('needs a project, which runs the jobs too unless another is named', () => {
    expect(resolveBigQuery(schema.parse(given))).toEqual({ ...bigQueryDefaults, ...given, jobProject: 'my-project' });
    expect(resolveBigQuery(schema.parse({ ...given, jobProject: 'payer-project' })).jobProject).toBe('payer-project');
    expect(resolveBigQuery(schema.parse({ ...given, maximumBytesBilled: 10_485_760 })).maximumBytesBilled).toBe(
      '10485760',
    );
  });

  it.each([
    { project: 'My Project' },
    { ledgerDataset: 'with-dash' },
    { location: 'somewhere over' },
    { stagingBucket: 's3://bucket' },
    { stagingBucket: 'gs://bucket/*' },
    { maximumBytesBilled: 1 },
    { labels: { loadline_load: 'x' } },
    { labels: { Team: 'x' } },
    { apiEndpoint: 'localhost:1' },
  ])('refuses %j', (more) => expect(schema.safeParse({ ...given, ...more }).success).toBe(false));
});
