import { clearStandinFaults, standinFault, standinJobs } from '../../services/bigquery/standin-client';
import { day, failure, openBench, type Bench } from '../support/bench';
import type { Tune } from '../support/place';
import { openBigQueryPlace } from './place';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(openBigQueryPlace, 'estimate');
});
afterEach(clearStandinFaults);
afterAll(() => bench.close());

/** Scripts of a load. */
async function scripts(loadId: string): Promise<string[]> {
  const jobs = (await standinJobs('loadline-')).map(({ configuration }) => configuration as Job);
  return jobs
    .filter(({ labels, query }) => labels?.['loadline_load'] === loadId && query?.query.includes('BEGIN TRANSACTION'))
    .map(({ labels }) => labels!['loadline']!);
}
interface Job {
  readonly labels?: Readonly<Record<string, string>>;
  readonly query?: { readonly query: string };
}
const contract = (name: string): void => bench.contract({ table: `main/${bench.schema}.${name}` }, name);

describe('What a publish would read', () => {
  it('is in the receipt, and stays there', async () => {
    contract('merged');
    const asked = { into: 'merged', mode: 'merge', files: 'a.csv', interval: day(1) } as const;
    bench.file('a', '1,x', '2,y');
    const receipt = await bench.load(bench.warehouse(), asked);
    // Of each of the two rows the key, twice for the guard and the insert, and the other columns once.
    expect(receipt.cost).toEqual({ estimatedBytes: 2 * (8 + 3 + 8) + 2 * (8 + 3 + 8) });
    expect((await bench.warehouse().show(receipt.loadKey)).receipts).toEqual([receipt]);
    bench.file('b', '1,x', '3,z');
    const next = await bench.load(bench.warehouse(), { ...asked, files: 'b.csv', interval: day(2) });
    expect(next.cost!.estimatedBytes).toBeGreaterThan(receipt.cost!.estimatedBytes);
  });

  it('is left out where BigQuery does not tell, and the load goes on', async () => {
    contract('untold');
    bench.file('a', '1,x');
    const load = await bench.ready(bench.warehouse(), { into: 'untold', mode: 'merge', files: 'a.csv' });
    const match = `"dryRun":true.*"loadline_load":"${load.open.loadId}"`;
    await standinFault({ match, action: 'status', status: 400, reason: 'invalid', times: 99 });
    const receipt = await load.publish();
    expect(receipt).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 1 }] });
    expect(receipt).not.toHaveProperty('cost');
  });

  it('and is more than maximumBytesBilled allows is refused before anything is published', async () => {
    contract('dear');
    bench.file('a', '1,x');
    await bench.load(bench.warehouse(), { into: 'dear', mode: 'merge', files: 'a.csv' });
    await bench.run(
      `INSERT INTO ${bench.relation('dear')} SELECT n, REPEAT('x', 1000000), NULL FROM UNNEST(GENERATE_ARRAY(2, 13)) AS n`,
    );
    const thrifty = bench.warehouse({ maximumBytesBilled: '10485760' } as Tune);
    bench.file('b', '9,z');
    const load = await bench.ready(thrifty, { into: 'dear', mode: 'replace', files: 'b.csv' });
    const before = await scripts(load.open.loadId);
    const refused = load.publish();
    await expect(refused).rejects.toEqual(failure('InvalidConfig'));
    await expect(refused).rejects.toThrow(/maximumBytesBilled.*10485760.*an estimate of \d{8} bytes/s);
    expect(await scripts(load.open.loadId)).toEqual(before);
    expect(before).not.toContain('publish');
    expect((await bench.rows(`SELECT "id" FROM ${bench.relation('dear')}`)).length).toBe(13);
  });
});
