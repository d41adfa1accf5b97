import assert from 'node:assert/strict';
import type { LoadRequest } from '../../../workflows/contract';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { expectBalanced, expectFailure } from '../support/expect';
import type { Ground } from '../support/ground';
import type { TestTable } from '../support/table';

const generations = 5;
const leastReads = 5;

/** Several tables that become visible together, under one key. */
export function sets(suite: Suite): void {
  const test = (title: string, body: (ground: Ground) => Promise<void>, ...more: ['snapshot'] | []): void =>
    suite.test('sets', title, body, ['sets', ...more]);
  suite.area('sets', () => {
    test('a set has one receipt for all of its tables, and is loaded once', async (ground) => {
      const pair = pairOf(ground);
      const first = await carry(ground.run(), pair.requests('replace', 'a', 1));
      assert.deepEqual(first.tables.map((t) => t.inserted), [1, 1]); // prettier-ignore
      const again = await carry(ground.run(), pair.requests('replace', 'a', 1));
      assert.deepEqual(again, { ...first, outcome: 'already-loaded' });
      assert.deepEqual(await pair.text(), ['1:a', '1:a']);
    });

    test(
      'a reader never sees one table of a set without the other',
      async (ground) => {
        const pair = pairOf(ground);
        await carry(ground.run(), pair.requests('replace', 'g0', 1));
        const reader = readBoth(ground, pair);
        for (let n = 1; n <= generations; n++) await carry(ground.run(), pair.requests('replace', `g${n}`, n + 1));
        const { torn, seen, reads } = await reader.stop();
        assert.deepEqual(torn, []);
        assert.ok(reads >= leastReads && seen >= 2, `read ${reads} times, and saw ${seen} states: nothing is shown`);
        assert.deepEqual(await pair.text(), [`1:g${generations}`, `1:g${generations}`]);
      },
      'snapshot',
    );

    test('half of a set is PublishSetChanged, and changes nothing', async (ground) => {
      const pair = pairOf(ground);
      const run = ground.run();
      const load = await run.ready(...pair.requests('append', 'a', 1));
      for (const stage of load.stages)
        await expectFailure(run.publish({ ...load, stages: [stage] }), 'PublishSetChanged');
      assert.deepEqual(await pair.text(), ['', '']);
      expectBalanced(await run.publish(load));
      assert.deepEqual(await pair.text(), ['1:a', '1:a']);
    });

    test('a set of which one table cannot be written changes none', async (ground) => {
      const pair = pairOf(ground);
      for (const index of [0, 1]) {
        const run = ground.run();
        const load = await run.ready(...pair.requests('append', 'a', 1));
        await ground.harness.emptyStage(load.stages[index]!.stage);
        await expectFailure(run.publish(load), 'StageLost');
        await run.discard(load.open);
        assert.deepEqual(await pair.text(), ['', '']);
      }
    });

    test('two sets of the same tables in another order wait for each other, and both are loaded', async (ground) => {
      const pair = pairOf(ground);
      const [one, two] = [ground.run(), ground.run({ warehouse: await ground.another() })];
      const a = await one.ready(...pair.requests('merge', 'a', 1));
      const [first, second] = pair.requests('merge', 'b', 2);
      const b = await two.ready(second, first);
      const published = await Promise.allSettled([one.publish(a), two.publish(b)]);
      // The older of the two may come second: that is refused, and is no deadlock.
      const [older, newer] = published;
      assert.equal(newer!.status, 'fulfilled', String((newer as PromiseRejectedResult).reason));
      if (older!.status === 'rejected') await expectFailure(Promise.reject(older!.reason as Error), 'OutOfOrder');
      assert.deepEqual(await pair.text(), ['1:b', '1:b']);
    });
  });
}

interface Pair {
  readonly tables: readonly [TestTable, TestTable];
  requests(mode: LoadRequest['mode'], value: string, day: number): [LoadRequest, LoadRequest];
  text(): Promise<string[]>;
}

function pairOf(ground: Ground): Pair {
  const tables = [ground.table(), ground.table()] as const;
  const pipeline = tables[0].contract.name;
  const request = (table: TestTable, mode: LoadRequest['mode'], value: string, day: number): LoadRequest =>
    table.csv(mode, [`1,${value},`], { day, pipeline });
  return {
    tables,
    requests: (mode, value, day) => [request(tables[0], mode, value, day), request(tables[1], mode, value, day)],
    text: () => Promise.all(tables.map((table) => table.text())),
  };
}

/** Reads both tables as of one moment, again and again. */
function readBoth({ harness }: Ground, { tables }: Pair) {
  const columns = ['v'];
  const torn: string[] = [];
  const states = new Set<string>();
  let [reads, over] = [0, false];
  const reading = (async () => {
    while (!over) {
      const found = await harness.read(tables.map(({ name }) => ({ table: name, columns })));
      const [a, b] = found.map((rows) => rows.map(([v]) => v).join(' '));
      if (a !== b) torn.push(`${a} beside ${b}`);
      states.add(`${a} ${b}`);
      reads++;
    }
  })();
  return {
    async stop() {
      over = true;
      await reading;
      return { torn, seen: states.size, reads };
    },
  };
}
