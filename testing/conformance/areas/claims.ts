import assert from 'node:assert/strict';
import type { LoadRequest, OpenLoad } from '../../../workflows/contract';
import { isLoadError, loadErrorOf } from '../../../workflows/load-error';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { expectFailure, until } from '../support/expect';
import type { Ground } from '../support/ground';
import type { Run } from '../support/run';
import type { TestTable } from '../support/table';

// Long beside a statement: whoever renews it should not fall behind.
const briefLeaseMs = 1_500;

/** Who may publish a load key: one, and the newest. */
export function claims(suite: Suite): void {
  const test = suite.test.bind(suite, 'claims');
  suite.area('claims and fences', () => {
    test('a live claim of another workflow is LoadInProgress, and asking changes nothing', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const one = ground.run();
      const load = await one.ready(request);
      const failure = await expectFailure(ground.run().open(request), 'LoadInProgress');
      assert.equal((failure as { nonRetryable?: boolean }).nonRetryable, false);
      assert.equal((await one.publish(load)).outcome, 'loaded');
      assert.equal(await table.text(), '1:a');
    });

    test('of 8 workflows that claim at once one wins, and the others are told', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const runs = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => ground.run(i % 2 ? {} : { warehouse: await ground.another() })),
      );
      const opened = await Promise.allSettled(runs.map((run) => run.open(request)));
      const won = opened.flatMap((o, i) => (o.status === 'fulfilled' ? [{ run: runs[i]!, open: o.value }] : []));
      const lost = opened.flatMap((o) => (o.status === 'rejected' ? [loadErrorOf(o.reason)?.type] : []));
      assert.deepEqual(lost, Array(7).fill('LoadInProgress'));
      const [{ run, open }] = won as [{ run: Run; open: OpenLoad }];
      assert.equal((await run.publish(await run.staged(open))).outcome, 'loaded');
      assert.equal(await table.text(), '1:a');
    });

    test('8 attempts of one workflow have a fence each, and only the newest publishes', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,', '2,b,'], { day: 1 });
      const runs = Array.from({ length: 8 }, (_, i) => ground.run({ workflowId: table.name, runId: `r${i}` }));
      const opened = await Promise.allSettled(runs.map((run) => run.open(request)));
      const held = opened.flatMap((o, i) => (o.status === 'fulfilled' ? [{ run: runs[i]!, open: o.value }] : []));
      for (const o of opened) if (o.status === 'rejected') assert.ok(isLoadError(o.reason, 'Fenced'), String(o.reason));
      assert.equal(new Set(held.map(({ open }) => open.fence)).size, held.length);
      const ready = await Promise.all(held.map(async ({ run, open }) => ({ run, load: await run.staged(open) })));
      const published = await Promise.allSettled(ready.map(({ run, load }) => run.publish(load)));
      const outcomes = published.map((p) =>
        p.status === 'fulfilled' ? p.value.outcome : (loadErrorOf(p.reason)?.type ?? String(p.reason)),
      );
      assert.equal(outcomes.filter((o) => o === 'loaded').length, 1, outcomes.join(', '));
      assert.ok(outcomes.every((o) => ['loaded', 'already-loaded', 'Fenced'].includes(o)), outcomes.join(', ')); // prettier-ignore
      assert.equal(await table.text(), '1:a 2:b');
    });

    test('a claim whose lease is over goes to whoever asks, and the late attempt is Fenced', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const { late, load } = await frozen(ground, table, request);
      const newer = ground.run();
      const next = await newer.ready(request);
      assert.ok(next.open.fence > load.open.fence);
      assert.equal(await late.warehouse.renew(load.open), false);
      await expectFailure(late.publish(load), 'Fenced');
      assert.equal(await table.text(), '');
      assert.equal((await newer.publish(next)).outcome, 'loaded');
      assert.equal(await table.text(), '1:a');
    });

    test('a late attempt of a load that another has applied gets its receipt and writes nothing', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const { late, load } = await frozen(ground, table, request);
      const applied = await carry(ground.run(), request);
      const answer = await late.publish(load);
      assert.deepEqual({ ...answer, outcome: 'loaded' }, applied);
      assert.equal(answer.outcome, 'already-loaded');
      assert.equal(await table.text(), '1:a');
    });

    test('a claim is renewed by whoever holds its fence', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const { late, load } = await frozen(ground, table, request);
      assert.equal(await ground.warehouse.renew(load.open), true);
      await expectFailure(ground.run().open(request), 'LoadInProgress');
      assert.equal((await late.publish(load)).outcome, 'loaded');
    });

    test('an open that is tried again keeps its claim', async (ground) => {
      const request = ground.table().csv('append', ['1,a,'], { day: 1 });
      const [one, again] = [1, 2].map((attempt) => ground.run({ workflowId: 'tried again', attempt }));
      const [first, second] = [await one!.open(request), await again!.open(request)];
      assert.deepEqual([second.fence, second.loadId], [first.fence, first.loadId]);
    });

    test('an abandoned load is Fenced, and the next need not wait for its lease', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const one = ground.run();
      const load = await one.ready(request);
      await ground.warehouse.abandon(load.open.loadKey);
      await expectFailure(one.publish(load), 'Fenced');
      assert.equal(await table.text(), '');
      assert.equal((await carry(ground.run(), request)).outcome, 'loaded');
      await expectFailure(ground.warehouse.abandon(load.open.loadKey), 'LoadStillApplied');
    });

    test('a load that was given up cannot publish any more, and giving it up twice harms nobody', async (ground) => {
      const table = ground.table();
      const request = table.csv('append', ['1,a,'], { day: 1 });
      const [one, two] = [ground.run(), ground.run()];
      const first = await one.ready(request);
      await one.discard(first.open);
      await expectFailure(one.publish(first), 'Fenced', 'StageLost');
      const second = await two.ready(request);
      await one.discard(first.open);
      assert.equal((await two.publish(second)).outcome, 'loaded');
      await two.discard(second.open);
      assert.equal((await ground.warehouse.summary(first.open.loadKey))?.state, 'applied');
    });
  });
}

/** A load in the hands of a process that has stopped: its lease ends, and nobody renews it. */
async function frozen(ground: Ground, table: TestTable, request: LoadRequest) {
  const brief = ground.run({ warehouse: await ground.another({ claimLeaseMs: briefLeaseMs }) });
  const load = await brief.ready(request);
  // A renewal that was on its way may still arrive.
  const isOver = async (): Promise<boolean> => (await ground.warehouse.summary(load.open.loadKey))?.live === false;
  await until(`the lease of ${table.name} to end`, async () => (await isOver()) && (await isOver()));
  // With the usual lease: no renewal finds the newer fence before publish does.
  const late = ground.run({ workflowId: brief.workflowId, runId: brief.runId });
  return { late, load };
}
