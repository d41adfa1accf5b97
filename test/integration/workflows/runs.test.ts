import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { createClient } from '../../../client';
import type { LoadReceipt } from '../../../workflows/contract';
import { loadErrorOf } from '../../../workflows/load-error';
import { activitiesOf, fetchHistory, stepsOf } from '../support/history';
import { commitGate, makeGate, publishGate, stageGate, type Gate } from '../support/gate';
import { openLab, type Lab } from '../support/lab';
import { expectBalanced } from '../support/receipts';
import { dayOf, raw } from '../support/source';
import { services } from '../../services/services';

let lab: Lab;
let gate: Gate;
beforeAll(async () => {
  lab = await openLab('runs');
  gate = await makeGate(lab);
});
afterEach(() => gate.open());
afterAll(async () => {
  await gate.end();
  await lab.stop();
});

const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

/** A table with one row to load, and the request for it. */
async function prepare(name: string, table: string, more: object = {}) {
  await lab.rows(table);
  const into = lab.contract({ name, columns, key: ['id'] });
  await lab.file(`${name}/a.csv`, 'id,name\n1,a\n2,b\n');
  return {
    pipeline: name,
    into,
    mode: 'merge',
    from: raw(`${name}/*.csv`),
    interval: dayOf('2026-01-01'),
    ...more,
  } as const;
}
const id = (name: string): string => `${name}-${randomUUID()}`;
const steps = async (handle: WorkflowHandle): Promise<string> =>
  stepsOf(await fetchHistory(lab.client, handle.workflowId));
const count = async (table: string): Promise<number> =>
  (await lab.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]!.n;
const cancelled = { cause: { name: 'CancelledFailure' } };
const claimOf = async (name: string) =>
  (
    await lab.rows(`SELECT state, workflow_id, lease_until > now() AS live FROM _loadline.claims WHERE pipeline = $1`, [
      name,
    ])
  )[0];

describe('a cancel', () => {
  test.each([
    ['while rows are staged', 'openLoad extract stage discard settle', stageGate],
    ['while rows are published', 'openLoad extract stage audit publish discard settle', publishGate],
  ])('%s leaves nothing and frees the key', async (what, expected, table) => {
    const name = what.replaceAll(/\W/g, '_');
    const request = await prepare(name, table(name));
    await gate.close();
    const handle = await lab.start('loadTable', [request], { workflowId: id(name) });
    await gate.waiting();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject(cancelled);
    expect(await steps(handle)).toBe(expected);
    expect(await count(name)).toBe(0);
    expect(await lab.leftStages()).toEqual([]);
    expect(await claimOf(name)).toEqual({ state: 'open', workflow_id: null, live: false });
    expect(await progressOf(handle)).toMatchObject([{ step: 'failed', detail: 'LoadCancelled' }]);

    await gate.open();
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
  });

  test('that comes once the commit is under way does not take the receipt away', async () => {
    const request = await prepare('committing', commitGate('committing'));
    await gate.close();
    const handle = await lab.start('loadTable', [request], { workflowId: id('committing') });
    await gate.waiting();
    await handle.cancel();
    // Long enough for the cancellation to reach the activity.
    await sleep(4_000);
    await gate.open();
    expect(await handle.result()).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 2 }] });
    expect(await count('committing')).toBe(2);
  });

  test('of a run that waits for another ends it, and leaves the other alone', async () => {
    const request = await prepare('queued', stageGate('queued'));
    await gate.close();
    const first = await lab.start('loadTable', [request], { workflowId: id('queued') });
    await gate.waiting();
    const second = await lab.start('loadTable', [request], { workflowId: id('queued') });
    await untilPending(second, first.workflowId);
    await second.cancel();
    await expect(second.result()).rejects.toMatchObject(cancelled);
    await gate.open();
    expect(await first.result()).toMatchObject({ outcome: 'loaded' });
  });
});

