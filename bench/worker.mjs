// Loadline as in production: a worker in a process of its own, and a client here that starts loads.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { timed } from './floor.mjs';
import { peakOf, watchMemory } from './memory.mjs';

const configFile = fileURLToPath(new URL('loadline.config.mjs', import.meta.url));
const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** Starts `loadline worker`; resolves when it polls. */
export async function startWorker({ address, namespace }) {
  const args = [cli, 'worker', '--config', configFile, '--address', address, '--namespace', namespace];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let told = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      told = (told + chunk).slice(-10_000);
      if (told.includes('polling')) resolve();
      else if (/\b(WARN|ERROR)\b/.test(String(chunk))) process.stderr.write(chunk);
    });
    void exited.then((code) => reject(new Error(`The worker ended with ${code}:\n${told}`)));
  });
  return {
    pid: child.pid,
    /** Of its start, bundling included. */
    startPeakBytes: peakOf(child.pid),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

let day = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

/** A load of one file into `bench.events`; each call is another day, so that none is answered from the ledger. */
export function nextLoad(file) {
  day += dayMs;
  const interval = { start: new Date(day).toISOString(), end: new Date(day + dayMs).toISOString() };
  return {
    pipeline: 'bench',
    into: 'events',
    mode: 'merge',
    from: { kind: 'files', store: 'files', glob: file },
    interval,
  };
}

/** Runs one load, from `client.start` to the receipt. */
export async function runLoad({ client, worker, database }, request) {
  const statements = await database.statements();
  const peak = watchMemory(worker.pid);
  const { ms, value } = await timed(async () => {
    const handle = await client.start(request);
    return { handle, receipt: await handle.result() };
  });
  const peakBytes = peak();
  const { workflowId, runId } = value.handle;
  const activities = await activityTimes(client.temporal, workflowId, runId);
  return { ms, receipt: value.receipt, peakBytes, activities, statements: await statements() };
}

/** Milliseconds of each activity from being scheduled to being completed, by the server's clock. */
async function activityTimes(temporal, workflowId, runId) {
  const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = new Map();
  const times = {};
  for (const event of events) {
    const begun = event.activityTaskScheduledEventAttributes;
    if (begun) scheduled.set(String(event.eventId), { name: begun.activityType.name, at: timeOf(event) });
    const done = event.activityTaskCompletedEventAttributes;
    if (!done) continue;
    const { name, at } = scheduled.get(String(done.scheduledEventId));
    const step = name.replace('loadline.', '');
    times[step] = (times[step] ?? 0) + timeOf(event) - at;
  }
  return times;
}

const timeOf = ({ eventTime }) => Number(eventTime.seconds) * 1000 + (eventTime.nanos ?? 0) / 1e6;
