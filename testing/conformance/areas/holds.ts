import assert from 'node:assert/strict';
import type { GivenVerdict, LoadRequest, LoadVerdict } from '../../../workflows/contract';
import { choicesOf, type FailedTable } from '../../../workflows/verdict';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { countsOf, expectBalanced, expectFailure } from '../support/expect';
import type { Ground } from '../support/ground';
import type { ReadyLoad, Run } from '../support/run';
import type { TestTable } from '../support/table';

const columns = (severity: 'warn' | 'quarantine' | 'fail') =>
  ({ id: { type: 'bigint' }, amount: { type: 'decimal(12,2)', range: { min: 0 }, severity } }) as const;
const lines = ['1,10', '2,-5', '3,30', '3,30', '4,-1'];

/** Rows that break their contract, and loads that wait for a person. */
export function holds(suite: Suite): void {
  const test = suite.test.bind(suite, 'holds');
  suite.area('quarantine and holds', () => {
    test('bad rows that only warn are loaded, and the receipt tells', async (ground) => {
      const table = ground.table({ columns: columns('warn') });
      const receipt = await carry(ground.run(), table.csv('merge', lines, { day: 1 }));
      assert.deepEqual(countsOf(receipt.tables[0]), { read: 5, duplicates: 1, inserted: 4 });
      assert.equal(receipt.warnings.length, 1);
      assert.equal(await table.text(), '1:10 2:-5 3:30 4:-1');
    });

    test(
      'bad rows are set aside with their reasons when the others are published, and not before',
      async (ground) => {
        const table = ground.table({ columns: columns('quarantine') });
        const run = ground.run();
        const load = await run.ready(table.csv('merge', lines, { day: 1 }));
        assert.deepEqual(await asideOf(ground, load.open.loadKey), []);
        const receipt = expectBalanced(await run.publish(load));
        assert.deepEqual(countsOf(receipt.tables[0]), { read: 5, duplicates: 1, quarantined: 2, inserted: 2 });
        assert.deepEqual(await run.publish(load), receipt);
        assert.equal(await table.text(), '1:10 3:30');
        assert.deepEqual(await asideOf(ground, load.open.loadKey), ['2 range of amount', '4 range of amount']);
        const [summary] = await ground.warehouse.quarantine.list({ load: receipt.loadId, limit: 10 });
        assert.deepEqual([summary?.rows, summary?.open], [2, 2]);
      },
      ['quarantine', 'quarantine desk'],
    );

    test('more bad rows than are allowed fail the load, and nothing is written', async (ground) => {
      const amount = { ...columns('quarantine').amount, failAbove: 1 };
      const table = ground.table({ columns: { ...columns('quarantine'), amount }, hold: false });
      await expectFailure(carry(ground.run(), table.csv('merge', lines, { day: 1 })), 'OutOfRange');
      assert.equal(await table.text(), '');
    });

    for (const [verdict, left, aside] of [
      ['release', '1:10 2:-5 3:30 4:-1', 0],
      ['quarantine', '1:10 3:30', 2],
    ] as const)
      test(
        `a held load is published under ${verdict}, and by nobody else`,
        async (ground) => {
          const { run, load, held, table } = await heldLoad(ground);
          await expectFailure(ground.run().open(held.request), 'LoadInProgress');
          await expectFailure(run.publish(load), 'Fenced');
          assert.deepEqual(held.choices, ['release', 'quarantine', 'reject']);
          const given = givenTo(held.failed, verdict);
          const stages = [];
          for (const { held: _, ...stage } of load.stages)
            stages.push(await run.audit(load.open, stage as never, true, given));
          const receipt = expectBalanced(await run.publish({ ...load, stages }, given));
          assert.deepEqual([receipt.verdict?.verdict, receipt.verdict?.by], [verdict, 'ann']);
          assert.equal(receipt.tables[0]!.quarantined, aside);
          assert.equal(await table.text(), left);
        },
        ['hold', 'quarantine'],
      );

    test(
      'a held load that is rejected is published by nobody, and its key stays closed',
      async (ground) => {
        const { run, load, held, table } = await heldLoad(ground);
        const given = givenTo(held.failed, 'reject');
        const receipt = await run.reject(load, given);
        assert.equal(receipt.outcome, 'rejected');
        assert.deepEqual(await run.reject(load, given), receipt);
        await expectFailure(run.publish(load, given), 'Rejected');
        await expectFailure(ground.run().open(held.request), 'Rejected');
        assert.equal(await table.text(), '');
        const stages = await ground.harness.stages();
        assert.ok(!stages.includes(load.stages[0]!.stage), 'its stage is left');
      },
      ['hold'],
    );

    test(
      'a held load keeps its stage, whatever the sweeper is told of its workflow, and can be abandoned',
      async (ground) => {
        const { run, load, table } = await heldLoad(ground);
        await ground.warehouse.sweep(async (workflowId) => workflowId === run.workflowId);
        assert.ok((await ground.harness.stages()).includes(load.stages[0]!.stage), 'its stage was dropped');
        assert.equal((await ground.warehouse.show(load.open.loadKey)).held?.failed.length, 1);
        await ground.warehouse.abandon(load.open.loadKey);
        await expectFailure(run.publish(load, givenTo([], 'release')), 'Fenced');
        assert.equal(await table.text(), '');
      },
      ['hold'],
    );
  });
}

async function asideOf({ warehouse }: Ground, loadKey: string): Promise<string[]> {
  const known = await warehouse.quarantine.list({ load: loadKey, limit: 10 });
  if (known.length === 0) return [];
  const { rows } = await warehouse.quarantine.show(loadKey, { values: true });
  return rows.map((row) => `${row.values?.['id']} ${row.reasons.join(', ')}`).sort();
}

interface Held {
  readonly run: Run;
  readonly load: ReadyLoad;
  readonly table: TestTable;
  readonly held: { failed: readonly FailedTable[]; choices: readonly LoadVerdict[]; request: LoadRequest };
}

/** A load that two rows have stopped, held as the workflow holds it. */
async function heldLoad(ground: Ground): Promise<Held> {
  const table = ground.table({ columns: columns('fail') });
  const request = table.csv('merge', lines, { day: 1 });
  const run = ground.run();
  const load = await run.staged(await run.open(request), true);
  const [stage] = load.stages;
  assert.ok(stage?.held, 'the audit holds nothing');
  const { checks, whole } = stage.held;
  const { target } = load.open.targets[0]!;
  const failed = [{ table: target, sha256: stage.batch.sha256, rows: stage.rows, checks, whole }];
  const choices = choicesOf(failed);
  const until = '2026-12-31T00:00:00.000Z';
  await run.hold(load.open, { loadKey: load.open.loadKey, failed, choices, until, then: 'reject' });
  return { run, load, table, held: { failed, choices, request } };
}

const givenTo = (failed: readonly FailedTable[], verdict: LoadVerdict): GivenVerdict => ({
  verdict,
  by: 'ann',
  reason: 'known fault',
  failed,
});
