import { watchLoad } from '../../../cli/watch-load';
import { terminalOf } from '../../../cli/terminal';
import { readInput } from '../../../cli/start-load';
import { requireWorker } from '../../../cli/polling-workers';
import { failureOf, project, removeProjects } from '../config/project';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

afterEach(removeProjects);

const silent = terminalOf(
  { stdout: { write: () => true }, stderr: { write: () => true } },
  { json: true, verbose: false },
);
const times = { startTime: new Date(1000), closeTime: new Date(3500) } as WorkflowExecutionDescription;
/** A client without a server. */
const client = { withAbortSignal: (_: unknown, body: () => unknown) => body() } as unknown as Client;
const running = (result: Promise<unknown>) => ({
  workflowId: 'w',
  runId: 'r',
  result: () => result,
  describe: () => Promise.resolve(times),
  held: () => Promise.resolve([]),
});

test('waiting ends with the result and how long the workflow took', async () => {
  expect(await watchLoad(running(Promise.resolve(7)), client, silent)).toEqual({ result: 7, elapsedMs: 2500 });
});

test('waiting ends with the failure of the workflow', async () => {
  await expect(watchLoad(running(Promise.reject(new Error('lost'))), client, silent)).rejects.toThrow('lost');
});

test('Ctrl-C ends the waiting, also where npm passes it on, and leaves no listener behind', async () => {
  const listeners = process.listenerCount('SIGINT');
  const end = watchLoad(running(new Promise(() => undefined)), client, silent);
  process.emit('SIGINT');
  expect(await end).toBe('interrupted');
  // Nobody who listens would mean the end of the process, before it has said that the load goes on.
  expect(process.emit('SIGINT')).toBe(true);
  while (process.listenerCount('SIGINT') > listeners) await new Promise((resolve) => setTimeout(resolve, 20));
});

test('the input of a workflow is JSON, or a file that holds it', () => {
  const dir = project({ 'input.json': '{"day":"2026-11-22"}' });
  expect(readInput(`@${dir}/input.json`)).toEqual([{ day: '2026-11-22' }]);
  expect([readInput('[1]'), readInput(undefined)]).toEqual([[[1]], []]);
  expect(() => readInput('{day}')).toThrow('--input is not JSON');
  expect(() => readInput('@/nowhere.json')).toThrow('ENOENT');
});

const polled = (secondsAgo: number[]): Client => {
  const pollers = secondsAgo.map((ago) => ({ lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - ago } }));
  return {
    options: { namespace: 'default' },
    workflowService: { describeTaskQueue: () => Promise.resolve({ pollers }) },
  } as unknown as Client;
};

test('a load is started only where a worker has polled of late', async () => {
  await requireWorker(polled([500, 3]), 'q', 0);
  const failure = await failureOf(() => requireWorker(polled([500]), 'q', 0));
  expect(failure.type).toBe('NoWorker');
  expect(failure.message).toMatch(/task queue q.*--detach/);
});
