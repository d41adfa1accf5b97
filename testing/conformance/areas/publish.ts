import assert from 'node:assert/strict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { endedOrWaiting, expectFailure } from '../support/expect';
import { dayOf } from '../support/table';

/** The one transaction: who waits for whom, what is refused, what a second attempt gets. */
export function publish(suite: Suite): void {
  const test = suite.test.bind(suite, 'publish');
  suite.area('publish', () => {
    test('two attempts that publish one load at once write it once, with one receipt', async (ground) => {
      const table = ground.table({ key: [] });
      const own = ground.run();
      const other = ground.run({ workflowId: own.workflowId, runId: own.runId, attempt: 2, warehouse: await ground.another() }); // prettier-ignore
      const load = await own.ready(table.csv('append', ['1,a,', '2,b,'], { day: 1 }));
      const receipts = await Promise.all([own, other, own, other].map((run) => run.publish(load)));
      for (const receipt of receipts) assert.deepEqual(receipt, receipts[0]);
      assert.equal(await table.text(), '1:a 2:b');
    });

    test('a publish that is tried again later gives the same receipt, and no row twice', async (ground) => {
      const table = ground.table({ key: [] });
      const run = ground.run();
      const load = await run.ready(table.csv('append', ['1,a,'], { day: 1 }));
      const first = await run.publish(load);
      assert.deepEqual(await run.publish(load), first);
      assert.deepEqual(await run.settle(load), first);
      assert.equal(await table.text(), '1:a');
    });

    test(
      'two loads of one table wait for each other, so that the newer rows stay',
      async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv('merge', ['1,seed,'], { day: 1 }));
        const [one, two] = [ground.run(), ground.run({ warehouse: await ground.another() })];
        const older = await one.ready(table.csv('merge', ['1,older,', '2,older,'], { day: 2 }));
        const newer = await two.ready(table.csv('merge', ['1,newer,', '2,newer,'], { day: 3 }));
        const first = await ground.gates.hold('older', 'lock', () => one.publish(older));
        const locked = ground.gates.stop('newer', 'after', 'lock');
        const second = ground.gates.as('newer', () => two.publish(newer));
        let waited = true;
        void locked.reached.then(() => (waited = false));
        await endedOrWaiting(Promise.race([locked.reached, second]));
        const how = waited;
        first.open();
        locked.open();
        await Promise.all([first.ending, second]);
        assert.equal(await table.text(), '1:newer 2:newer');
        assert.ok(how, 'the second publish did not wait for the first');
      },
      ['stop at lock'],
    );

    test(
      'two loads of one file that wait for each other: the second sees what the first has published',
      async (ground) => {
        const table = ground.table({ key: [] });
        const request = table.csv('append', ['1,a,']);
        const [one, two] = [ground.run(), ground.run({ warehouse: await ground.another() })];
        const a = await one.ready(request);
        const b = await two.ready({ ...request, pipeline: `${request.pipeline}-other` });
        const first = await ground.gates.hold('one', 'lock', () => one.publish(a));
        const second = two.publish(b);
        second.catch(() => undefined);
        await endedOrWaiting(second);
        first.open();
        assert.equal((await first.ending).outcome, 'loaded');
        await expectFailure(second, 'SourceOverlap');
        assert.equal(await table.text(), '1:a');
      },
      ['stop at lock'],
    );

    test(
      'readers see nothing of a publish before it has ended',
      async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv('replace', ['1,old,'], { day: 1 }));
        const run = ground.run();
        const load = await run.ready(table.csv('replace', ['2,new,'], { day: 2 }));
        const publishing = await ground.gates.hold('writer', 'write', () => run.publish(load));
        assert.equal(await table.text(), '1:old');
        publishing.open();
        await publishing.ending;
        assert.equal(await table.text(), '2:new');
      },
      ['stop at write'],
    );

    test(
      'a publish that fails once its rows are written leaves none of them, and holds up nobody',
      async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv('replace', ['1,old,'], { day: 1 }));
        const run = ground.run();
        const load = await run.ready(table.csv('replace', ['2,new,'], { day: 2 }));
        ground.gates.fail('failing', 'ledger');
        await assert.rejects(ground.gates.as('failing', () => run.publish(load)));
        assert.equal(await table.text(), '1:old');
        await carry(ground.run(), table.csv('append', ['3,other,'], { day: 1, part: 'beside' }));
        assert.equal(await table.text(), '1:old 3:other');
        assert.equal((await run.publish(load)).outcome, 'loaded');
        assert.equal(await table.text(), '2:new');
      },
      ['stop at ledger'],
    );

    for (const mode of ['merge', 'replace'] as const)
      test(`a ${mode} of an interval before one that is loaded is OutOfOrder, unless that is allowed`, async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv(mode, ['1,new,'], { day: 3 }));
        await expectFailure(carry(ground.run(), table.csv(mode, ['1,old,'], { day: 2 })), 'OutOfOrder');
        assert.equal(await table.text(), '1:new');
        const allowed = table.csv(mode, ['1,old,'], { day: 2, outOfOrder: 'allow' });
        assert.deepEqual((await carry(ground.run(), allowed)).interval, dayOf(2));
        assert.equal(await table.text(), '1:old');
      });

    test('an older interval may come late where the newest row wins', async (ground) => {
      const table = ground.table({ newest: 'at' });
      await carry(ground.run(), table.csv('merge', ['1,new,2026-01-03T00:00:00Z'], { day: 3 }));
      const late = ['1,old,2026-01-02T00:00:00Z', '2,late,2026-01-02T00:00:00Z'];
      await carry(ground.run(), table.csv('merge', late, { day: 2 }));
      assert.equal(await table.text(), '1:new 2:late');
    });

    test('a table that was altered after the load was opened is SchemaMoved', async (ground) => {
      const table = ground.table();
      const run = ground.run();
      const load = await run.ready(table.csv('append', ['1,a,'], { day: 1 }));
      const target = load.open.targets[0]!;
      const columns = [...(target.columns ?? []), { name: 'gone', type: 'text', nullable: true }];
      const open = { ...load.open, targets: [{ ...target, columns }] } as typeof load.open;
      await expectFailure(run.publish({ ...load, open }), 'SchemaMoved');
      assert.equal(await table.text(), '');
    });
  });
}
