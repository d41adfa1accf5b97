import assert from 'node:assert/strict';
import type { LoadReceipt } from '../../../workflows/contract';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { endedOrWaiting, expectFailure } from '../support/expect';
import type { Ground } from '../support/ground';

const everything = { olderThanMs: 0 };

/** Everything that is told of a load. */
const answers = ({ warehouse }: Ground, { loadKey, loadId }: LoadReceipt): Promise<unknown[]> =>
  Promise.all([
    warehouse.receipt(loadId),
    warehouse.applied(loadKey),
    warehouse.appliedIdentity(loadKey),
    warehouse.summary(loadKey),
    warehouse.show(loadKey),
    warehouse.show(loadId),
  ]);

/** Receipts that are put away count as before. */
export function archive(suite: Suite): void {
  const test = suite.test.bind(suite, 'undo');
  suite.area('archive', () => {
    test(
      'two archives at once move every receipt once and change no answer, and leave what is under way',
      async (ground) => {
        const table = ground.table();
        const request = table.csv('append', ['1,a,', '2,b,'], { day: 1 });
        const first = await carry(ground.run(), request);
        const before = await answers(ground, first);
        const dry = await ground.warehouse.archive(everything, { dryRun: true });
        assert.ok(dry.archived >= 1);
        const other = await ground.another();
        const held = await ground.gates.hold('first', 'write', () => ground.warehouse.archive(everything));
        const beside = ground.gates.as('second', () => other.archive(everything));
        await endedOrWaiting(beside);
        held.open();
        const both = await Promise.all([held.ending, beside]);
        assert.equal(both[0]!.archived + both[1]!.archived, dry.archived);
        assert.deepEqual(await answers(ground, first), before);
        assert.deepEqual(await carry(ground.run(), request), { ...first, outcome: 'already-loaded' });
        // A later generation finds in the archive what it takes the place of.
        const again = { ...table.csv('append', ['3,c,'], { day: 1 }), onChanged: 'reprocess' } as const;
        const second = await carry(ground.run(), again);
        assert.equal(second.tables[0]?.removed, 2);
        assert.equal(await table.text(), '3:c');
        const run = ground.run();
        const open = await run.open({ ...again, from: table.csv('append', ['4,d,']).from });
        assert.equal((await ground.warehouse.archive(everything)).archived, 0);
        await run.discard(open);
        assert.equal((await ground.warehouse.archive(everything)).archived, 1);
        assert.deepEqual((await ground.warehouse.show(first.loadKey)).receipts, [second, first]);
      },
      ['archive'],
    );

    test(
      'a load that is archived keeps older intervals out, and is rolled back',
      async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv('replace', ['1,one,'], { day: 1 }));
        const third = await carry(ground.run(), table.csv('replace', ['3,three,'], { day: 3 }));
        await ground.warehouse.archive(everything);
        await expectFailure(carry(ground.run(), table.csv('replace', ['2,two,'], { day: 2 })), 'OutOfOrder');
        const by = { by: 'ann', reason: 'the file was wrong' };
        assert.equal((await ground.warehouse.rollback(third.loadKey, by)).outcome, 'rolled-back');
        assert.equal(await table.text(), '1:one');
      },
      ['archive', 'rollback'],
    );

    test(
      'an archive that fails has moved nothing, and one whose answer is lost has moved every receipt once',
      async (ground) => {
        const first = await carry(ground.run(), ground.table().csv('append', ['1,a,'], { day: 1 }));
        const before = await answers(ground, first);
        ground.gates.fail('failing', 'commit');
        await assert.rejects(ground.gates.as('failing', () => ground.warehouse.archive(everything)));
        assert.deepEqual(await answers(ground, first), before);
        ground.gates.loseAnswer('lost', 'commit');
        await expectFailure(
          ground.gates.as('lost', () => ground.warehouse.archive(everything)),
          'CommitOutcomeUnknown',
          'SessionLost',
          'WarehouseUnreachable',
        );
        await ground.warehouse.archive(everything);
        assert.equal((await ground.warehouse.archive(everything, { dryRun: true })).archived, 0);
        assert.deepEqual(await answers(ground, first), before);
      },
      ['archive', 'stop at commit'],
    );
  });
}
