// What checks cost: Loadline by a contract with seven, in turn with Loadline by one without.
import { nextLoad, runLoad } from './load.mjs';
import { medians, megabytes, partsText, spread } from './stats.mjs';
import { ratios, takeTurns } from './turns.mjs';
import { startWorker } from './worker.mjs';

const checks = 7;

/** Runs a case of kind `checks`. */
export async function runChecksCase(bench, { file, pairs }) {
  const { database, rows, say } = bench;
  const { glob } = await bench.files.get(file, rows);
  const worker = await startWorker(bench.stack.temporal);
  const side = (name, contract, expected) => ({
    name,
    async prepare() {
      await database.makeTable('events', false);
      await database.settle();
    },
    run: () => runLoad(bench, worker, nextLoad(glob, contract)),
    check({ receipt: { tables } }) {
      const passed = tables[0].checks.filter(({ verdict }) => verdict === 'pass').length;
      if (passed < expected) throw new Error(`${passed} checks of ${contract} pass, where ${expected} should.`);
      if (tables[0].inserted !== rows) throw new Error(`${tables[0].inserted} rows came, where ${rows} should.`);
    },
  });
  const sides = [side('unchecked', 'events', 0), side('checked', 'checked', checks)];
  try {
    await takeTurns(1, sides);
    const { unchecked, checked } = await takeTurns(pairs, sides, (round, { name }, { ms, activities, peakBytes }) =>
      say(
        `  ${round}: ${name} ${(ms / 1000).toFixed(2)} s (${partsText(activities)}), peak ${megabytes(peakBytes)} MB`,
      ),
    );
    const peakMb = megabytes(Math.max(...checked.map(({ peakBytes }) => peakBytes)));
    return {
      rows,
      ratio: spread(ratios(checked, unchecked)),
      unchecked: figures(unchecked),
      loadline: figures(checked),
      peakMb,
    };
  } finally {
    await worker.stop();
    await database.dropTable('events');
  }
}

const figures = (runs) => ({
  ms: spread(runs.map(({ ms }) => ms)),
  activities: medians(runs.map(({ activities }) => activities)),
  statements: medians(runs.map(({ statements }) => statements)),
});
