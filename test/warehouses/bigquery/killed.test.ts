import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { raw, sql } from '../../../activities/warehouses/sql/port';
import { clearStandinFaults, standinFault, standinJobs } from '../../services/bigquery/standin-client';
import { bulk, removeBatches } from './batches';
import type { WorkerTask } from './killed-worker';
import { openTestBackend, type TestBackend } from './support';

let backend: TestBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterEach(clearStandinFaults);
afterAll(removeBatches);

const jiti = join(require.resolve('jiti'), '..', '..', 'lib', 'jiti-cli.mjs');

function worker(task: Omit<WorkerTask, 'config'>): ChildProcess {
  const given = JSON.stringify({ config: backend.config, ...task });
  return spawn(process.execPath, [jiti, join(__dirname, 'killed-worker.ts'), given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills a worker as soon as something is seen of what it does. */
async function killOnce(child: ChildProcess, seen: () => Promise<boolean>): Promise<void> {
  while (!(await seen())) {
    if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode} before it could be killed`);
    await sleep(5);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const jobsRun = (part: string, state: string) => async (): Promise<boolean> =>
  (await standinJobs(part)).some(({ status }) => status.state === state);

describe('A worker that is killed', () => {
  it('while its unit runs has done it, and its retry answers what was done', async () => {
    const unit = { ...backend.puts('killed running'), name: 'killed-running' };
    await standinFault({ match: 'POST .*/jobs .*killed running', action: 'slow', ms: 60_000 });
    await killOnce(worker({ unit }), jobsRun('killed-running', 'RUNNING'));
    const before = await backend.count();
    await clearStandinFaults();
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect([before, await backend.count()]).toEqual([0, 1]);
    expect(await standinJobs('killed-running')).toHaveLength(1);
  });

  it('after its unit has happened and before it knows has done it once', async () => {
    const unit = { ...backend.puts('killed done'), name: 'killed-done' };
    const before = await backend.count();
    // The worker asks and asks, and never hears.
    await standinFault({ match: 'GET .*killed-done', action: 'drop-before', times: 1_000 });
    await killOnce(worker({ unit }), jobsRun('killed-done', 'DONE'));
    await clearStandinFaults();
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect(await backend.count()).toBe(before + 1);
  });

  it('in the middle of a bulk load leaves the stage empty or full, and its retry fills it once', async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i},${'x'.repeat(100)}`);
    const content = `a,b\n${lines.join('\n')}\n`;
    for (const wait of [0, 150, 400]) {
      const input = await bulk(backend, { files: { '1.csv': content }, columns: { a: 'text', b: 'text' } });
      const { batch, context: _, ...rest } = input;
      const child = worker({ bulk: { ...rest, root: batch.store.root, manifest: batch.manifest } });
      const asked = Date.now();
      await killOnce(child, async () => Date.now() - asked > 900 + wait);
      const staged = await backend.count(raw(input.stage));
      expect([0, lines.length]).toContain(staged);
      expect(await backend.bulkLoad(input)).toBe(lines.length);
      const distinct = sql`SELECT COUNT(DISTINCT a) AS n FROM ${raw(input.stage)}`;
      expect(await backend.rows('distinct', distinct)).toEqual([{ n: lines.length }]);
    }
  });
});
