import { openScenario, type Scenario, type StartedLoad } from './support/scenario';
import type { CrashMode } from './support/tables';
import { phaseOf, type Phase } from './support/phase';
import { seeded } from './support/seeded';
import { until } from './support/until';
import type { WorkerProcess } from './support/worker-process';

jest.setTimeout(660_000);

const moments = 30;
const inFlight = 8;
const rowsPerLoad = 30_000;
const wanted = { betweenStageAndCommit: 20, insidePublish: 5 };

const modes: readonly CrashMode[] = ['append', 'merge', 'replace-partition'];

test('whenever a worker process is killed, every load is in its table exactly once', async () => {
  const random = seeded();
  const scenario = await openScenario('random kills');
  try {
    const { loads, phases } = await killAtRandom(scenario, random.next);
    report(random.seed, phases);
    expect(phases.length).toBeGreaterThanOrEqual(moments);
    expect(counts(phases)).toEqual({
      betweenStageAndCommit: expect.toBeAtLeast(wanted.betweenStageAndCommit),
      insidePublish: expect.toBeAtLeast(wanted.insidePublish),
    });
    const worker = await scenario.worker();
    for (const load of loads) expect((await load.result()).outcome).toBe('loaded');
    await worker.stop();
    await scenario.expectExactlyOnce(loads);
  } finally {
    await scenario.stop();
  }
});

/** Kills one of two workers again and again, while there are always loads on their way. */
async function killAtRandom(
  scenario: Scenario,
  random: () => number,
): Promise<{ loads: StartedLoad[]; phases: Phase[][] }> {
  const loads: StartedLoad[] = [];
  const finished = new Set<StartedLoad>();
  const phases: Phase[][] = [];
  const workers: WorkerProcess[] = [await scenario.worker(), await scenario.worker()];
  // A load that is in none of the wanted phases at so many moments needs more of them, never other ones.
  while (phases.length < moments || (phases.length < 3 * moments && !enough(phases))) {
    while (loads.length - finished.size < inFlight) {
      const load = await scenario.start(await scenario.day(modes[loads.length % modes.length]!, rowsPerLoad));
      loads.push(load);
      void load.result().then(
        () => finished.add(load),
        () => undefined,
      );
    }
    const victim = workers.shift()!;
    await until('a worker at work', () => victim.lines().some((l) => l.kind === 'statement'));
    await new Promise((done) => setTimeout(done, random() * 2_000));
    victim.signal('SIGKILL');
    await victim.exited;
    phases.push(phaseOf(victim.lines()));
    workers.push(await scenario.worker());
  }
  return { loads, phases };
}

function counts(phases: readonly Phase[][]): typeof wanted {
  const all = phases.flat();
  return {
    betweenStageAndCommit: all.filter((p) => p.betweenStageAndCommit).length,
    insidePublish: all.filter((p) => p.insidePublish).length,
  };
}

const enough = (phases: readonly Phase[][]): boolean =>
  counts(phases).betweenStageAndCommit >= wanted.betweenStageAndCommit &&
  counts(phases).insidePublish >= wanted.insidePublish;

/** Printed whether the test passes or not: what was killed, and where. */
function report(seed: number, phases: readonly Phase[][]): void {
  const lines = phases.map(
    (loads, i) => `kill ${i + 1}: ${loads.map((p) => p.text).join(' · ') || 'between two activities'}`,
  );
  const { betweenStageAndCommit, insidePublish } = counts(phases);
  const sum = `${phases.length} kills; ${betweenStageAndCommit} loads hit between their first staged byte and COMMIT, ${insidePublish} of them inside publish`;
  process.stderr.write(`\nseed ${seed} (again: LOADLINE_CRASH_SEED=${seed})\n${lines.join('\n')}\n${sum}\n`);
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    interface Expect {
      toBeAtLeast(least: number): unknown;
    }
    interface Matchers<R> {
      toBeAtLeast(least: number): R;
    }
  }
}
expect.extend({
  toBeAtLeast: (got: number, least: number) => ({
    pass: got >= least,
    message: () => `expected at least ${least}, got ${got}`,
  }),
});
