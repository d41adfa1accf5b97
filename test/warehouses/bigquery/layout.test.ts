import { standinJobs } from '../../services/bigquery/standin-client';
import { day, openBench, type Bench } from '../support/bench';
import { openBigQueryPlace } from './place';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(openBigQueryPlace, 'layout');
});
afterAll(() => bench.close());

test('a table that a load makes is partitioned and clustered as its contract says', async () => {
  bench.contract({ partition: { column: 'at', by: 'day' } });
  bench.file('a', '1,x');
  await bench.load(bench.warehouse(), { mode: 'merge', files: 'a.csv', interval: day(1) });
  const made = (await standinJobs('loadline-'))
    .map(({ configuration }) => (configuration as { query?: { query: string } }).query?.query ?? '')
    .filter((text) => text.includes(`CREATE TABLE IF NOT EXISTS ${bench.relation('t')}`));
  expect(made).toEqual([expect.stringMatching(/\) PARTITION BY .*`at`.* CLUSTER BY `id`/s)]);
});
