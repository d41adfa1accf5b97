import { openBench, failure, type Bench } from '../support/bench';
import { openSnowflakePlace } from '../support/snowflake-place';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openSnowflakePlace, 'refusals');
});
afterEach(() => bench.close());

test('what the warehouse cannot do is refused by its name as NotSupported, and told by its capabilities', async () => {
  const warehouse = bench.warehouse();
  expect(warehouse.capabilities).toMatchObject({ enforcesKeys: false, proof: 'stand-in' });
  expect(Object.keys(warehouse.capabilities.without!)).toContain('archive');
  await expect(warehouse.archive({ keep: '1 day' } as never)).rejects.toEqual(failure('NotSupported'));
});