describe('two runs of one load', () => {
  test('under two workflow ids: the second waits, says for whom, and gets the receipt of the first', async () => {
    const request = await prepare('twice', stageGate('twice'));
    await gate.close();
    const first = await lab.start('loadTable', [request], { workflowId: id('twice') });
    await gate.waiting();
    const second = await lab.start('loadTable', [request], { workflowId: id('twice') });
    expect(await untilPending(second, first.workflowId)).toMatch(/Another workflow is loading this key/);
    await gate.open();
    const [a, b] = (await Promise.all([first.result(), second.result()])) as [LoadReceipt, LoadReceipt];
    expect(a.outcome).toBe('loaded');
    expect(b).toEqual({ ...a, outcome: 'already-loaded' });
    expect(await count('twice')).toBe(2);
    expect(await count("_loadline.ledger l WHERE pipeline = 'twice'")).toBe(1);
  });

  test('a run that was terminated is taken over at once by the next of its id', async () => {
    const request = await prepare('terminated', stageGate('terminated'));
    await gate.close();
    const workflowId = id('terminated');
    const first = await lab.start('loadTable', [request], { workflowId });
    await gate.waiting();
    await first.terminate('the test');
    const second = await lab.start('loadTable', [request], { workflowId });
    await gate.waiting(2);
    await gate.open();
    const receipt = (await second.result()) as LoadReceipt;
    expect(receipt).toMatchObject({ outcome: 'loaded', fence: 2, generation: 1, tables: [{ inserted: 2 }] });
    expect(await count('terminated')).toBe(2);
    await until(async () => (await lab.leftStages()).length === 0);
  });

  test('by the client meet in one workflow, whose id is the load key', async () => {
    const request = await prepare('met', stageGate('met'));
    await gate.close();
    const client = await createClient(
      { ...lab.config, taskQueue: lab.taskQueue },
      { address: services().temporalAddress },
    );
    try {
      expect(await client.plan(request)).toMatchObject({ outcome: 'would-load', files: [{ path: 'met/a.csv' }] });
      const [a, b] = await Promise.all([client.start(request), client.start(request)]);
      expect([a.workflowId, b.workflowId, b.runId]).toEqual([a.loadKey, a.loadKey, a.runId]);
      await gate.waiting();
      expect(await client.plan(request)).toMatchObject({
        outcome: 'in-progress',
        reason: expect.stringContaining(a.workflowId) as string,
      });
      await gate.open();
      expect(await b.result()).toMatchObject({ outcome: 'loaded', workflowId: a.loadKey });
      const described = await a.describe();
      expect(await described.staticSummary()).toBe('merge met from raw:met/*.csv');
      expect((await client.start(request).then((h) => h.result())).outcome).toBe('already-loaded');
    } finally {
      await client.close();
    }
  });
});

test('a pipeline runs several loads beside each other, and a child workflow as well', async () => {
  const requests: unknown[] = [];
  for (const n of [1, 2, 3])
    requests.push(await prepare(`beside_${n}`, `CREATE TABLE beside_${n} (id integer, name text)`));
  const handle = await lab.start('loadBeside', [requests]);
  await until(async () => ((await progressOf(handle)) ?? []).filter((p) => p.step === 'done').length === 3);
  const details = await detailsOf(handle);
  for (const n of [1, 2, 3]) expect(details).toMatch(new RegExp(`### ✓ loaded: .*public.beside_${n}.\\n`));
  const described = await handle.describe();
  expect([...(described.searchAttributes['LoadlineTarget'] as string[])].sort()).toEqual(
    [1, 2, 3].map((n) => expect.stringMatching(`beside_${n}$`) as string),
  );
  await handle.signal('finish');
  const receipts = (await handle.result()) as LoadReceipt[];
  expect(receipts.map((r) => [r.outcome, expectBalanced(r).tables[0]!.inserted])).toEqual(
    [1, 2, 3].map(() => ['loaded', 2]),
  );
  expect((await lab.run<LoadReceipt>('loadInChild', [requests[0]])).outcome).toBe('already-loaded');
  const inTurn = await lab.run<LoadReceipt[]>('loadInTurn', [[requests[0], requests[1]]]);
  expect(inTurn.map((r) => r.outcome)).toEqual(['already-loaded', 'already-loaded']);
});

