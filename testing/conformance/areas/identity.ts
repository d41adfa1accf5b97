import assert from 'node:assert/strict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { countsOf, expectFailure } from '../support/expect';

/** What makes a load the same as another. */
export function identity(suite: Suite): void {
  const test = suite.test.bind(suite, 'identity');
  suite.area('identity', () => {
    test('a load key with equal content answers with the first receipt', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,', '2,b,'], { day: 1 });
      const first = await carry(ground.run(), request);
      const again = await carry(ground.run(), request);
      assert.equal(first.outcome, 'loaded');
      assert.deepEqual(again, { ...first, outcome: 'already-loaded' });
      assert.deepEqual(await ground.warehouse.receipt(first.loadId), first);
      assert.deepEqual(await ground.warehouse.applied(first.loadKey), first);
      assert.equal(await table.text(), '1:a 2:b');
    });

    test('a load key with other content is BatchChanged', async (ground) => {
      const table = ground.table();
      await carry(ground.run(), table.csv('merge', ['1,a,'], { day: 1 }));
      await expectFailure(carry(ground.run(), table.csv('merge', ['1,b,'], { day: 1 })), 'BatchChanged');
      assert.equal(await table.text(), '1:a');
    });

    test('other content that is asked to be reprocessed takes the place of the first', async (ground) => {
      const table = ground.table({ key: ['id'], partition: { column: 'at', by: 'day' } });
      const [one, two] = ['2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z'];
      const first = await carry(ground.run(), table.csv('replace-partition', [`1,a,${one}`, `2,b,${one}`], { day: 1 }));
      const again = table.csv('replace-partition', [`2,c,${two}`], { day: 1, onChanged: 'reprocess' });
      const second = await carry(ground.run(), again);
      assert.deepEqual([first.generation, second.generation], [1, 2]);
      assert.equal(await table.text(), '2:c');
    });

    test('an append that is reprocessed takes away the rows that it had brought, and no others', async (ground) => {
      const table = ground.table();
      await carry(ground.run(), table.csv('append', ['1,a,', '2,b,'], { day: 1 }));
      await carry(ground.run(), table.csv('append', ['3,c,'], { day: 2 }));
      const again = table.csv('append', ['1,x,'], { day: 1, onChanged: 'reprocess' });
      await carry(ground.run(), again);
      assert.equal(await table.text(), '1:x 3:c');
    });

    test('without an interval a file is loaded once, whatever it is called and whatever lies beside it', async (ground) => {
      const table = ground.table();
      const id = table.contract.name;
      const file = (name: string, line: string): string => ground.file(`${id}/f/${name}.csv`, `id,v,at\n${line},\n`);
      file('a', '1,a');
      await carry(ground.run(), table.request('append', `${id}/f/*.csv`));
      file('same', '1,a');
      file('b', '2,b');
      const second = await carry(ground.run(), table.request('append', `${id}/f/*.csv`));
      assert.deepEqual([second.batch.files, second.batch.filesSkipped], [1, 2]);
      assert.deepEqual(countsOf(second.tables[0]), { read: 1, inserted: 1 });
      assert.equal((await carry(ground.run(), table.request('append', `${id}/f/*.csv`))).outcome, 'already-loaded');
      assert.equal(await table.text(), '1:a 2:b');
    });

    test('two loads that have extracted one file publish it once: SourceOverlap', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,']);
      const [one, two] = [ground.run(), ground.run()];
      const other = { ...request, pipeline: `${request.pipeline}-other` };
      const [a, b] = [await one.ready(request), await two.ready(other)];
      assert.equal((await one.publish(a)).outcome, 'loaded');
      await expectFailure(two.publish(b), 'SourceOverlap');
      assert.equal(await table.text(), '1:a');
    });

    test('pipelines whose names differ in what a load key is made of are several loads', async (ground) => {
      const table = ground.table({ key: [] });
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const colons = [`${request.pipeline}/x`, `${request.pipeline}%2Fx`, `${request.pipeline}.x`];
      for (const pipeline of colons)
        assert.equal((await carry(ground.run(), { ...request, pipeline })).outcome, 'loaded');
      assert.equal(await table.text(), '1:a 1:a 1:a');
    });
  });
}
