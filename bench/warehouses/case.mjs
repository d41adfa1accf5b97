// Loads into the stand-ins of cloud warehouses, in turn with their own bulk load and merge by hand.
import { nextLoad, runLoad } from '../load.mjs';
import { megabytes, medians, partsText, spread } from '../stats.mjs';
import { ratios, takeTurns } from '../turns.mjs';
import { startWorker } from '../worker.mjs';

/** Runs a case of kind `warehouse`. */
export async function runWarehouseCase(bench, { warehouse: kind, file, pairs }) {
  const { rows, say } = bench;
  const place = bench.standins.get(kind);
  const data = await bench.files.get(file, rows);
  const worker = await startWorker(bench.stack.temporal);
  let content;
  const check = (table) => async () => {
    const got = await place.fingerprint(table);
    content ??= got;
    if (got !== content) throw new Error(`One table has ${content}, the other ${got}.`);
  };
  try {
    const sides = [
      {
        name: 'floor',
        prepare: () => place.drop('floor_target'),
        run: () => place.floor(data.path),
        check: check('floor_target'),
      },
      {
        name: 'Loadline',
        prepare: () => place.drop('events'),
        run: () => runLoad(bench, worker, nextLoad(data.glob, `${kind}-events`)),
        check: check('events'),
      },
    ];
    await takeTurns(1, sides);
    const runs = await takeTurns(pairs, sides, (round, { name }, run) =>
      say(`  ${round}: ${name} ${(run.ms / 1000).toFixed(2)} s (${partsText(run.parts ?? run.activities)})`),
    );
    return summary(rows, worker, runs);
  } finally {
    await worker.stop();
  }
}

function summary(rows, worker, { floor, Loadline: loads }) {
  return {
    rows,
    ratio: spread(ratios(loads, floor)),
    floor: { ms: spread(floor.map(({ ms }) => ms)), parts: medians(floor.map(({ parts }) => parts)) },
    loadline: {
      ms: spread(loads.map(({ ms }) => ms)),
      activities: medians(loads.map(({ activities }) => activities)),
    },
    peakMb: megabytes(Math.max(worker.startPeakBytes, ...loads.map(({ peakBytes }) => peakBytes))),
    runs: { floor, loadline: loads.map(({ ms, peakBytes, activities }) => ({ ms, peakBytes, activities })) },
  };
}
