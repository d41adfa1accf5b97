import assert from 'node:assert/strict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { expectFailure } from '../support/expect';

const by = { by: 'ann', reason: 'the file was wrong' };

/** What is undone. */
export function undo(suite: Suite): void {
  const test = suite.test.bind(suite, 'undo');
  suite.area('rollback', () => {
    for (const mode of ['append', 'replace'] as const)
      test(
        `a rolled back ${mode} leaves the table as it was, and closes its key`,
        async (ground) => {
          const table = ground.table();
          await carry(ground.run(), table.csv(mode, ['1,a,'], { day: 1 }));
          const run = ground.run();
          const request = table.csv(mode, ['2,b,'], { day: 2 });
          const load = await run.ready(request);
          const receipt = await run.publish(load);
          assert.equal(receipt.reversible, true);
          const undone = await ground.warehouse.rollback(receipt.loadId, by);
          assert.equal(undone.outcome, 'rolled-back');
          assert.equal(await table.text(), '1:a');
          await expectFailure(run.publish(load), 'RolledBack');
          await expectFailure(carry(ground.run(), request), 'RolledBack');
          assert.equal((await ground.warehouse.rollback(receipt.loadId, by)).outcome, 'already-rolled-back');
          await carry(ground.run(), { ...request, onChanged: 'reprocess' });
          assert.equal(await table.text(), mode === 'append' ? '1:a 2:b' : '2:b');
        },
        ['rollback'],
      );

    test(
      'a merge cannot be rolled back, and says so before',
      async (ground) => {
        const table = ground.table();
        const receipt = await carry(ground.run(), table.csv('merge', ['1,a,'], { day: 1 }));
        assert.equal(receipt.reversible, false);
        await expectFailure(ground.warehouse.rollback(receipt.loadId, by), 'NotReversible');
        assert.equal(await table.text(), '1:a');
      },
      ['rollback'],
    );
  });
}