test('a pipeline can live with files that are not there', async () => {
  const request = await prepare('absent', 'CREATE TABLE absent (id integer, name text)', {
    from: raw('absent/not-*.csv'),
  });
  expect(await lab.run('loadIfThere', [request])).toBe('nothing there');
});

describe('what Temporal shows of a load', () => {
  test('is its step, its details, its summaries and its search attributes', async () => {
    const request = await prepare('shown', stageGate('shown'));
    await gate.close();
    const handle = await lab.start('loadThenWait', [request]);
    await gate.waiting();
    const target = expect.stringMatching(/^runs_[0-9a-f]+\.public\.shown$/) as string;
    expect(await progressOf(handle)).toEqual([
      {
        loadKey: expect.stringContaining('v1/shown/') as string,
        targets: [target],
        step: 'stage',
        detail: '1 file, 16 B',
      },
    ]);
    expect(await detailsOf(handle)).toMatch(
      /^### ▸ stage: `runs_\w+\.public\.shown`\n\n1 file, 16 B\n\nLoad key `v1\/shown\/.*2026-01-01..2026-01-02`$/,
    );
    const during = (await handle.describe()).searchAttributes;
    expect(during).toMatchObject({ LoadlinePipeline: ['shown'], LoadlineTarget: [target] });
    expect(during).not.toHaveProperty('LoadlineOutcome');
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    expect(pending?.activityType?.name).toBe('loadline.stage');

    await gate.open();
    await until(async () => (await progressOf(handle))?.[0]?.step === 'done');
    expect((await progressOf(handle))?.[0]).toMatchObject({
      outcome: 'loaded',
      detail: expect.stringMatching(/^2 read, 2 inserted$/) as string,
    });
    expect(await detailsOf(handle)).toMatch(/^### ✓ loaded: .*\n\n- \*\*2\*\* read\n- \*\*2\*\* inserted\n\nLoad key /);
    expect((await handle.describe()).searchAttributes).toMatchObject({ LoadlineOutcome: ['loaded'] });
    const ran = activitiesOf(await fetchHistory(lab.client, handle.workflowId));
    expect(ran.map((a) => a.summary.replaceAll(/runs_\w+?\./g, 'db.'))).toEqual([
      'Open shown',
      'Extract raw:shown/*.csv',
      'Stage 1 file, 16 B for db.public.shown',
      'Audit 2 rows against contract shown',
      'Publish 2 rows to db.public.shown',
    ]);
    await handle.signal('finish');
    await handle.result();
  });

  test('of one that failed is the code, the sentence and the remedy, and in the outcome that it failed', async () => {
    const request = await prepare('broken', 'CREATE TABLE broken (id integer, name text)');
    await lab.file('broken/a.csv', 'id,name\nx,a\n');
    const handle = await lab.start('loadTable', [request]);
    expect(loadErrorOf(await handle.result().catch((e: unknown) => e))?.type).toBe('InvalidValue');
    expect(await progressOf(handle)).toMatchObject([
      {
        step: 'failed',
        detail: expect.stringMatching(/^InvalidValue: A value does not fit .* Correct the value/) as string,
      },
    ]);
    expect((await handle.describe()).searchAttributes).toMatchObject({ LoadlineOutcome: ['failed'] });
  });
});

interface Progress {
  readonly step: string;
  readonly detail: string;
  readonly outcome?: string;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it never came true');
}

async function progressOf(handle: WorkflowHandle): Promise<Progress[] | undefined> {
  return handle.query<Progress[]>('loadProgress').catch(() => undefined);
}

async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

/** Waits until a run's pending activity has failed for a reason that names another workflow; resolves to the reason. */
async function untilPending(handle: WorkflowHandle, names: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    const message = pending?.lastFailure?.message ?? '';
    if (message.includes(names)) return message;
    await sleep(50);
  }
  throw new Error(`${handle.workflowId} does not wait for ${names}`);
}
