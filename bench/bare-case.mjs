// Loadline against the same activities on the bare SDK, each in a worker of its own.
import { performance } from 'node:perf_hooks';
import { bareTaskQueue } from './bare/task-queue.mjs';
import { profileOf, readHistory } from './history.mjs';
import { nextLoad } from './load.mjs';
import { watchMemory } from './memory.mjs';
import { medians, megabytes, spread, timed } from './stats.mjs';
import { ratios, takeTurns } from './turns.mjs';
import { startBareWorker, startWorker } from './worker.mjs';

const small = { files: 200, rows: 100 };
let runs = 0;

/** Ways to start a load; each resolves to a handle. */
const starts = {
  bare: ({ client }, request) => start(client, 'bareLoad', bareTaskQueue, request),
  steps: ({ client, config }, request) => start(client, 'loadTable', config.taskQueue, request),
  client: ({ client }, request) => client.start(request),
};

function start({ temporal }, type, taskQueue, request) {
  return temporal.workflow
    .start(type, { taskQueue, workflowId: `${type}/${++runs}/${request.interval.start}`, args: [request] })
    .then((handle) => ({ ...handle, runId: handle.firstExecutionRunId, result: () => handle.result() }));
}

async function withWorkers({ stack }, work) {
  const workers = await Promise.all([startBareWorker(stack.temporal), startWorker(stack.temporal)]);
  try {
    return await work(workers[1]);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Runs a case of kind `steps`: one tiny load at a time, by each way of starting it. */
export async function runStepsCase(bench, { pairs }) {
  const [glob] = await bench.files.getMany(small.files, small.rows);
  await bench.database.makeTable('events', false);
  const side = (name) => ({
    name,
    run: () =>
      timed(async () => {
        const handle = await starts[name](bench, nextLoad(glob));
        await handle.result();
        return handle;
      }),
    async check(run) {
      run.profile = profileOf(await readHistory(bench.client, run.value));
      delete run.value;
    },
  });
  const sides = Object.keys(starts).map(side);
  const taken = await withWorkers(bench, async () => {
    await takeTurns(5, sides);
    return takeTurns(pairs, sides);
  });
  const { bare, steps, client } = taken;
  bench.say(`  ratio of the steps ${spread(ratios(steps, bare)).median.toFixed(3)}`);
  return {
    ratio: spread(ratios(steps, bare)),
    bare: sideSummary(bare),
    loadline: sideSummary(steps),
    byClient: { ...sideSummary(client), ratio: spread(ratios(client, bare)) },
    runs: Object.fromEntries(Object.entries(taken).map(([name, list]) => [name, list.map(({ ms }) => ms)])),
  };
}

function sideSummary(list) {
  const profiles = list.map(({ profile }) => profile);
  const [{ counts, bytes, bytesByType }] = profiles;
  return {
    ms: spread(list.map(({ ms }) => ms)),
    history: { counts, bytes, bytesByType, ms: medians(profiles.map(({ ms }) => ms)) },
  };
}

/** Runs a case of kind `parallel`: many small loads, all started at once. */
export async function runParallelCase(bench, { loads, pairs }) {
  const globs = (await bench.files.getMany(small.files, small.rows)).slice(0, loads);
  const taken = await withWorkers(bench, async (worker) => {
    let expected;
    const side = (name) => ({
      name,
      async prepare() {
        await bench.database.makeTable('events', false);
        await bench.database.settle();
      },
      run: () => runAllAtOnce(bench, worker, name, globs),
      async check() {
        const got = await bench.database.fingerprint('events');
        expected ??= got;
        if (got !== expected) throw new Error(`By the bare SDK the table has ${expected}, by Loadline ${got}.`);
      },
    });
    const sides = ['bare', 'client'].map(side);
    for (const { name } of sides) await runAllAtOnce(bench, worker, name, globs.slice(0, 20));
    return takeTurns(pairs, sides, (round, { name }, { ms }) =>
      bench.say(`  ${round}: ${name} ${Math.round(ms)} ms, ${((loads / ms) * 1000).toFixed(1)} loads/s`),
    );
  });
  const { bare, client } = taken;
  return {
    rows: loads * small.rows,
    // Of the rates, so that more is better.
    ratio: spread(ratios(bare, client)),
    bare: { ms: spread(bare.map(({ ms }) => ms)) },
    loadline: { ms: spread(client.map(({ ms }) => ms)), startedMs: spread(client.map(({ startedMs }) => startedMs)) },
    peakMb: megabytes(Math.max(...client.map(({ peakBytes }) => peakBytes))),
    runs: taken,
  };
}

async function runAllAtOnce(bench, worker, name, globs) {
  const peak = watchMemory(worker.pid);
  const begun = performance.now();
  let startedMs = 0;
  const { ms } = await timed(() =>
    Promise.all(
      globs.map(async (glob) => {
        const handle = await starts[name](bench, nextLoad(glob));
        startedMs = performance.now() - begun;
        await handle.result();
      }),
    ),
  );
  return { ms, startedMs, peakBytes: peak() };
}
