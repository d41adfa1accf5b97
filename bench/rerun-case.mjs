// An applied load that is started again; its file is the one that was loaded.
import { nextLoad, runLoad } from './load.mjs';
import { medians, partsText, spread } from './stats.mjs';
import { startWorker } from './worker.mjs';

/** Runs a case of kind `rerun`. */
export async function runRerunCase(bench, { file, pairs: runs }) {
  const { glob } = await bench.files.get(file, bench.rows);
  await bench.database.makeTable('events', false);
  const worker = await startWorker(bench.stack.temporal);
  const again = [];
  try {
    const request = nextLoad(glob);
    await runLoad(bench, worker, request);
    for (let run = 0; run < runs; run++) {
      const { ms, activities, receipt } = await runLoad(bench, worker, request);
      if (receipt.outcome !== 'already-loaded') throw new Error(`The second run says ${receipt.outcome}.`);
      again.push({ ms, activityMs: Object.values(activities).reduce((a, b) => a + b, 0), activities });
    }
  } finally {
    await worker.stop();
  }
  const activities = medians(again.map((run) => run.activities));
  const activityMs = spread(again.map((run) => run.activityMs));
  bench.say(`  ${Math.round(activityMs.median)} ms of activity time: ${partsText(activities)}`);
  return { rows: bench.rows, loadline: { ms: spread(again.map(({ ms }) => ms)), activities }, activityMs };
}
