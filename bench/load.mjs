// One load by Loadline, as a program starts it.
import { activityTimes, readHistory } from './history.mjs';
import { watchMemory } from './memory.mjs';
import { timed } from './stats.mjs';

const dayMs = 86_400_000;
let day = Date.UTC(2026, 0, 1);

/** A load of one file by a contract of `bench.events`; each call is another day, so that none is answered from the ledger. */
export function nextLoad(glob, into = 'events', store = 'files') {
  day += dayMs;
  const interval = { start: new Date(day).toISOString(), end: new Date(day + dayMs).toISOString() };
  return {
    pipeline: 'bench',
    into,
    mode: 'merge',
    from: { kind: 'files', store, glob },
    interval,
  };
}

/** Runs one load, from `client.start` to the receipt. */
export async function runLoad({ client, database }, worker, request) {
  const statements = await database.statements();
  const peak = watchMemory(worker.pid);
  const { ms, value } = await timed(async () => {
    const handle = await client.start(request);
    return { handle, receipt: await handle.result() };
  });
  const peakBytes = peak();
  const activities = activityTimes(await readHistory(client, value.handle));
  return { ms, receipt: value.receipt, peakBytes, activities, statements: await statements() };
}
