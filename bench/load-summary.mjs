// The figures of a load case.
import { medians, megabytes, spread } from './stats.mjs';
import { ratios } from './turns.mjs';

/** `floors` and `loads` are the runs, round by round. */
export function loadSummary({ rows, chosen, worker, basePeakBytes, floors, loads }) {
  const { ranking, ways, variant, way } = chosen;
  const peak = Math.max(...loads.map(({ peakBytes }) => peakBytes));
  return {
    rows,
    ratio: spread(ratios(loads, floors)),
    floor: {
      variant: variant.name,
      way: way.name,
      ms: spread(floors.map(({ ms }) => ms)),
      parts: medians(floors.map(({ parts }) => parts)),
    },
    loadline: {
      ms: spread(loads.map(({ ms }) => ms)),
      activities: medians(loads.map(withRest)),
      statements: medians(loads.map(({ statements }) => statements)),
    },
    peakMb: megabytes(Math.max(worker.startPeakBytes, peak)),
    startPeakMb: megabytes(worker.startPeakBytes),
    ...(basePeakBytes && { basePeakMb: megabytes(basePeakBytes), memoryRatio: peak / basePeakBytes }),
    receipt: loads[0].receipt.tables[0],
    ranking: timesOf(ranking),
    ways: timesOf(ways),
    runs: {
      floor: floors,
      loadline: loads.map(({ ms, peakBytes, activities, statements }) => ({ ms, peakBytes, activities, statements })),
    },
  };
}

/** With what lies outside of the activities: the client, workflow tasks. */
function withRest({ ms, activities }) {
  return { ...activities, rest: ms - Object.values(activities).reduce((a, b) => a + b, 0) };
}

const timesOf = (list) => Object.fromEntries(list.map(({ name, ms }) => [name, ms && Math.round(ms)]));
