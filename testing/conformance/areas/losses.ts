import assert from 'node:assert/strict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { expectFailure, until } from '../support/expect';

/** Stages, locks and answers that are lost. */
export function losses(suite: Suite): void {
  const test = suite.test.bind(suite, 'lost');
  suite.area('what is lost', () => {
    for (const mode of ['append', 'replace'] as const)
      test(`a stage that was emptied after its audit is StageLost, and ${mode} changes nothing`, async (ground) => {
        const table = ground.table();
        await carry(ground.run(), table.csv('append', ['1,kept,'], { day: 1 }));
        const run = ground.run();
        const load = await run.ready(
          table.csv(mode, ['2,new,'], { day: 2, ...(mode === 'replace' && { allowEmpty: true }) }),
        );
        await ground.harness.emptyStage(load.stages[0]!.stage);
        await expectFailure(run.publish(load), 'StageLost');
        assert.equal(await table.text(), '1:kept');
        await run.publish(await run.staged(load.open));
        assert.equal(await table.text(), mode === 'append' ? '1:kept 2:new' : '2:new');
      });

    test('a stage that was emptied before its audit is StageLost', async (ground) => {
      const run = ground.run();
      const open = await run.open(ground.table().csv('append', ['1,a,'], { day: 1 }));
      const staged = await run.stage(open, await run.batch(open));
      await ground.harness.emptyStage(staged.stage);
      await expectFailure(run.audit(open, staged), 'StageLost');
    });

    test('every attempt has a stage of its own, with all rows', async (ground) => {
      const open = await ground.run({ workflowId: 'stages' }).open(ground.table().csv('append', ['1,a,'], { day: 1 }));
      const runs = [1, 2, 3].map((attempt) => ground.run({ workflowId: 'stages', attempt }));
      const batch = await runs[0]!.batch(open);
      const staged = await Promise.all(runs.map((run) => run.stage(open, batch)));
      assert.equal(new Set(staged.map((s) => s.stage)).size, 3);
      for (const stage of staged) assert.equal((await runs[0]!.audit(open, stage)).audited, 1);
    });

    test('an audit may be made again, and says the same', async (ground) => {
      const run = ground.run();
      const open = await run.open(ground.table().csv('append', ['1,a,', '1,a,', '2,b,', '1,a,'], { day: 1 }));
      const staged = await run.stage(open, await run.batch(open));
      const first = await run.audit(open, staged);
      assert.deepEqual([first.rows, first.audited, first.duplicates], [4, 2, 2]);
      // It may keep the rows that are to be published in a stage of their own.
      assert.deepEqual({ ...(await run.audit(open, staged)), stage: first.stage }, first);
    });

    test('a publish without anything to lock is LockRowMissing, and opening the load again restores it', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const run = ground.run();
      const load = await run.ready(request);
      await ground.harness.dropLocks(load.open.targets.map((t) => t.target));
      await expectFailure(run.publish(load), 'LockRowMissing');
      assert.equal(await table.text(), '');
      await run.publish(await run.staged(await run.open(request)));
      assert.equal(await table.text(), '1:a');
    });

    test(
      'an answer to COMMIT that is lost is not a failure: the ledger tells, and the next attempt writes nothing',
      async (ground) => {
        const table = ground.table({ key: [] });
        const run = ground.run();
        const load = await run.ready(table.csv('append', ['1,a,'], { day: 1 }));
        ground.gates.loseAnswer('lost', 'commit');
        const failure = await expectFailure(
          ground.gates.as('lost', () => run.publish(load)),
          'CommitOutcomeUnknown',
          'SessionLost',
          'WarehouseUnreachable',
        );
        assert.notEqual((failure as { nonRetryable?: boolean }).nonRetryable, true);
        const settled = await run.settle(load);
        assert.equal(settled?.outcome, 'loaded');
        assert.deepEqual(await run.publish(load), settled);
        assert.equal(await table.text(), '1:a');
      },
      ['stop at commit'],
    );

    test('settle answers null for what was not published', async (ground) => {
      const run = ground.run();
      const load = await run.ready(ground.table().csv('append', ['1,a,'], { day: 1 }));
      assert.equal(await run.settle(load), null);
      await run.discard(load.open);
      assert.equal(await run.settle(load), null);
    });

    test('the sweeper drops the stages that no load can need, and leaves those of running ones', async (ground) => {
      const [running, over] = [ground.run(), ground.run()];
      const needed = await running.ready(ground.table().csv('append', ['1,a,'], { day: 1 }));
      const left = await over.ready(ground.table().csv('append', ['1,a,'], { day: 1 }));
      await ground.warehouse.sweep(async (workflowId) => workflowId === over.workflowId);
      const stages = await ground.harness.stages();
      assert.ok(stages.includes(needed.stages[0]!.stage), 'the stage of a running load was dropped');
      assert.ok(!stages.includes(left.stages[0]!.stage), 'the stage of a load that is over was left');
      assert.equal((await running.publish(needed)).outcome, 'loaded');
    });

    test('a load leaves no stage behind, whether it is published or given up', async (ground) => {
      const table = ground.table();
      const [one, two] = [ground.run(), ground.run()];
      const published = await one.ready(table.csv('append', ['1,a,'], { day: 1 }));
      const givenUp = await two.ready(table.csv('append', ['2,b,'], { day: 2 }));
      await one.publish(published);
      await two.discard(givenUp.open);
      await ground.warehouse.sweep(async () => false);
      const stages = await ground.harness.stages();
      for (const { stage } of [...published.stages, ...givenUp.stages]) assert.ok(!stages.includes(stage), stage);
    });

    test(
      'a warehouse that is closed leaves no session',
      async (ground) => {
        const sessions = (): Promise<number> => ground.harness.sessions!();
        const warehouse = await ground.another();
        await carry(ground.run({ warehouse }), ground.table().csv('append', ['1,a,'], { day: 1 }));
        const before = await sessions();
        assert.ok(before > 0, 'the harness counts no session of a warehouse that has worked');
        await warehouse.close();
        await until('its sessions to end', async () => (await sessions()) < before);
      },
      ['sessions'],
    );
  });
}
